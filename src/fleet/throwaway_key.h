#ifndef FLEET_THROWAWAY_KEY_H
#define FLEET_THROWAWAY_KEY_H
/* A user's key pair for a machine that is only tried. Its private half lies in keys/ of the state directory until
 * there is an instance, and then among the files of that, with which it goes. */
#include "fleet/settings.h"
#include "store/store.h"
#include "system/loop.h"

struct throwaway_key {
	char *path;      /* of the private half */
	char line[1024]; /* of the public one: "type base64" */
};

/* Release it in any case. */
int throwaway_key_make(struct loop *loop, const struct settings *settings, const struct store *store,
		       struct throwaway_key *ret, struct error *err);

/* Moves the private half to that name in the instance's folder, which it makes. */
int throwaway_key_move(struct system *system, const struct store *store, const char *instance, const char *name,
		       struct throwaway_key *key, struct error *err);

/* Removes what is left of it in keys/, and frees. */
void throwaway_key_release(struct system *system, struct throwaway_key *key);
#endif
