#ifndef FLEET_NAMES_H
#define FLEET_NAMES_H
/* Where things of a fleet lie in the state directory, and what they are called at Hetzner. */
#include "store/store.h"

#define FLEET_FIREWALL_NAME  "ccc-%s" /* with the fleet id */
#define FLEET_SSH_KEY_NAME   "ccc-%s"
#define FLEET_ISOLATION_NAME "ccc-%s-isolated"

char *fleet_path(const struct store *store, const char *name);   /* below the state directory; caller frees */
char *fleet_operator_key_path(const struct store *store);        /* private half; caller frees */
char *fleet_operator_public_key_path(const struct store *store); /* caller frees */
#endif
