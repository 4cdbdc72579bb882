#ifndef SIM_HOSTS_USER_DATA_H
#define SIM_HOSTS_USER_DATA_H
/* The part of cloud-init that our machines have: a host key out of the user data. */
#include "base/error.h"

struct host_key {           /* both NULL: the machine makes its own */
	char *private_half; /* text of OpenSSH's key file */
	char *public_half;  /* "type base64 [comment]" */
};

/* Reads "#cloud-config" and the one JSON object that follows it. NULL or empty user data is
 * fine and gives no key; anything else than that form is an error. */
int user_data_read(const char *user_data, struct host_key *ret, struct error *err);
void host_key_release(struct host_key *key);
#endif
