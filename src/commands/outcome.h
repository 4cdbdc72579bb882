#ifndef COMMANDS_OUTCOME_H
#define COMMANDS_OUTCOME_H
#include "commands/command.h"

/* Of an end that failed: who says what a person can do. */
#define OUTCOME_IN_ITS_WAY "'ccc fsck' says what is in its way"

/* How an instance ended that did not reach its goal, as the command's error, with
 * what to do next. Gives -1. */
int outcome_error(const char *id, enum outcome outcome, const struct error *why, const struct record *record,
		  struct error *err);

/* Works on the instances named and sums up: 0 when all reached their goal, else the
 * one error, or ERROR_PARTIAL of several. Those that another process holds are said. */
int outcome_run(struct session *session, char *const *ids, size_t count, struct error *err);

/* After outcome_run() failed for a change that the record has already: wraps the error with `what` and makes it
 * ERROR_PARTIAL, as `reap` goes on with it; an interrupted one stays so. Gives -1. */
int outcome_recorded(const char *what, struct error *err);

/* Puts what came of each into the output, after outcome_run(): with -o json an array, else a
 * sentence for each that reached its goal, by the facts of its record. `others` (or NULL) is an array of such that
 * were not worked on, for -o json. */
void outcome_print(struct session *session, char *const *ids, size_t count, const json_t *others);

/* One of those: a record that waits to be tried again. New reference. */
json_t *outcome_of_waiting(const struct record *record, int64_t now);

/* The engine brought this instance to its goal; false too when another process holds it. */
bool outcome_is_reached(const struct session *session, const char *id);
#endif
