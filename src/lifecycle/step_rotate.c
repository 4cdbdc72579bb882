/*
 * rotate: a box that takes its parameters from the user data boots with the bootstrap host
 * key, which everybody on the machine can read there. Over a connection pinned to that key
 * it is given the lasting one, whose private half is on no command line and in no user
 * data. Until that is recorded both are pinned: whatever dies when, it is simply done again.
 */
#include <stdlib.h>

#include "base/memory.h"
#include "lifecycle/box.h"
#include "lifecycle/paths.h"

#define RETRY_MS 2000

static void give_key(struct activity *activity);

static int change_rotated(struct record *record, struct activity *activity, struct error *err)
{
	(void)err;
	record->rotated_at = activity_now(activity);
	return 0;
}

static void on_given(struct activity *activity, const struct child_result *result)
{
	bool final = false;
	if (result->exit_status != 0) {
		child_error("ccc-set-host-key", result, &activity->last); /* it may still be booting */
	} else if (box_read_host_key(result->output, activity_record(activity)->host_key, &final, &activity->last) ==
		   0) {
		activity_commit(activity, change_rotated, "rotated", "", NULL);
		return;
	}
	if (final)
		activity_fail(activity, &activity->last);
	else
		activity_retry(activity, RETRY_MS, give_key);
}

static void give_key(struct activity *activity)
{
	AUTO_FREE char *path = activity_path(activity, PATH_HOST_KEY);
	box_set_host_key(activity, path, on_given);
}

void step_rotate(struct activity *activity)
{
	struct error error = ERROR_INIT;
	if (paths_pin(activity, PIN_BOOTSTRAP | PIN_LASTING, &error) < 0)
		activity_fail(activity, &error);
	else
		give_key(activity);
}
