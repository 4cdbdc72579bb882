#ifndef LIFECYCLE_USER_DATA_H
#define LIFECYCLE_USER_DATA_H
#include "base/error.h"
#include "base/text.h"

#define USER_DATA_MAXIMUM ((size_t)32 << 10) /* bytes that Hetzner takes */

/* What a fresh server gets through cloud-init: its bootstrap host key and the instance's id,
 * nothing else, as every process of the machine can read it. `private_half` is the text of
 * OpenSSH's key file. A key that is no text is ERROR_STATE. The caller wipes ret. */
int user_data_compose(const struct text *private_half, const char *public_half, const char *id, struct text *ret,
		      struct error *err);
#endif
