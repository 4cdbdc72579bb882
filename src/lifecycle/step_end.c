/*
 * decide and forget: the first and the last step of an end.
 *
 * decide is the point of no return: in one transaction the expiry is read again,
 * so that an extension that came first wins (P4), and `deleting` becomes durable
 * before anything is deleted. After it extend refuses.
 */
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "instance/status.h"
#include "lifecycle/plausible.h"
#include "lifecycle/run.h"
#include "system/durable_file.h"

/* P8: a wrong clock ends nobody. */
static int change_deleting(struct record *record, struct activity *activity, struct error *err)
{
	int64_t now = activity_now(activity), offset;
	if (record->goal != GOAL_GONE)
		return CHANGE_NOTHING; /* an extension came first */
	if (status_ends_by_clock(record)) {
		if (strcmp(record->reason, "expired") == 0 && !status_is_expired(record, now)) {
			record->goal = GOAL_RUNNING; /* it was extended in time */
			record->reason[0] = '\0';
			return 0;
		}
		if (!cloud_clock_offset(activity_parts(activity)->cloud, &offset))
			return error_set(
				err, ERROR_REMOTE, 0,
				"the clock could not be compared with Hetzner's; nothing is deleted for being expired");
		if (plausible_clock(offset, err) < 0)
			return -1;
	}
	record->deleting_at = now;
	return 0;
}

void step_decide(struct activity *activity)
{
	activity_commit(activity, change_deleting, "deleting", activity_record(activity)->reason, NULL);
}

static int change_nothing(struct record *record, struct activity *activity, struct error *err)
{
	(void)record;
	(void)activity;
	(void)err;
	return 0;
}

static void after_forgotten(struct activity *activity)
{
	activity->run->forgotten = true;
}

void step_forget(struct activity *activity)
{
	struct error error = ERROR_INIT;
	AUTO_FREE char *path = activity_path(activity, "");
	if (directory_remove_tree(loop_system(activity_parts(activity)->loop), path, &error) < 0)
		activity_fail(activity, &error);
	else
		activity_commit(activity, change_nothing, "forgotten", "", after_forgotten);
}
