#include "lifecycle/absence.h"

#include "fleet/anchor.h"

static void on_anchor(struct activity *activity, const struct cloud_reply *reply)
{
	const struct record *record = activity_record(activity);
	struct error error = ERROR_INIT;
	if (anchor_check(activity_fleet(activity), reply, &error) == 0)
		error_set(&error, ERROR_REMOTE, 0,
			  "server %lld is not there any more; tell its user, and close the record: ccc deprovision %s",
			  (long long)record->server_id, record->id);
	activity_fail(activity, &error);
}

void absence_fail(struct activity *activity)
{
	cloud_get_firewall(activity_parts(activity)->cloud, activity_fleet(activity)->anchor, activity_called,
			   activity_call(activity, on_anchor));
}
