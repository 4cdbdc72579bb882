#ifndef PROGRAMS_SSH_KEYGEN_H
#define PROGRAMS_SSH_KEYGEN_H
#include "base/arguments.h"

/* Appends the command that makes an ed25519 pair without a passphrase: `path` and
 * `path`.pub. It asks when the file exists, which without a terminal fails. */
void ssh_keygen_generate(const char *path, const char *comment, struct arguments *ret);

/* Appends the command that prints the public half of a private key without a passphrase. */
void ssh_keygen_public_half(const char *path, struct arguments *ret);
#endif
