#include <stdio.h>

#include "base/json.h"
#include "commands/all.h"
#include "commands/outcome.h"
#include "commands/view.h"
#include "commands/would.h"
#include "instance/status.h"
#include "lifecycle/sweep.h"
#include "system/clock.h"

static int dry_run(struct session *session, struct error *err)
{
	struct snapshot snapshot;
	AUTO_JSON json_t *list = json_array();
	int64_t now = clock_now(session->system);
	if (store_read(session->store, &snapshot, err) < 0)
		return -1;
	for (size_t i = 0; i < snapshot.count; i++) {
		const struct record *record = &snapshot.records[i];
		const char *reason = sweep_reason(record, now);
		if (reason)
			would_add(session, list,
				  json_pack("{s:s, s:s, s:s, s:s}", "would", "end", "instanceId", record->id, "email",
					    record->email, "reason", reason),
				  "would end instance %s of %s (%s)", record->id, view_user(record), reason);
		else if (sweep_is_due(record, now))
			would_add(session, list,
				  json_pack("{s:s, s:s, s:s}", "would", "resume", "instanceId", record->id, "status",
					    status_of(record, now)),
				  "would go on with instance %s (%s)", record->id, status_of(record, now));
	}
	would_print(session, list);
	snapshot_release(&snapshot);
	return 0;
}

static int work(struct session *session, const struct sweep *sweep, struct error *err)
{
	if (sweep->ids.count == 0) {
		outcome_print(session, NULL, 0, "done");
		return 0;
	}
	if (session_engine(session, err) < 0)
		return -1;
	int result = outcome_run(session, sweep->ids.items, sweep->ids.count, err);
	outcome_print(session, sweep->ids.items, sweep->ids.count, "done");
	return result;
}

/* The first error is the sweep's; that it came to its end is recorded all the same,
 * but not when it was interrupted or could not trust the clock. */
static int sweep_once(struct session *session, struct sweep *sweep, struct error *err)
{
	struct error ignored = ERROR_INIT;
	if (sweep_begin(session->loop, session->store, session->cloud, sweep, err) < 0)
		return -1;
	int result = work(session, sweep, err);
	if (result < 0 && err->kind == ERROR_INTERRUPTED)
		return -1;
	if (result == 0 && sweep->held_back) {
		*err = sweep->why;
		return error_wrap(err, "%zu instances whose time is over were left alone", sweep->held_back);
	}
	if (sweep->held_back)
		return -1;
	int recorded = sweep_end(session->loop, session->store, sweep, result == 0 ? err : &ignored);
	return result < 0 ? result : recorded;
}

static int run(struct session *session, struct error *err)
{
	struct sweep sweep = SWEEP_INIT;
	if (session->dry_run)
		return dry_run(session, err);
	int result = sweep_once(session, &sweep, err);
	sweep_release(&sweep);
	return result;
}

const struct command command_reap = {
	.name = "reap",
	.summary = "end what is over, go on with what is unfinished; for cron",
	.usage = "[--dry-run]",
	.details = "Ends every instance whose paid time is over, retries deletes that failed, undoes or finishes what "
		   "a crash left.\n"
		   "Quiet when there is nothing to do. To be called every few minutes by a timer or cron.",
	.options = { { "dry-run", 0, NULL, "say what would be done" } },
	.needs = NEEDS_STATE | NEEDS_CLOUD,
	.run = run,
};
