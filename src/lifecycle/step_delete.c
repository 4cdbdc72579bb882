/*
 * delete: after a fresh look at the server in which id, name, fleet, instance and
 * nonce all match the record (P2); anything else is refused and reported. A 404 counts
 * only once the anchor was seen with the same token: in another project every id
 * answers 404 (P3). A label by which the time is not over yet, though the record says so, is of an extension
 * that a state put back from an old copy does not know: the machine goes on (P4).
 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/timestamp.h"
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

/* Until when the machine is paid by its label, when that is news to the record; else 0. */
static int64_t later_by_label(struct activity *activity, const struct cloud_server *server)
{
	const struct record *record = activity_record(activity);
	int64_t label = strtoll(server->labels.expires, NULL, 10);
	bool is_news = label > record->expires_at && label > record->label_expires_at;
	return strcmp(record->reason, "expired") == 0 && is_news && label > activity_true_now(activity) ? label : 0;
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
	char when[TIMESTAMP_SIZE];
	timestamp_format(label, when);
	activity_warn(activity,
		      "its server's label says that it is paid until %s, which the record did not know: is the "
		      "state an old copy? It goes on until then",
		      when);
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
	} else if (later_by_label(activity, &reply->servers[0])) {
		go_on(activity, later_by_label(activity, &reply->servers[0]));
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
