#ifndef PROGRAMS_SSH_KEYGEN_H
#define PROGRAMS_SSH_KEYGEN_H
#include "base/arguments.h"
#include "base/error.h"

/* Appends the command that makes an ed25519 pair without a passphrase: `path` and
 * `path`.pub. It asks when the file exists, which without a terminal fails. */
void ssh_keygen_generate(const char *path, const char *comment, struct arguments *ret);

/* Appends the command that prints the public half of a private key without a passphrase. */
void ssh_keygen_public_half(const char *path, struct arguments *ret);

enum fingerprint_hash {
	FINGERPRINT_MD5,    /* "aa:bb:...", 16 bytes: how Hetzner's API names a key */
	FINGERPRINT_SHA256, /* "SHA256:..." as ssh shows it to people */
};

#define FINGERPRINT_SIZE 64

/* Appends the command that prints the fingerprint of a key file. */
void ssh_keygen_fingerprint(const char *path, enum fingerprint_hash hash, struct arguments *ret);

/* Reads the output of that command. */
int ssh_keygen_read_fingerprint(const char *output, enum fingerprint_hash hash, char ret[FINGERPRINT_SIZE],
				struct error *err);
#endif
