#include "lifecycle/engine.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "instance/status.h"
#include "lifecycle/engine_inside.h"
#include "lifecycle/paths.h"
#include "system/clock.h"

#define REFRESH_MS        5000       /* how often we look whether another process changed a goal */
#define KEEP_SECONDS      (4 * 3600) /* a failed machine that is kept for a look */
#define RETRY_SECONDS     INT64_C(60)
#define INTERRUPT_WAIT_MS 10000 /* patience with a create request at Ctrl-C */

static void on_refresh(void *data);

struct engine *engine_new(const struct engine_parts *parts, struct error *err)
{
	struct snapshot snapshot;
	if (store_read(parts->store, &snapshot, err) < 0)
		return NULL;
	struct engine *engine = memory_new(sizeof(*engine));
	engine->parts = *parts;
	engine->fleet = snapshot.fleet;
	engine->refresh = loop_after(parts->loop, REFRESH_MS, on_refresh, engine);
	snapshot_release(&snapshot);
	return engine;
}

static void run_free(struct run *run)
{
	for (size_t i = 0; i < STEP_COUNT; i++) {
		activity_end(&run->activities[i]);
		child_abandon(run->activities[i].child);
	}
	record_release(&run->record);
	lock_release(run->lease);
	free(run);
}

void engine_free(struct engine *engine)
{
	if (!engine)
		return;
	while (engine->runs) {
		struct run *run = engine->runs;
		engine->runs = run->next;
		run_free(run);
	}
	while (engine->calls) {
		struct call *call = engine->calls;
		engine->calls = *(struct call **)call; /* `next` is its first member */
		free(call);
	}
	loop_cancel(engine->lock_retry);
	loop_cancel(engine->refresh);
	loop_cancel(engine->patience);
	free(engine->pending);
	free(engine);
}

struct call **engine_calls(struct engine *engine)
{
	return &engine->calls;
}

const struct engine_parts *engine_parts_of(const struct engine *engine)
{
	return &engine->parts;
}

const struct fleet_identity *engine_fleet(const struct engine *engine)
{
	return &engine->fleet;
}

struct fleet_identity *engine_fleet_to_change(struct engine *engine)
{
	return &transaction_state(engine->committing)->fleet;
}

void engine_report(struct run *run, enum report_kind kind, enum step_id step, const char *text, int64_t elapsed_ms)
{
	struct report report = { kind, run->record.id, steps[step].name, text, elapsed_ms };
	run->engine->parts.report(run->engine->parts.report_data, &report);
}

/* --- taking instances ------------------------------------------------------ */

int engine_take_leased(struct engine *engine, const char *id, struct lock *lease, struct error *err)
{
	struct snapshot snapshot;
	if (store_read(engine->parts.store, &snapshot, err) < 0) {
		lock_release(lease);
		return -1;
	}
	const struct record *record = snapshot_find(&snapshot, id);
	if (!record) {
		snapshot_release(&snapshot);
		lock_release(lease);
		return error_set(err, ERROR_NOT_FOUND, 0, "there is no instance '%s' any more", id);
	}
	paths_sweep(loop_system(engine->parts.loop), engine->parts.store, id);
	struct run *run = memory_new(sizeof(*run));
	run->engine = engine;
	run->lease = lease;
	record_copy(&run->record, record);
	for (size_t i = 0; i < STEP_COUNT; i++) {
		run->activities[i].run = run;
		run->activities[i].id = (enum step_id)i;
	}
	run->next = engine->runs;
	engine->runs = run;
	snapshot_release(&snapshot);
	return 0;
}

int engine_take(struct engine *engine, const char *id, bool *ret_taken, struct error *err)
{
	struct lock *lease;
	*ret_taken = false;
	if (store_lease(engine->parts.store, id, &lease, err) < 0)
		return -1;
	if (!lease)
		return 0;
	if (engine_take_leased(engine, id, lease, err) < 0)
		return -1;
	*ret_taken = true;
	return 0;
}

enum outcome engine_outcome(const struct engine *engine, const char *id, const struct error **ret_error,
			    const struct record **ret_record)
{
	for (const struct run *run = engine->runs; run; run = run->next) {
		if (strcmp(run->record.id, id) != 0)
			continue;
		*ret_error = run->error.kind == ERROR_NONE ? NULL : &run->error;
		*ret_record = &run->record;
		return run->outcome;
	}
	return OUTCOME_PENDING;
}

/* --- deciding what is next -------------------------------------------------- */

void run_finish(struct run *run, enum outcome outcome, const struct error *error)
{
	for (size_t i = 0; i < STEP_COUNT; i++)
		activity_end(&run->activities[i]);
	run->outcome = outcome;
	if (error && run->error.kind == ERROR_NONE)
		run->error = *error;
	struct error ignored = ERROR_INIT; /* a lease file that stays is harmless */
	if (run->forgotten)
		(void)lock_remove(run->lease, &ignored);
	else
		lock_release(run->lease);
	run->lease = NULL;
}

static bool is_reached(const struct run *run)
{
	return run->forgotten || (run->record.goal == GOAL_RUNNING && status_is_settled(&run->record));
}

static void end_done(struct run *run, enum step_id id)
{
	struct activity *activity = &run->activities[id];
	int64_t elapsed = clock_monotonic_ms(loop_system(run->engine->parts.loop)) - activity->began_ms;
	activity_end(activity);
	engine_report(run, REPORT_ENDED, id, steps[id].doing, elapsed);
}

/* No step begins anew beside a program of its own that is being ended, and the files of an instance stay until
 * the last such program is gone: a dying nixos-anywhere must still find the ssh that pins it (P6). */
static bool must_wait(const struct run *run, enum step_id id)
{
	bool waits = activity_lingers(&run->activities[id]);
	for (unsigned i = 0; id == STEP_FORGET && i < STEP_COUNT; i++)
		waits = waits || activity_lingers(&run->activities[i]);
	return waits;
}

/* Ends what is done, no longer wanted or no longer founded, starts what can be. */
static void run_advance(struct run *run)
{
	unsigned done = steps_done(&run->record);
	for (unsigned i = 0; i < STEP_COUNT; i++) {
		struct activity *activity = &run->activities[i];
		if (activity->active && (steps[i].goal != run->record.goal || !step_is_founded(i, done)))
			activity_end(activity);
		else if (activity->active && (done & NEEDS(i)))
			end_done(run, (enum step_id)i);
	}
	if (is_reached(run)) {
		run_finish(run, run->error.kind == ERROR_NONE ? OUTCOME_REACHED : OUTCOME_FAILED, NULL);
		return;
	}
	for (unsigned i = 0; i < STEP_COUNT && run->outcome == OUTCOME_PENDING && !run->failing; i++)
		if (!run->activities[i].active && step_can_begin(i, &run->record, done) && !must_wait(run, i))
			activity_begin(&run->activities[i]);
}

/* --- failing ------------------------------------------------------------------ */

static int change_failed(struct record *record, struct activity *activity, struct error *err)
{
	(void)err;
	const struct run *run = activity->run;
	int64_t now = activity_now(activity);
	record->failed_at = now;
	text_copy(record->failed_step, sizeof(record->failed_step), steps[activity->id].name);
	text_copy(record->failure, sizeof(record->failure), run->error.message);
	if (record->keep_on_failure && record->server_id) {
		record->keep_until = now + KEEP_SECONDS;
	} else if (record->goal == GOAL_RUNNING) {
		record->goal = GOAL_GONE;
		text_copy(record->reason, sizeof(record->reason), "failed");
	}
	return 0;
}

static void after_failed(struct activity *activity)
{
	activity->run->failing = false;
}

/* One minute after the first failed run, then twice as long each time, up to an hour. */
static int64_t seconds_to_retry(int64_t attempts)
{
	int64_t seconds = RETRY_SECONDS << (attempts < 7 ? attempts - 1 : 6);
	return seconds < RETRY_SECONDS_MAXIMUM ? seconds : RETRY_SECONDS_MAXIMUM;
}

static int change_attempt(struct record *record, struct activity *activity, struct error *err)
{
	(void)err;
	record->attempts++;
	record->retry_at = activity_now(activity) + seconds_to_retry(record->attempts);
	text_copy(record->last_error, sizeof(record->last_error), activity->last.message);
	return 0;
}

static void after_attempt(struct activity *activity)
{
	run_finish(activity->run, OUTCOME_FAILED, NULL);
}

/* A step failed. An unfinished machine is undone (or kept for a look, if asked
 * for); a failure after it was handed over, or while it is being ended, is
 * reported, and `reap` tries again. */
void run_fail(struct run *run, struct activity *activity, const struct error *error)
{
	bool finished = run->record.verified_at || run->record.goal == GOAL_GONE;
	if (run->failing) {
		run_finish(run, OUTCOME_FAILED, error);
		return;
	}
	for (size_t i = 0; i < STEP_COUNT; i++)
		activity_end(&run->activities[i]);
	activity->last = *error;
	if (run->error.kind == ERROR_NONE)
		run->error = *error;
	else /* the first one is why it is undone */
		error_set(&run->error, run->error.kind, 0, "%.480s; undoing it failed: %.480s", run->error.message,
			  error->message);
	run->failing = true;
	if (finished)
		engine_queue_failure(activity, change_attempt, "attempt-failed", error->message, after_attempt);
	else
		engine_queue_failure(activity, change_failed, "failed", error->message, after_failed);
}

static int change_waits(struct record *record, struct activity *activity, struct error *err)
{
	char why[sizeof(record->last_error)];
	(void)err;
	text_copy(why, sizeof(why), activity->last.message);
	if (strcmp(record->last_error, why) == 0)
		return CHANGE_NOTHING;
	text_copy(record->last_error, sizeof(record->last_error), why);
	return 0;
}

static void after_waits(struct activity *activity)
{
	activity_later(activity, &activity->last);
}

/* Nothing failed, so no attempt counts and the next sweep goes on; the record tells health what is waited for. */
void run_lack(struct activity *activity, const struct error *what)
{
	activity->last = *what;
	engine_queue_failure(activity, change_waits, "waits", what->message, after_waits);
}

static void on_refresh(void *data)
{
	struct engine *engine = data;
	struct error error = ERROR_INIT;
	struct snapshot snapshot;
	engine->refresh = loop_after(engine->parts.loop, REFRESH_MS, on_refresh, engine);
	if (store_read(engine->parts.store, &snapshot, &error) < 0)
		return; /* a commit would say why, if one is due */
	engine_show_records(engine, &snapshot);
	engine->fleet = snapshot.fleet;
	snapshot_release(&snapshot);
}

/* --- running -------------------------------------------------------------------- */

static void interrupt_run(struct run *run)
{
	struct error error = ERROR_INIT;
	error_set(&error, ERROR_INTERRUPTED, 0, "interrupted");
	run_finish(run, OUTCOME_INTERRUPTED, &error);
}

/* A create request that is under way is waited for: its answer spares the next run a search. */
static bool is_interruptible(const struct run *run)
{
	bool creating = run->activities[STEP_CREATE].active && run->record.create_sent_at && !run->record.server_id;
	return !creating && !run->failing;
}

static bool advance_all(struct engine *engine)
{
	bool pending = false;
	for (struct run *run = engine->runs; run; run = run->next) {
		if (run->outcome == OUTCOME_PENDING && engine->interrupted && is_interruptible(run))
			interrupt_run(run);
		else if (run->outcome == OUTCOME_PENDING && !engine->interrupted && !run->failing)
			run_advance(run);
		pending = pending || run->outcome == OUTCOME_PENDING;
	}
	return pending;
}

int engine_run(struct engine *engine, struct error *err)
{
	while (advance_all(engine)) {
		engine_flush(engine);
		/* A commit may have made steps startable: look again before sleeping. */
		if (!advance_all(engine))
			break;
		if (engine->pending_count && !engine->lock_retry)
			continue;
		if (loop_turn(engine->parts.loop, err) < 0)
			return -1;
	}
	return 0;
}

static void on_patience_over(void *data)
{
	struct engine *engine = data;
	engine->patience = NULL;
	for (struct run *run = engine->runs; run; run = run->next)
		if (run->outcome == OUTCOME_PENDING)
			interrupt_run(run);
}

void engine_interrupt(struct engine *engine)
{
	if (engine->interrupted)
		return;
	engine->interrupted = true;
	engine->patience = loop_after(engine->parts.loop, INTERRUPT_WAIT_MS, on_patience_over, engine);
}

bool engine_go_on(struct engine *engine)
{
	bool interrupted = engine->interrupted;
	engine->interrupted = false;
	loop_cancel(engine->patience);
	engine->patience = NULL;
	return interrupted;
}
