/*
 * announce: after an extension the box is told its new expiry, and the label is
 * raised when it is no upper bound any more. The extension itself is in the record
 * already: a machine that can't be told loses nothing, and `reap` tells it later.
 */
#include "base/memory.h"
#include "base/text.h"
#include "instance/status.h"
#include "lifecycle/box.h"

#define RETRY_MS 3000

static void tell_box(struct activity *activity);

static int change_box(struct record *record, struct activity *activity, struct error *err)
{
	const int64_t *expires = activity->memory;
	(void)err;
	record->box_expires_at = *expires;
	return 0;
}

static int change_label(struct record *record, struct activity *activity, struct error *err)
{
	const int64_t *expires = activity->memory;
	(void)err;
	record->label_expires_at = *expires;
	return 0;
}

static void on_labelled(struct activity *activity, const struct cloud_reply *reply)
{
	if (reply->error)
		activity_fail(activity, reply->error);
	else
		activity_commit(activity, change_label, "labelled", "", step_announce);
}

static void raise_label(struct activity *activity)
{
	const struct record *record = activity_record(activity);
	const int64_t *expires = activity->memory;
	struct cloud_labels labels = { .managed_by = "ccc" };
	text_copy(labels.fleet, sizeof(labels.fleet), activity_fleet(activity)->id);
	text_copy(labels.instance, sizeof(labels.instance), record->id);
	text_copy(labels.nonce, sizeof(labels.nonce), record->nonce);
	snprintf(labels.expires, sizeof(labels.expires), "%lld", (long long)*expires);
	cloud_label_server(activity_parts(activity)->cloud, record->server_id, &labels, activity_called,
			   activity_call(activity, on_labelled));
}

static void on_told(struct activity *activity, const struct child_result *result)
{
	const int64_t *expires = activity->memory;
	if (result->exit_status == 0 && box_read_expiry(result->output, *expires, &activity->last) == 0) {
		activity_commit(activity, change_box, "announced", "", step_announce);
		return;
	}
	if (result->exit_status != 0)
		child_error("ccc-set-expiry", result, &activity->last);
	if (++activity->attempts < 3)
		activity_retry(activity, RETRY_MS, tell_box);
	else
		activity_fail(activity, &activity->last);
}

static void tell_box(struct activity *activity)
{
	const int64_t *expires = activity->memory;
	const struct record *record = activity_record(activity);
	if (record->box_expires_at == *expires || status_is_out_of_reach(record))
		return; /* the engine sees that the step is done */
	box_set_expiry(activity, *expires, on_told);
}

/* PUT replaces all labels: only those of a server that is ours (P2). */
static void on_seen(struct activity *activity, const struct cloud_reply *reply)
{
	const struct record *record = activity_record(activity);
	struct error error = ERROR_INIT;
	if (reply->error)
		activity_fail(activity, reply->error);
	else if (reply->presence == PRESENCE_PRESENT && activity_owns(activity, &reply->servers[0]))
		raise_label(activity);
	else {
		error_set(&error, ERROR_FAILED, 0,
			  "server %lld is gone, or its name or labels no longer match the record; its label was not "
			  "changed: look at it in the console",
			  (long long)record->server_id);
		activity_fail(activity, &error);
	}
}

/* Called again after each commit: an extension may have come in between. */
void step_announce(struct activity *activity)
{
	const struct record *record = activity_record(activity);
	if (!activity->memory)
		activity->memory = memory_new(sizeof(int64_t));
	*(int64_t *)activity->memory = record->expires_at;
	if (record->label_expires_at < record->expires_at)
		cloud_get_server(activity_parts(activity)->cloud, record->server_id, activity_called,
				 activity_call(activity, on_seen));
	else if (record->box_expires_at < record->expires_at)
		tell_box(activity);
}
