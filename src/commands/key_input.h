#ifndef COMMANDS_KEY_INPUT_H
#define COMMANDS_KEY_INPUT_H
/* SSH keys on a command line: each a public key or the name of a file that holds one. */
#include "commands/command.h"

/* Reads every value of an option as "type base64" into a new array, which may be empty.
 * What is no key that a user may have, or is given twice, is ERROR_REFUSED. */
int key_input_read(struct session *session, const char *option, json_t **ret, struct error *err);
#endif
