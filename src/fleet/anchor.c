#include "fleet/anchor.h"

#include <stdio.h>

int anchor_lacks_labels(const char *firewall, const char *fleet, struct error *err)
{
	return error_set(err, ERROR_REMOTE, 0,
			 "firewall %s is there without the labels of fleet '%s'; put them back: hcloud firewall "
			 "add-label --overwrite %s managed-by=ccc; hcloud firewall add-label --overwrite %s "
			 "ccc-fleet=%s",
			 firewall, fleet, firewall, firewall, fleet);
}

int anchor_check(const struct fleet_identity *fleet, const struct cloud_reply *reply, struct error *err)
{
	if (reply->error) {
		*err = *reply->error;
		return error_wrap(err, "cannot see the fleet's firewall");
	}
	bool is_there = reply->presence == PRESENCE_PRESENT && reply->firewall_count == 1 &&
			reply->firewalls[0].id == fleet->anchor;
	if (is_there && cloud_is_of_fleet(&reply->firewalls[0].labels, fleet->id))
		return 0;
	char id[24];
	snprintf(id, sizeof(id), "%lld", (long long)fleet->anchor);
	if (is_there)
		return anchor_lacks_labels(id, fleet->id, err);
	return error_set(err, ERROR_REMOTE, 0,
			 "the firewall of fleet '%s' (id %lld) is not in this token's project; use the token of the "
			 "project in which 'ccc init' ran, or, if it was deleted there, make it anew: ccc fsck --fix",
			 fleet->id, (long long)fleet->anchor);
}

struct look {
	const struct fleet_identity *fleet;
	bool arrived;
	struct error error;
};

static void on_answer(void *data, const struct cloud_reply *reply)
{
	struct look *look = data;
	look->arrived = true;
	(void)anchor_check(look->fleet, reply, &look->error);
}

int anchor_look(struct loop *loop, struct cloud *cloud, const struct fleet_identity *fleet, struct error *err)
{
	struct look look = { .fleet = fleet, .error = ERROR_INIT };
	cloud_get_firewall(cloud, fleet->anchor, on_answer, &look);
	if (loop_until(loop, &look.arrived, err) < 0)
		return -1;
	if (look.error.kind == ERROR_NONE)
		return 0;
	*err = look.error;
	return -1;
}
