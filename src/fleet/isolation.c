#include "fleet/isolation.h"

#include <string.h>

static bool is_isolation(const struct fleet_identity *fleet, const struct cloud_firewall *firewall)
{
	return firewall->id != fleet->anchor && cloud_is_of_fleet(&firewall->labels, fleet->id) &&
	       strcmp(firewall->labels.role, CLOUD_ROLE_ISOLATED) == 0;
}

int isolation_find(const struct fleet_identity *fleet, const struct cloud_reply *reply, int64_t *ret_id,
		   struct error *err)
{
	const struct cloud_firewall *found = NULL;
	for (size_t i = 0; i < reply->firewall_count; i++)
		if (is_isolation(fleet, &reply->firewalls[i]) && (!found || reply->firewalls[i].id == fleet->isolation))
			found = &reply->firewalls[i];
	if (found && !cloud_isolates(found, fleet->id))
		return error_set(err, ERROR_REMOTE, 0,
				 "firewall '%s' (id %lld) does not cut off: %s; 'ccc fsck' says how to mend it",
				 found->name, (long long)found->id, found->changes);
	*ret_id = found ? found->id : 0;
	return 0;
}
