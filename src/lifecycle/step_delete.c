/*
 * delete: after a fresh look at the server in which id, name, fleet, instance and
 * nonce all match the record (P2); anything else is refused and reported. A 404 counts
 * only once the anchor was seen with the same token: in another project every id
 * answers 404 (P3). A machine whose label says that it is paid for longer goes on (P4).
 */
#include <string.h>

#include "base/memory.h"
#include "fleet/anchor.h"
#include "lifecycle/paid_label.h"

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

/* It would end for being expired, and by its label it is not. */
static bool goes_on(struct activity *activity, int64_t label)
{
	const struct record *record = activity_record(activity);
	return strcmp(record->reason, "expired") == 0 && paid_label_is_news(record, label) &&
	       label > activity_true_now(activity);
}

static int change_paid_until(struct record *record, struct activity *activity, struct error *err)
{
	const int64_t *label = activity->memory;
	(void)err;
	record->goal = GOAL_RUNNING;
	record->reason[0] = '\0';
	record->deleting_at = 0;
	record->expires_at = record->label_expires_at = *label;
	return 0;
}

static void go_on(struct activity *activity, int64_t label)
{
	paid_label_warn(activity, label, "It goes on until then");
	activity->memory = memory_new(sizeof(label));
	*(int64_t *)activity->memory = label;
	activity_commit(activity, change_paid_until, "paid-until", "by its server's label", NULL);
}

static bool is_ours(struct activity *activity, const struct cloud_server *server)
{
	return server->id == activity_record(activity)->server_id && activity_owns(activity, server);
}

/* What was made just now may not be seen everywhere yet, neither by its id nor in lists; one that we were on was. */
static int64_t seconds_to_settle(struct activity *activity)
{
	const struct record *record = activity_record(activity);
	bool was_met = record->reachable_at || record->verified_at;
	return was_met ? 0 : record->create_sent_at + SETTLE_SECONDS - activity_true_now(activity);
}

static void come_back_later(struct activity *activity, int64_t wait)
{
	struct error error = ERROR_INIT;
	error_set(
		&error, ERROR_REMOTE, 0,
		"server %lld does not answer to its id, but was made minutes ago; 'ccc reap' looks once more in %lld s "
		"before it counts as gone",
		(long long)activity_record(activity)->server_id, (long long)wait);
	activity_later(activity, &error);
}

static void on_anchor(struct activity *activity, const struct cloud_reply *reply)
{
	struct error error = ERROR_INIT;
	int64_t wait = seconds_to_settle(activity);
	if (anchor_check(activity_fleet(activity), reply, &error) < 0)
		activity_fail(activity, &error);
	else if (wait > 0)
		come_back_later(activity, wait);
	else {
		activity_warn(activity,
			      "server %lld was there no more; unless an earlier end was cut short, somebody else "
			      "deleted it",
			      (long long)activity_record(activity)->server_id);
		activity_commit(activity, change_confirmed, "vanished", "the id answers 404", NULL);
	}
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
			  "touched",
			  (long long)record->server_id, reply->servers[0].name);
		activity_fail(activity, &error);
	} else if (goes_on(activity, cloud_label_expiry(&reply->servers[0].labels))) {
		go_on(activity, cloud_label_expiry(&reply->servers[0].labels));
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
