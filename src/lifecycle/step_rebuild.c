/*
 * rebuild: the base system once more, after a kexec that came back in it; once in the
 * life of an instance. Its first boot reads the same user data, so it shows the bootstrap
 * host key again (P6). The intent is durable before the request is sent, and never sent a second
 * time when the first may have arrived: one that came late would wipe a machine that was
 * handed over. So when its answer was lost and nothing is to be seen of it, `reap` goes on once it
 * has taken effect or never will (SETTLE_SECONDS), with what is there then.
 */
#include <string.h>

#include "base/memory.h"
#include "lifecycle/absence.h"

#define LOOK_MS  5000
#define AGAIN_MS 10000 /* after a refusal for the moment */
/* SETTLE_SECONDS are reckoned from the intent: a look that took longer begins anew. */
#define PROMPT_SECONDS 30

static void send_intent(struct activity *activity);
static void wait_for_it(struct activity *activity);

/* The activity's memory. */
struct rebuilding {
	bool arrived; /* the server was seen being rebuilt */
};

static int change_ordered(struct record *record, struct activity *activity, struct error *err)
{
	(void)err;
	record->rebuild_sent_at = activity_true_now(activity);
	return 0;
}

static int change_rebuilt(struct record *record, struct activity *activity, struct error *err)
{
	(void)err;
	record->rebuilt_at = activity_now(activity);
	return 0;
}

static void rebuilt(struct activity *activity)
{
	activity_commit(activity, change_rebuilt, "rebuilt", "", NULL);
}

static bool is_absent(const struct cloud_reply *reply)
{
	return !reply->error && reply->presence != PRESENCE_PRESENT;
}

/* P2: it is ours. */
static int check_server(struct activity *activity, const struct cloud_reply *reply, struct error *err)
{
	long long id = (long long)activity_record(activity)->server_id;
	if (!activity_owns(activity, &reply->servers[0]))
		return error_set(err, ERROR_FAILED, 0,
				 "server %lld is called '%s' and its name or labels no longer match the record; it was "
				 "not touched: look at it in the console",
				 id, reply->servers[0].name);
	return 0;
}

/* --- a request that may have arrived ---------------------------------------------- */

static int64_t seconds_to_wait(struct activity *activity)
{
	return activity_record(activity)->rebuild_sent_at + SETTLE_SECONDS - activity_true_now(activity);
}

static void come_back_later(struct activity *activity)
{
	struct error error = ERROR_INIT;
	error_set(&error, ERROR_REMOTE, 0,
		  "the rebuild request was never answered and may still arrive; 'ccc reap' goes on in %lld s",
		  (long long)seconds_to_wait(activity));
	activity_later(activity, &error);
}

static void on_waited(struct activity *activity, const struct cloud_reply *reply)
{
	struct rebuilding *rebuilding = activity->memory;
	if (is_absent(reply)) {
		absence_fail(activity);
		return;
	}
	if (reply->error) {
		activity->last = *reply->error;
	} else if (check_server(activity, reply, &activity->last) < 0) {
		activity_fail(activity, &activity->last);
		return;
	} else if (strcmp(reply->servers[0].status, "rebuilding") == 0) {
		rebuilding->arrived = true;
	} else if (!rebuilding->arrived && seconds_to_wait(activity) > 0) {
		come_back_later(activity);
		return;
	} else if (strcmp(reply->servers[0].status, "running") == 0) {
		rebuilt(activity);
		return;
	}
	activity_retry(activity, LOOK_MS, wait_for_it);
}

static void wait_for_it(struct activity *activity)
{
	cloud_get_server(activity_parts(activity)->cloud, activity_record(activity)->server_id, activity_called,
			 activity_call(activity, on_waited));
}

/* --- sending it ----------------------------------------------------------------------- */

static void on_action(struct activity *activity, const struct cloud_reply *reply)
{
	if (reply->error)
		activity_fail(activity, reply->error);
	else
		rebuilt(activity);
}

static bool is_for_the_moment(const struct error *error)
{
	static const char *const codes[] = { "rate_limit_exceeded", "locked", "conflict" };
	for (size_t i = 0; i < ARRAY_LENGTH(codes); i++)
		if (strcmp(error->code, codes[i]) == 0)
			return true;
	return false;
}

static void on_sent(struct activity *activity, const struct cloud_reply *reply)
{
	if (!reply->error) {
		cloud_wait_actions(activity_parts(activity)->cloud, reply->actions, reply->action_count,
				   activity_called, activity_call(activity, on_action));
	} else if (reply->maybe_done) {
		activity->last = *reply->error;
		wait_for_it(activity);
	} else if (is_for_the_moment(reply->error)) {
		activity->last = *reply->error;
		activity_retry(activity, AGAIN_MS, send_intent); /* the step's deadline ends it */
	} else {
		activity_fail(activity, reply->error);
	}
}

static void on_seen(struct activity *activity, const struct cloud_reply *reply)
{
	struct error error = ERROR_INIT;
	if (reply->error)
		error = *reply->error;
	if (is_absent(reply))
		absence_fail(activity);
	else if (reply->error || check_server(activity, reply, &error) < 0)
		activity_fail(activity, &error);
	else if (activity_true_now(activity) > activity_record(activity)->rebuild_sent_at + PROMPT_SECONDS)
		send_intent(activity);
	else
		cloud_rebuild_server(activity_parts(activity)->cloud, activity_record(activity)->server_id,
				     activity_parts(activity)->settings->image, activity_called,
				     activity_call(activity, on_sent));
}

static void look(struct activity *activity)
{
	cloud_get_server(activity_parts(activity)->cloud, activity_record(activity)->server_id, activity_called,
			 activity_call(activity, on_seen));
}

static void send_intent(struct activity *activity)
{
	activity_commit(activity, change_ordered, "rebuild-sent", "", look);
}

void step_rebuild(struct activity *activity)
{
	struct error error = ERROR_INIT;
	activity->memory = memory_new(sizeof(struct rebuilding));
	if (activity_record(activity)->rebuild_sent_at)
		wait_for_it(activity);
	else if (settings_check(activity_parts(activity)->settings, &error) < 0) /* with which image? */
		activity_lacks(activity, &error);
	else
		send_intent(activity);
}
