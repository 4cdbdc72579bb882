#include <stdio.h>

#include "base/json.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "commands/all.h"
#include "commands/outcome.h"
#include "commands/view.h"
#include "commands/would.h"
#include "instance/status.h"
#include "lifecycle/sweep.h"

static void would_wait(struct session *session, json_t *list, const struct record *record, int64_t now)
{
	char when[TIMESTAMP_SIZE];
	timestamp_format(record->retry_at, when);
	would_add(session, list,
		  json_pack("{s:s, s:s, s:s, s:s}", "would", "wait", "instanceId", record->id, "status",
			    status_of(record, now), "until", when),
		  "would wait with instance %s until %s (%s): %s", record->id, when, status_of(record, now),
		  record->last_error);
}

static void would_end(struct session *session, json_t *list, const struct record *record, const char *reason)
{
	would_add(session, list,
		  json_pack("{s:s, s:s, s:s, s:s}", "would", "end", "instanceId", record->id, "email", record->email,
			    "reason", reason),
		  "would end instance %s of %s (%s)", record->id, view_user(record), reason);
}

static void would_resume(struct session *session, json_t *list, const struct record *record, int64_t now)
{
	would_add(session, list,
		  json_pack("{s:s, s:s, s:s}", "would", "resume", "instanceId", record->id, "status",
			    status_of(record, now)),
		  "would go on with instance %s (%s)", record->id, status_of(record, now));
}

static int refuse_held_back(const struct sweep *sweep, struct error *err)
{
	if (!sweep->held_back)
		return 0;
	*err = sweep->why;
	return error_wrap(err, "%zu instance%s whose time is over %s left alone", sweep->held_back,
			  text_plural(sweep->held_back), sweep->held_back == 1 ? "is" : "are");
}

/* What the real one would do, refusals included. */
static int dry_run(struct session *session, struct sweep *sweep, struct error *err)
{
	struct snapshot snapshot;
	AUTO_JSON json_t *list = json_array();
	if (sweep_look(session->loop, session->store, session->cloud, sweep, err) < 0 ||
	    store_read(session->store, &snapshot, err) < 0)
		return -1;
	for (size_t i = 0; i < snapshot.count; i++) {
		const struct record *record = &snapshot.records[i];
		const char *reason = sweep_reason(record, sweep->began);
		if (reason && sweep_clock_agrees(sweep))
			would_end(session, list, record, reason);
		else if (reason)
			sweep->held_back += sweep->looked;
		else if (sweep_is_due(record, sweep->began))
			would_resume(session, list, record, sweep->began);
		else if (sweep_waits(record, sweep->began))
			would_wait(session, list, record, sweep->began);
	}
	would_print(session, list);
	snapshot_release(&snapshot);
	return refuse_held_back(sweep, err);
}

/* What failed before and is not due yet. */
struct waiting {
	json_t *list;
	struct error newest;
};

/* It is told by every sweep: one that ends with 0 says that all is as it was ordered. */
static int look_at_waiting(struct session *session, const struct sweep *sweep, struct waiting *ret, struct error *err)
{
	struct snapshot snapshot;
	if (store_read(session->store, &snapshot, err) < 0)
		return -1;
	for (size_t i = 0; i < sweep->waiting.count; i++) {
		const struct record *record = snapshot_find(&snapshot, sweep->waiting.items[i]);
		char when[TIMESTAMP_SIZE];
		if (!record || !sweep_waits(record, sweep->began))
			continue; /* another ccc saw to it */
		timestamp_format(record->retry_at, when);
		error_set(&ret->newest, ERROR_FAILED, 0, "instance '%s' is unfinished (%s); next try at %s: %s%s",
			  record->id, status_of(record, sweep->began), when, record->last_error,
			  record->goal == GOAL_GONE ? "; " OUTCOME_IN_ITS_WAY : "");
		if (sweep->waiting.count + sweep->ids.count > 1)
			fprintf(stderr, "ccc: %s\n", ret->newest.message);
		json_array_append_new(ret->list, outcome_of_waiting(record, sweep->began));
	}
	snapshot_release(&snapshot);
	return 0;
}

static int waiting_error(const struct sweep *sweep, const struct waiting *waiting, struct error *err)
{
	size_t worked = sweep->ids.count, count = json_array_size(waiting->list);
	*err = waiting->newest;
	if (worked + count > 1)
		error_set(err, worked ? ERROR_PARTIAL : ERROR_FAILED, 0, "%zu of %zu instances wait to be tried again",
			  count, worked + count);
	return -1;
}

/* Nobody saw the end of a provision that a sweep finished. */
static void tell_handovers(struct session *session, const struct sweep *sweep)
{
	for (size_t i = 0; session->format == OUTPUT_TABLE && i < sweep->ids.count; i++) {
		const char *id = sweep->ids.items[i];
		const struct error *why;
		const struct record *record = NULL;
		(void)engine_outcome(session->engine, id, &why, &record);
		if (record && record->goal == GOAL_RUNNING && record->verified_at >= sweep->began)
			text_addf(&session->output,
				  "Instance %s was handed over: 'ccc handover %s' prints what its user needs.\n", id,
				  id);
	}
}

static int work(struct session *session, const struct sweep *sweep, struct waiting *waiting, struct error *err)
{
	int result = 0;
	if (sweep->waiting.count && look_at_waiting(session, sweep, waiting, err) < 0)
		return -1;
	if (sweep->ids.count) {
		if (session_engine(session, err) < 0)
			return -1;
		result = outcome_run(session, sweep->ids.items, sweep->ids.count, err);
	}
	outcome_print(session, sweep->ids.items, sweep->ids.count, waiting->list);
	if (session->engine)
		tell_handovers(session, sweep);
	return result;
}

/* The first error is the sweep's; that it came to its end is recorded all the same,
 * but not when it was interrupted or could not trust the clock. */
static int sweep_once(struct session *session, struct sweep *sweep, struct error *err)
{
	AUTO_JSON json_t *list = json_array();
	struct waiting waiting = { .list = list };
	struct error ignored = ERROR_INIT;
	if (sweep_begin(session->loop, session->store, session->cloud, sweep, err) < 0)
		return -1;
	int result = work(session, sweep, &waiting, err);
	if (result < 0 && err->kind == ERROR_INTERRUPTED)
		return -1;
	if (sweep->held_back)
		return result < 0 ? -1 : refuse_held_back(sweep, err);
	int recorded = sweep_end(session->loop, session->store, sweep, result == 0 ? err : &ignored);
	if (result < 0 || recorded < 0)
		return -1;
	return json_array_size(list) ? waiting_error(sweep, &waiting, err) : 0;
}

static int run(struct session *session, struct error *err)
{
	struct sweep sweep = SWEEP_INIT;
	int result = session->dry_run ? dry_run(session, &sweep, err) : sweep_once(session, &sweep, err);
	sweep_release(&sweep);
	if (result == 0) /* all that could be done was done; still, cron's mail or the timer is to say it */
		session->exit_status = error_exit_code(session->settings.trouble.kind);
	return result;
}

const struct command command_reap = {
	.name = "reap",
	.summary = "end what is over, go on with what is unfinished; for cron",
	.usage = "[--dry-run]",
	.details = "Ends every instance whose paid time is over, retries deletes that failed, undoes or finishes what "
		   "a crash left.\n"
		   "Quiet when there is nothing to do. What failed before and is not tried again yet is told, and the "
		   "exit status is\n"
		   "not 0 then. To be called every few minutes by a timer or cron. With a mistake in ccc.ini or the "
		   "environment it\n"
		   "ends all the same what is over; what is not made yet waits, and the exit status is 2.",
	.options = { { "dry-run", 0, NULL, "say what would be done" } },
	.needs = NEEDS_STATE | NEEDS_CLOUD,
	.run = run,
};
