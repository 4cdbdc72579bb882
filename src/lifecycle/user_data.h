#ifndef LIFECYCLE_USER_DATA_H
#define LIFECYCLE_USER_DATA_H
#include <jansson.h>

#include "base/error.h"
#include "base/text.h"

#define USER_DATA_MAXIMUM ((size_t)32 << 10) /* bytes that Hetzner takes */

/* What a fresh server gets through cloud-init: its bootstrap host key, and what the box is told of its instance
 * (member "ccc"); nothing else, as every process of the machine can read it. `private_half` is the text of
 * OpenSSH's key file. A key that is no text is ERROR_STATE, more than a server takes is ERROR_REFUSED. The caller
 * wipes ret. */
int user_data_compose(const struct text *private_half, const char *public_half, const json_t *parameters,
		      struct text *ret, struct error *err);
#endif
