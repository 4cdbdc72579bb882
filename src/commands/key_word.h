#ifndef COMMANDS_KEY_WORD_H
#define COMMANDS_KEY_WORD_H
/* A public key as people give it on a command line: the key itself, or a file that holds it. */
#include "commands/command.h"
#include "instance/ssh_public_key.h"

/* ERROR_REFUSED says what is wrong with the key or its file, and what to do. Released by the caller. */
int key_word_read(struct session *session, const char *word, struct ssh_public_key *ret, struct error *err);
#endif
