#ifndef PROGRAMS_ENVIRONMENT_H
#define PROGRAMS_ENVIRONMENT_H
/*
 * The environment of the programs that we run (P5): an allow-list, so that the API
 * token, an agent's socket or whatever else lies around is not handed on.
 */
#include "base/arguments.h"

/* Appends to *ret those "NAME=value" of `environment` (NULL-terminated) that children may have. */
void environment_for_children(char *const *environment, struct arguments *ret);

/* The same of the program hcloud, which finds its context by it; never the token. */
void environment_for_hcloud(char *const *environment, struct arguments *ret);

/* Sets NAME in a list of "NAME=value", in place of an earlier value. */
void environment_set(struct arguments *environment, const char *name, const char *value);
#endif
