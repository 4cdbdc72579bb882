/* The engine's commits: changes of all instances that are ready become durable together. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "lifecycle/commit.h"
#include "lifecycle/engine_inside.h"
#include "system/clock.h"
#include "system/random.h"

static void queue(struct activity *activity, const struct pending *change, const char *event, const char *detail)
{
	struct engine *engine = activity->run->engine;
	engine->pending = memory_grow(engine->pending, engine->pending_count + 1, sizeof(*engine->pending));
	struct pending *pending = &engine->pending[engine->pending_count++];
	*pending = *change;
	pending->activity = activity;
	pending->generation = activity->generation;
	text_copy(pending->event, sizeof(pending->event), event);
	text_copy(pending->detail, sizeof(pending->detail), detail);
}

void engine_queue_commit(struct activity *activity, run_change_fn *change, const char *event, const char *detail,
			 activity_fn *after)
{
	queue(activity, &(struct pending){ .change = change, .after = after }, event, detail);
}

void engine_queue_failure(struct activity *activity, run_change_fn *change, const char *event, const char *detail,
			  activity_fn *after)
{
	queue(activity, &(struct pending){ .change = change, .after = after, .is_failure = true }, event, detail);
}

/* What is done makes earlier failures history. That a server was deleted is Hetzner's word until it is proven, and may
 * be taken back: neither is progress, or the failure of an end that never comes would always be the first. */
static int change(struct record *record, struct pending *pending, struct error *err)
{
	int64_t confirmed_at = record->delete_confirmed_at;
	int result = pending->change(record, pending->activity, err);
	if (result == 0 && !pending->is_failure && record->delete_confirmed_at == confirmed_at) {
		record->attempts = record->retry_at = 0;
		record->last_error[0] = '\0';
	}
	return result;
}

static bool is_current(const struct pending *pending)
{
	const struct activity *activity = pending->activity;
	if (activity->run->outcome != OUTCOME_PENDING)
		return false;
	if (activity->run->failing)
		return pending->is_failure;
	return activity->active && activity->generation == pending->generation;
}

static void fail_pending(struct pending *pending, const struct error *error)
{
	struct run *run = pending->activity->run;
	if (!is_current(pending))
		return;
	if (run->failing || pending->is_failure)
		run_finish(run, OUTCOME_FAILED, error);
	else
		activity_fail(pending->activity, error);
}

/* What can't be recorded can't be undone either: the run is over. Its record stays as it is, with the intent of
 * whatever was sent, so that the next run finds what came of it. */
static void abandon_pending(struct pending *pending, const struct error *error)
{
	struct run *run = pending->activity->run;
	struct error both = run->error;
	if (!is_current(pending))
		return;
	if (run->error.kind != ERROR_NONE)
		error_set(&run->error, both.kind, 0, "%.480s; that could not be recorded: %.480s", both.message,
			  error->message);
	run_finish(run, OUTCOME_FAILED, error);
}

/* Applies one change: 0, or CHANGE_NOTHING, or -1 when it was refused, which fails its step only. */
static int apply(struct transaction *transaction, struct pending *pending)
{
	int result = -1;
	struct error error = ERROR_INIT;
	struct record *record = transaction_find(transaction, pending->activity->run->record.id);
	if (!record)
		error_set(&error, ERROR_STATE, 0, "the record of '%s' is gone from the state",
			  pending->activity->run->record.id);
	else if ((result = change(record, pending, &error)) == 0) {
		if (strcmp(pending->event, "forgotten") == 0)
			transaction_remove(transaction, record, pending->event);
		else
			transaction_note(transaction, record, pending->event, pending->detail);
	}
	if (result < 0)
		fail_pending(pending, &error);
	return result;
}

/* Every run sees the newest records, so that a goal set by another process is obeyed. */
static struct record *copies_of_records(struct engine *engine, const struct snapshot *state)
{
	size_t count = 0;
	for (const struct run *run = engine->runs; run; run = run->next)
		count++;
	struct record *copies = memory_grow(NULL, count + 1, sizeof(*copies));
	count = 0;
	for (const struct run *run = engine->runs; run; run = run->next) {
		const struct record *record = snapshot_find(state, run->record.id);
		record_copy(&copies[count++], record ? record : &run->record);
	}
	return copies;
}

static void take_over_records(struct engine *engine, struct record *copies, bool keep)
{
	size_t index = 0;
	for (struct run *run = engine->runs; run; run = run->next) {
		struct record *copy = &copies[index++];
		if (keep) {
			struct record old = run->record;
			run->record = *copy;
			*copy = old;
		}
		record_release(copy);
	}
	free(copies);
}

void engine_show_records(struct engine *engine, const struct snapshot *state)
{
	take_over_records(engine, copies_of_records(engine, state), true);
}

static void on_lock_retry(void *data)
{
	struct engine *engine = data;
	engine->lock_retry = NULL;
}

static void commit_all(struct engine *engine, struct transaction *transaction, struct pending *batch, size_t count)
{
	struct error error = ERROR_INIT;
	bool *applied = memory_new(count + 1);
	bool changed = false;
	engine->committing = transaction;
	for (size_t i = 0; i < count; i++) {
		int outcome = is_current(&batch[i]) ? apply(transaction, &batch[i]) : -1;
		applied[i] = outcome >= 0;
		changed = changed || outcome == 0;
	}
	engine->committing = NULL;
	struct fleet_identity fleet = transaction_state(transaction)->fleet;
	struct record *copies = copies_of_records(engine, transaction_state(transaction));
	int result = 0;
	if (changed)
		result = transaction_commit(transaction, clock_now(loop_system(engine->parts.loop)), &error);
	else
		transaction_abort(transaction);
	take_over_records(engine, copies, result == 0);
	if (result == 0)
		engine->fleet = fleet;
	for (size_t i = 0; i < count; i++) {
		if (!applied[i])
			continue;
		if (result < 0)
			fail_pending(&batch[i], &error);
		else if (batch[i].after && is_current(&batch[i]))
			batch[i].after(batch[i].activity);
	}
	free(applied);
}

static void wait_for_lock(struct engine *engine)
{
	struct system *system = loop_system(engine->parts.loop);
	int64_t now = clock_monotonic_ms(system);
	struct error error = ERROR_INIT;
	if (!engine->lock_patience_ms)
		engine->lock_patience_ms = now + LOCK_PATIENCE_MS;
	if (now < engine->lock_patience_ms) {
		engine->lock_retry =
			loop_after(engine->parts.loop, 2 + (int64_t)random_below(system, 20), on_lock_retry, engine);
		return;
	}
	(void)store_stays_locked(engine->parts.store, LOCK_PATIENCE_MS, &error);
	for (size_t i = 0; i < engine->pending_count; i++)
		abandon_pending(&engine->pending[i], &error);
	engine->pending_count = 0;
	engine->lock_patience_ms = 0;
}

void engine_flush(struct engine *engine)
{
	struct error error = ERROR_INIT;
	struct transaction *transaction;
	if (!engine->pending_count || engine->lock_retry)
		return;
	int result = store_begin(engine->parts.store, &transaction, &error);
	if (result == 0 && !transaction) {
		wait_for_lock(engine);
		return;
	}
	struct pending *batch = engine->pending;
	size_t count = engine->pending_count;
	engine->pending = NULL;
	engine->pending_count = 0;
	engine->lock_patience_ms = 0;
	if (result == 0)
		commit_all(engine, transaction, batch, count);
	else
		for (size_t i = 0; i < count; i++)
			fail_pending(&batch[i], &error);
	free(batch);
}
