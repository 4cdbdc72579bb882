/*
 * announce: after an extension the box is told its new expiry, and the label is
 * raised when it is no upper bound any more. The extension itself is in the record
 * already: a machine that can't be told loses nothing, and `reap` tells it later.
 * A label that says more than the record ever did is of extensions that a state put back from
 * an old copy does not know: it is not lowered, and what was added since comes on top of it (P4).
 */
#include "base/memory.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "instance/status.h"
#include "lifecycle/absence.h"
#include "lifecycle/box.h"
#include "lifecycle/paid_label.h"

#define RETRY_MS 3000

/* The activity's memory. */
struct announcement {
	int64_t expires; /* what is told */
	int64_t label;   /* what the label says that the record does not know */
};

static void tell_box(struct activity *activity);

static const struct announcement *announcement(const struct activity *activity)
{
	return activity->memory;
}

static int change_box(struct record *record, struct activity *activity, struct error *err)
{
	(void)err;
	record->box_expires_at = announcement(activity)->expires;
	return 0;
}

static int change_label(struct record *record, struct activity *activity, struct error *err)
{
	(void)err;
	record->label_expires_at = announcement(activity)->expires;
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
	struct cloud_labels labels = { .managed_by = "ccc" };
	text_copy(labels.fleet, sizeof(labels.fleet), activity_fleet(activity)->id);
	text_copy(labels.instance, sizeof(labels.instance), record->id);
	text_copy(labels.nonce, sizeof(labels.nonce), record->nonce);
	snprintf(labels.expires, sizeof(labels.expires), "%lld", (long long)announcement(activity)->expires);
	cloud_label_server(activity_parts(activity)->cloud, record->server_id, &labels, activity_called,
			   activity_call(activity, on_labelled));
}

static void on_told(struct activity *activity, const struct child_result *result)
{
	int64_t expires = announcement(activity)->expires;
	if (result->exit_status == 0 && box_read_expiry(result->output, expires, &activity->last) == 0) {
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
	int64_t expires = announcement(activity)->expires;
	const struct record *record = activity_record(activity);
	if (record->box_expires_at == expires || status_is_out_of_reach(record))
		return; /* the engine sees that the step is done */
	box_set_expiry(activity, expires, on_told);
}

/* --- a label that says more ----------------------------------------------------- */

/* What was told last is the expiry before what was added since. */
static int change_paid_until(struct record *record, struct activity *activity, struct error *err)
{
	int64_t label = announcement(activity)->label;
	int64_t before = record->box_expires_at ? record->box_expires_at : record->label_expires_at;
	(void)err;
	if (!paid_label_is_news(record, label))
		return CHANGE_NOTHING;
	record->expires_at = timestamp_add(label, record->expires_at > before ? record->expires_at - before : 0);
	record->label_expires_at = label;
	return 0;
}

static void compare_label(struct activity *activity, const struct cloud_server *server)
{
	int64_t label = cloud_label_expiry(&server->labels);
	if (!paid_label_is_news(activity_record(activity), label)) {
		raise_label(activity);
		return;
	}
	paid_label_warn(activity, label, "What was added comes on top");
	((struct announcement *)activity->memory)->label = label;
	activity_commit(activity, change_paid_until, "paid-until", "by its server's label", step_announce);
}

/* PUT replaces all labels: only those of a server that is ours (P2). */
static void on_seen(struct activity *activity, const struct cloud_reply *reply)
{
	const struct record *record = activity_record(activity);
	struct error error = ERROR_INIT;
	if (reply->error)
		activity_fail(activity, reply->error);
	else if (reply->presence != PRESENCE_PRESENT)
		absence_fail(activity);
	else if (activity_owns(activity, &reply->servers[0]))
		compare_label(activity, &reply->servers[0]);
	else {
		error_set(&error, ERROR_FAILED, 0,
			  "server %lld is called '%s' and its name or labels no longer match the record; its label was "
			  "not changed: look at it in the console",
			  (long long)record->server_id, reply->servers[0].name);
		activity_fail(activity, &error);
	}
}

/* Called again after each commit: an extension may have come in between. */
void step_announce(struct activity *activity)
{
	const struct record *record = activity_record(activity);
	if (!activity->memory)
		activity->memory = memory_new(sizeof(struct announcement));
	((struct announcement *)activity->memory)->expires = record->expires_at;
	if (record->label_expires_at < record->expires_at)
		cloud_get_server(activity_parts(activity)->cloud, record->server_id, activity_called,
				 activity_call(activity, on_seen));
	else if (record->box_expires_at < record->expires_at)
		tell_box(activity);
}
