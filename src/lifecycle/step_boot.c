/*
 * boot: the machine answers over SSH with the bootstrap host key. A refused
 * connection, a key not yet in place or another host key are all retried to the
 * deadline; another host key is never accepted (P6).
 */
#include <stdlib.h>

#include "base/memory.h"
#include "lifecycle/paths.h"
#include "system/durable_file.h"

#define PROBE_FIRST_MS   500
#define PROBE_MAXIMUM_MS 5000

static void probe(struct activity *activity);

static int change_reachable(struct record *record, struct activity *activity, struct error *err)
{
	(void)err;
	record->reachable_at = activity_now(activity);
	return 0;
}

static void on_probe(struct activity *activity, const struct child_result *result)
{
	if (result->exit_status == 0) {
		activity_commit(activity, change_reachable, "reachable", "", NULL);
		return;
	}
	child_error("ssh", result, &activity->last);
	int64_t delay = PROBE_FIRST_MS * (int64_t)(1 + activity->attempts++);
	activity_retry(activity, delay < PROBE_MAXIMUM_MS ? delay : PROBE_MAXIMUM_MS, probe);
}

static void probe(struct activity *activity)
{
	static const char *const remote[] = { "true", NULL };
	paths_ssh(activity, remote, 20000, on_probe);
}

static void on_started(struct activity *activity, const struct cloud_reply *reply)
{
	if (reply->error)
		activity_fail(activity, reply->error);
	else
		probe(activity);
}

void step_boot(struct activity *activity)
{
	struct run *run = activity->run;
	struct error error = ERROR_INIT;
	AUTO_FREE char *key = activity_path(activity, PATH_BOOTSTRAP_KEY);
	/* The server has the key now; a copy that stays here could only be stolen. */
	if (file_remove(loop_system(activity_parts(activity)->loop), key, &error) < 0 ||
	    paths_pin(activity, PIN_BOOTSTRAP, &error) < 0)
		activity_fail(activity, &error);
	else
		cloud_wait_actions(activity_parts(activity)->cloud, run->actions, run->action_count, activity_called,
				   activity_call(activity, on_started));
}
