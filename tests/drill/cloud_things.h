#ifndef DRILL_CLOUD_THINGS_H
#define DRILL_CLOUD_THINGS_H
/* All that there can be in the simulated cloud, whatever kind it is of: whose is it, and is it as it was? */
#include <stdbool.h>
#include <stdint.h>

#include "world.h"

enum thing_kind { THING_IS_SERVER, THING_IS_ADDRESS, THING_IS_IMAGE, THING_IS_FIREWALL, THING_IS_KEY, THING_KINDS };

struct thing {
	enum thing_kind kind;
	size_t project;
	int64_t id;
	int64_t server;                        /* of an address: whose it is; else 0 */
	const char *name;                      /* strings are borrowed until the cloud changes */
	const char *managed_by, *fleet, *role; /* labels; "" when missing */
};

/* "firewall". */
const char *thing_words(enum thing_kind kind);
/* By its labels; in which project it is nobody asks. */
bool thing_is_of_fleet(const struct thing *thing, const char *fleet);

void cloud_each_thing(const struct world *world, void (*each)(void *data, const struct thing *thing), void *data);
bool cloud_find_thing(const struct world *world, enum thing_kind kind, int64_t id, struct thing *ret);
/* What "/v1/firewalls/7/actions/..." is about; false: no single thing. */
bool cloud_thing_of_path(const char *path, enum thing_kind *ret_kind, int64_t *ret_id);

/* Of all that somebody could have changed about it. */
uint64_t cloud_thing_digest(const struct world *world, const struct thing *thing);

/* What the firewalls of a server let through. */
enum network {
	NETWORK_OPEN,  /* it has none of the fleet's, or others beside */
	NETWORK_USUAL, /* the fleet's own and no other */
	NETWORK_CUT,   /* the fleet's isolating one and no other, and nothing gets in by it */
};
enum network cloud_network(const struct world *world, int64_t server_id, const char *fleet);
/* It is on this server, and no other is. */
bool cloud_is_only_firewall(const struct world *world, int64_t firewall, int64_t server_id);
#endif
