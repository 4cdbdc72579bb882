/*
 * delete: after a fresh look at the server in which id, name, fleet, instance and
 * nonce all match the record (P2); anything else is refused and reported. A 404 counts
 * only once the anchor was seen with the same token: in another project every id
 * answers 404 (P3).
 */
#include <string.h>

#include "fleet/anchor.h"
#include "lifecycle/run.h"

static int change_confirmed(struct record *record, struct activity *activity, struct error *err)
{
	(void)err;
	record->delete_confirmed_at = activity_now(activity);
	return 0;
}

static void on_action(struct activity *activity, const struct cloud_reply *reply)
{
	if (reply->error)
		activity_fail(activity, reply->error);
	else
		activity_commit(activity, change_confirmed, "deleted", "", NULL);
}

static void on_deleted(struct activity *activity, const struct cloud_reply *reply)
{
	if (reply->error)
		activity_fail(activity, reply->error);
	else
		cloud_wait_actions(activity_parts(activity)->cloud, reply->actions, reply->action_count,
				   activity_called, activity_call(activity, on_action));
}

static bool is_ours(struct activity *activity, const struct cloud_server *server)
{
	return server->id == activity_record(activity)->server_id && activity_owns(activity, server);
}

static void on_anchor(struct activity *activity, const struct cloud_reply *reply)
{
	struct error error = ERROR_INIT;
	if (anchor_check(activity_fleet(activity), reply, &error) < 0)
		activity_fail(activity, &error);
	else
		activity_commit(activity, change_confirmed, "vanished", "the id answers 404", NULL);
}

static void look_at_anchor(struct activity *activity)
{
	cloud_get_firewall(activity_parts(activity)->cloud, activity_fleet(activity)->anchor, activity_called,
			   activity_call(activity, on_anchor));
}

static void on_seen(struct activity *activity, const struct cloud_reply *reply)
{
	const struct record *record = activity_record(activity);
	struct error error = ERROR_INIT;
	if (reply->error) {
		activity_fail(activity, reply->error);
	} else if (reply->presence == PRESENCE_ABSENT) {
		look_at_anchor(activity);
	} else if (!is_ours(activity, &reply->servers[0])) {
		error_set(&error, ERROR_FAILED, 0,
			  "server %lld is called '%s' and its name or labels no longer match the record; it was not "
			  "touched: look at it in the console",
			  (long long)record->server_id, reply->servers[0].name);
		activity_fail(activity, &error);
	} else {
		cloud_delete_server(activity_parts(activity)->cloud, record->server_id, activity_called,
				    activity_call(activity, on_deleted));
	}
}

void step_delete(struct activity *activity)
{
	cloud_get_server(activity_parts(activity)->cloud, activity_record(activity)->server_id, activity_called,
			 activity_call(activity, on_seen));
}
