/*
 * verify: only the lasting host key is trusted now. The box says who it is and how
 * it is; then the expiry is written into it and read back; then the clock starts
 * (P4): nobody pays for a machine that was not seen to work.
 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "base/text.h"
#include "instance/status.h"
#include "lifecycle/box.h"
#include "lifecycle/paths.h"
#include "system/durable_file.h"

#define RETRY_MS 2000
/* Paid time starts this much after the expiry was computed: writing it into the box and
 * committing it must cost the user nothing, nor a clock that is ahead by as much as is
 * tolerated when it ends, nor an answer that took its time to bring Hetzner's. */
#define HANDOVER_SECONDS (2 * CLOCK_TOLERANCE_S)

static void ask_report(struct activity *activity);

static int change_verified(struct record *record, struct activity *activity, struct error *err)
{
	const int64_t *expires = activity->memory;
	(void)err;
	/* It is being ended; or an extension arrived since, or an answer was slow, and that must
	 * not cost paid time. */
	if (record->goal != GOAL_RUNNING ||
	    *expires - activity_true_now(activity) < record->paid_seconds + CLOCK_TOLERANCE_S)
		return CHANGE_NOTHING;
	record->verified_at = activity_now(activity);
	record->expires_at = *expires;
	record->box_expires_at = *expires;
	return 0;
}

static void try_again(struct activity *activity)
{
	activity_retry(activity, RETRY_MS, ask_report);
}

static void after_verified(struct activity *activity)
{
	if (!activity_record(activity)->verified_at) /* else the engine sees that the step is done */
		try_again(activity);
}

static void on_expiry_set(struct activity *activity, const struct child_result *result)
{
	int64_t *expires = activity->memory;
	const struct record *record = activity_record(activity);
	if (result->exit_status != 0)
		child_error("ccc-set-expiry", result, &activity->last);
	if (result->exit_status != 0 || box_read_expiry(result->output, *expires, &activity->last) < 0 ||
	    *expires - activity_true_now(activity) < record->paid_seconds + CLOCK_TOLERANCE_S) {
		try_again(activity);
		return;
	}
	activity_commit(activity, change_verified, "verified", "", after_verified);
}

static void on_report(struct activity *activity, const struct child_result *result)
{
	struct error error = ERROR_INIT;
	bool final;
	const struct record *record = activity_record(activity);
	if (result->exit_status != 0) {
		child_error("ssh", result, &activity->last);
		try_again(activity);
		return;
	}
	if (box_check_report(result->output, record, &final, &error) < 0) {
		/* units may still be starting: the deadline decides */
		activity->last = error;
		if (final)
			activity_fail(activity, &error);
		else
			try_again(activity);
		return;
	}
	free(activity->memory);
	int64_t *expires = memory_new(sizeof(*expires));
	activity->memory = expires;
	*expires = activity_true_now(activity) + record->paid_seconds + HANDOVER_SECONDS;
	box_set_expiry(activity, *expires, on_expiry_set);
}

static void ask_report(struct activity *activity)
{
	static const char *const remote[] = { "ccc-report", NULL };
	paths_ssh(activity, remote, 30000, on_report);
}

static void ask_clock(struct activity *activity);

static void on_clock(struct activity *activity, const struct cloud_reply *reply)
{
	int64_t offset;
	if (cloud_clock_offset(activity_parts(activity)->cloud, &offset)) {
		ask_report(activity);
		return;
	}
	if (reply->error)
		activity->last = *reply->error;
	activity_retry(activity, RETRY_MS, ask_clock);
}

static void ask_clock(struct activity *activity)
{
	cloud_get_firewall(activity_parts(activity)->cloud, activity_fleet(activity)->anchor, activity_called,
			   activity_call(activity, on_clock));
}

/* A run that asked Hetzner for something knows its clock; one that only goes on here has to ask. */
static void begin(struct activity *activity)
{
	int64_t offset;
	if (cloud_clock_offset(activity_parts(activity)->cloud, &offset))
		ask_report(activity);
	else
		ask_clock(activity);
}

void step_verify(struct activity *activity)
{
	struct error error = ERROR_INIT;
	AUTO_FREE char *extra = activity_path(activity, PATH_EXTRA);
	/* The box has its lasting key: no private half stays here. */
	if (directory_remove_tree(loop_system(activity_parts(activity)->loop), extra, &error) < 0 ||
	    paths_pin(activity, PIN_LASTING, &error) < 0)
		activity_fail(activity, &error);
	else
		begin(activity);
}
