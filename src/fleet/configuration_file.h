#ifndef FLEET_CONFIGURATION_FILE_H
#define FLEET_CONFIGURATION_FILE_H
/* Where ccc.ini lies, and reading it. */
#include "base/arguments.h"
#include "fleet/configuration.h"

/* Adds the places, the one that counts first: CCC_CONFIG alone where it names one (then *ret_named is true), else the
 * state directory's, $XDG_CONFIG_HOME's (else ~/.config's) and /etc's. */
void configuration_places(const char *state_directory, struct arguments *ret, bool *ret_named);

/* Takes what the first of them that is there says; none is fine. One that others can write, that belongs to somebody
 * else, that can't be read, or that was named and is not there, is a problem, and nothing of it is taken. */
void configuration_find_file(struct system *system, const char *state_directory, struct configuration *configuration);

/* The same of one file, which has to be there. */
void configuration_take_file(struct system *system, const char *path, struct configuration *configuration);
#endif
