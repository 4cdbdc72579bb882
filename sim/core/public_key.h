#ifndef SIM_CORE_PUBLIC_KEY_H
#define SIM_CORE_PUBLIC_KEY_H
#include <stddef.h>

#include "base/error.h"

#define FINGERPRINT_SIZE 48

/* The MD5 fingerprint ("44:22:...") of an OpenSSH public key line: "TYPE BASE64 [COMMENT]".
 * The type must be one that Hetzner knows and the one inside the base64. */
int public_key_fingerprint(const char *line, char ret[FINGERPRINT_SIZE], struct error *err);
#endif
