#ifndef INSTANCE_SSH_PUBLIC_KEY_H
#define INSTANCE_SSH_PUBLIC_KEY_H
/*
 * Which SSH public keys a user may hand over: ssh-ed25519, its hardware form
 * sk-ssh-ed25519@openssh.com, and ssh-rsa from 4096 bits. What gets through is
 * decoded and wholly understood, is one line of harmless characters, and carries
 * neither options nor a comment.
 */
#include <stddef.h>

#include "base/error.h"

#define SSH_PUBLIC_KEY_TEXT_MAXIMUM ((size_t)16384) /* bytes of a key's file */

struct ssh_public_key {
	char *line;       /* "type base64"; owned */
	const char *type; /* static */
	size_t bits;      /* 256, or those of the RSA modulus */
};

#define SSH_PUBLIC_KEY_INIT { NULL, NULL, 0 }

/* Reads the content of a .pub file or the same as an argument: one line, with blanks
 * around it and one line end allowed. Everything else is ERROR_REFUSED, with what was
 * seen and what to do; a private key is never repeated in the message. */
int ssh_public_key_parse(const char *text, size_t length, struct ssh_public_key *ret, struct error *err);

void ssh_public_key_release(struct ssh_public_key *key);

#define AUTO_SSH_PUBLIC_KEY __attribute__((cleanup(ssh_public_key_release)))
#endif
