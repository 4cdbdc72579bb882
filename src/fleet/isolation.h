#ifndef FLEET_ISOLATION_H
#define FLEET_ISOLATION_H
/*
 * The firewall that cuts machines off: one a fleet, made on first use and told from the
 * anchor by its role. The id in the fleet's identity says which it was last.
 */
#include "cloud/cloud.h"
#include "store/store.h"

/* Finds it in a list of the fleet's firewalls: *ret_id is 0 when there is none yet. One that lets
 * anything in or everything out is an error: whoever had it would not be cut off. */
int isolation_find(const struct fleet_identity *fleet, const struct cloud_reply *reply, int64_t *ret_id,
		   struct error *err);
#endif
