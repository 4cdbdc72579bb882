/*
 * prove: a server counts as gone when its delete was confirmed and a complete list
 * of the fleet, begun after the anchor was seen with the same token, lacks it (P3).
 * A server that was never asked for needs no proof. One that is listed all the same is
 * asked for by its id: a list may lag behind, but what answers is there, and is deleted
 * once more.
 */
#include "audit/rebuild.h"
#include "base/memory.h"
#include "fleet/anchor.h"
#include "lifecycle/plausible.h"
#include "lifecycle/run.h"

#define RETRY_MS 2000
#define RETRIES  30
#define PROOFS   3 /* in one run: how often a delete is begun again */

struct proof {
	int64_t asked_at;
	int64_t listed_id; /* of a server of ours that the list has, 0: none */
	struct cloud_server seen;
};

static void ask_list(struct activity *activity);

static int change_deleted(struct record *record, struct activity *activity, struct error *err)
{
	(void)err;
	record->deleted_at = activity_now(activity);
	return 0;
}

/* The step `delete` is not done any more with this: the engine goes back to it. A create that came late may have
 * made another server; nothing but this tells whose its address was. */
static int change_unconfirmed(struct record *record, struct activity *activity, struct error *err)
{
	(void)err;
	rebuild_address(&((const struct proof *)activity->memory)->seen, record);
	record->delete_confirmed_at = 0;
	return 0;
}

static void after_unconfirmed(struct activity *activity)
{
	struct error error = ERROR_INIT;
	if (activity->generation < PROOFS)
		return;
	error_set(&error, ERROR_REMOTE, 0, "the server is still there after %d deletes; look at it in the console",
		  PROOFS);
	activity_fail(activity, &error);
}

static int64_t listed_id(struct activity *activity, const struct cloud_reply *reply)
{
	const struct record *record = activity_record(activity);
	for (size_t i = 0; i < reply->server_count; i++)
		if (reply->servers[i].id == record->server_id || activity_owns(activity, &reply->servers[i]))
			return reply->servers[i].id;
	return 0;
}

/* Of several creates that were sent, one that was never answered may still take effect
 * (P1): the name is free again, and nobody would know that server. */
static void come_back_later(struct activity *activity)
{
	struct error error = ERROR_INIT;
	error_set(
		&error, ERROR_REMOTE, 0,
		"the server is gone, but an earlier create request was never answered; 'ccc reap' looks once more in "
		"%lld s",
		(long long)(activity_record(activity)->create_sent_at + SETTLE_SECONDS - activity_true_now(activity)));
	activity_later(activity, &error);
}

static void on_seen(struct activity *activity, const struct cloud_reply *reply)
{
	struct error error = ERROR_INIT;
	if (reply->error) {
		activity_fail(activity, reply->error);
	} else if (reply->presence == PRESENCE_PRESENT) {
		((struct proof *)activity->memory)->seen = reply->servers[0];
		activity_commit(activity, change_unconfirmed, "still-there", "", after_unconfirmed);
	} else if (++activity->attempts < RETRIES) {
		activity_retry(activity, RETRY_MS, ask_list);
	} else {
		error_set(&error, ERROR_REMOTE, 0,
			  "the server does not answer to its id any more and yet is still listed");
		activity_fail(activity, &error);
	}
}

static void on_list(struct activity *activity, const struct cloud_reply *reply)
{
	const struct record *record = activity_record(activity);
	struct proof *proof = activity->memory;
	struct error error = ERROR_INIT;
	if (reply->error) {
		activity_fail(activity, reply->error);
		return;
	}
	proof->listed_id = listed_id(activity, reply);
	if (!proof->listed_id) {
		if (plausible_list(activity, reply, &error) < 0)
			activity_fail(activity, &error);
		else if (record->resent && proof->asked_at < record->create_sent_at + SETTLE_SECONDS)
			come_back_later(activity);
		else
			activity_commit(activity, change_deleted, "gone", "", NULL);
	} else {
		cloud_get_server(activity_parts(activity)->cloud, proof->listed_id, activity_called,
				 activity_call(activity, on_seen));
	}
}

static void ask_list(struct activity *activity)
{
	struct proof *proof = activity->memory;
	proof->asked_at = activity_true_now(activity);
	cloud_list_servers(activity_parts(activity)->cloud, activity_fleet(activity)->id, activity_called,
			   activity_call(activity, on_list));
}

static void on_anchor(struct activity *activity, const struct cloud_reply *reply)
{
	struct error error = ERROR_INIT;
	if (anchor_check(activity_fleet(activity), reply, &error) < 0)
		activity_fail(activity, &error);
	else
		ask_list(activity);
}

void step_prove(struct activity *activity)
{
	activity->memory = memory_new(sizeof(struct proof));
	if (!activity_record(activity)->create_sent_at)
		activity_commit(activity, change_deleted, "gone", "nothing was ever asked for", NULL);
	else
		cloud_get_firewall(activity_parts(activity)->cloud, activity_fleet(activity)->anchor, activity_called,
				   activity_call(activity, on_anchor));
}
