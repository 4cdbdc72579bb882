#ifndef INSTANCE_SSH_FINGERPRINT_H
#define INSTANCE_SSH_FINGERPRINT_H
/* The name of an SSH key as ssh itself shows it: "SHA256:" and the digest of the
 * key's blob in base64 without padding. */
#include "base/error.h"

#define SSH_FINGERPRINT_SIZE 51

/* Of a key "type base64", as a record holds it; -1 when its base64 is broken. */
int ssh_fingerprint(const char *key, char ret[SSH_FINGERPRINT_SIZE], struct error *err);

/* The same as Hetzner's API names a key: "aa:bb:...", the MD5 of the blob. A comment after the key is left out. */
#define SSH_FINGERPRINT_MD5_SIZE 48
int ssh_fingerprint_md5(const char *key, char ret[SSH_FINGERPRINT_MD5_SIZE], struct error *err);

/* A word that an operator gave: ERROR_REFUSED says how a fingerprint looks. */
int ssh_fingerprint_check(const char *word, struct error *err);
#endif
