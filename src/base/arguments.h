#ifndef BASE_ARGUMENTS_H
#define BASE_ARGUMENTS_H
/* A growing NULL-terminated list of owned strings: argument and environment vectors. */
#include <stddef.h>

struct arguments {
	char **items; /* NULL-terminated once anything was added */
	size_t count;
};

#define ARGUMENTS_INIT { NULL, 0 }

void arguments_add(struct arguments *arguments, const char *item);
void arguments_addf(struct arguments *arguments, const char *format, ...) __attribute__((format(printf, 2, 3)));
const char *const *arguments_list(const struct arguments *arguments); /* never NULL; borrowed */
void arguments_release(struct arguments *arguments);

#define AUTO_ARGUMENTS __attribute__((cleanup(arguments_release)))
#endif
