#ifndef FLEET_RUN_PROGRAM_H
#define FLEET_RUN_PROGRAM_H
#include "base/text.h"
#include "fleet/settings.h"
#include "system/lock.h"
#include "system/loop.h"

/* Runs a short program to its end, turning the loop meanwhile (at most 30 s). Its
 * standard output is appended to *output (or dropped, when NULL); another exit
 * status than 0 is an error that ends with its last lines. */
int run_program(struct loop *loop, const struct settings *settings, const char *const *argv, struct text *output,
		struct error *err);

/* The same of one that may take longer. */
int run_long_program(struct loop *loop, const struct settings *settings, const char *const *argv, int64_t deadline_ms,
		     struct text *output, struct error *err);

/* The same of one that is about an instance, and holds its lease until it has ended. */
int run_program_leased(struct loop *loop, const struct settings *settings, const char *const *argv,
		       const struct lock *lease, struct text *output, struct error *err);
#endif
