#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "commands/all.h"
#include "commands/outcome.h"
#include "instance/status.h"
#include "lifecycle/commit.h"
#include "lifecycle/steps.h"
#include "system/clock.h"

struct sweep {
	struct session *session;
	struct arguments ids; /* what there is to do */
	int64_t began;
	bool clock_agrees;
	size_t held_back; /* expired by a clock that can't be trusted */
};

/* What a record's time says, or NULL: nothing to end. */
static const char *reason_to_end(const struct record *record, int64_t now)
{
	if (record->goal == GOAL_GONE)
		return NULL;
	if (record->failed_at && record->keep_until && now >= record->keep_until)
		return "failed";
	if (!record->verified_at && !record->failed_at && now >= record->give_up_at)
		return "abandoned";
	return status_is_expired(record, now) ? "expired" : NULL;
}

/* Sets the goals that time has set. The point of no return comes later, in `decide`,
 * which compares the clocks once more and reads the expiry again. */
static int set_goals(struct transaction *transaction, void *data, struct error *err)
{
	struct sweep *sweep = data;
	struct snapshot *state = transaction_state(transaction);
	(void)err;
	for (size_t i = 0; i < state->count; i++) {
		struct record *record = &state->records[i];
		const char *reason = reason_to_end(record, sweep->began);
		if (reason && strcmp(reason, "expired") == 0 && !sweep->clock_agrees) {
			sweep->held_back++;
			continue;
		}
		if (reason) {
			record->goal = GOAL_GONE;
			text_copy(record->reason, sizeof(record->reason), reason);
			transaction_note(transaction, record, reason, "");
		}
		if (!status_is_settled(record))
			arguments_add(&sweep->ids, record->id);
	}
	return 0;
}

static int record_sweep(struct transaction *transaction, void *data, struct error *err)
{
	const struct sweep *sweep = data;
	(void)err;
	transaction_state(transaction)->fleet.swept_at = sweep->began;
	return 0;
}

static int dry_run(struct session *session, int64_t now, struct error *err)
{
	struct snapshot snapshot;
	if (store_read(session->store, &snapshot, err) < 0)
		return -1;
	for (size_t i = 0; i < snapshot.count; i++) {
		const struct record *record = &snapshot.records[i];
		const char *reason = reason_to_end(record, now);
		if (reason)
			text_addf(&session->output, "would end instance %s of %s (%s)\n", record->id, record->email,
				  reason);
		else if (!status_is_settled(record))
			text_addf(&session->output, "would go on with instance %s (%s)\n", record->id,
				  status_of(record, now));
	}
	snapshot_release(&snapshot);
	return 0;
}

/* P8: the clocks are compared before anything is deleted for being expired; the
 * anchor's answer brings Hetzner's. */
struct look {
	bool arrived;
	struct error error;
};

static void on_look(void *data, const struct cloud_reply *reply)
{
	struct look *look = data;
	look->arrived = true;
	if (reply->error)
		look->error = *reply->error; /* what the anchor says, the steps judge themselves */
}

static int look_at_clock(struct session *session, int64_t anchor, struct sweep *sweep, struct error *why)
{
	struct look look = { .error = ERROR_INIT };
	int64_t offset;
	cloud_get_firewall(session->cloud, anchor, on_look, &look);
	while (!look.arrived)
		if (loop_turn(session->loop, why) < 0)
			return -1;
	if (!cloud_clock_offset(session->cloud, &offset))
		*why = look.error;
	else if (llabs(offset) > CLOCK_TOLERANCE_S)
		error_set(why, ERROR_FAILED, 0,
			  "this machine's clock is %lld s %s Hetzner's; nothing is deleted for being expired until it "
			  "is right",
			  (long long)llabs(offset), offset > 0 ? "ahead of" : "behind");
	else
		sweep->clock_agrees = true;
	return 0;
}

/* Nobody is asked when there is nothing to do: that is most sweeps. */
static int look_before(struct session *session, struct sweep *sweep, struct error *why, struct error *err)
{
	struct snapshot snapshot;
	bool busy = false;
	if (store_read(session->store, &snapshot, err) < 0)
		return -1;
	for (size_t i = 0; i < snapshot.count; i++)
		busy = busy || reason_to_end(&snapshot.records[i], sweep->began) ||
		       !status_is_settled(&snapshot.records[i]);
	int64_t anchor = snapshot.fleet.anchor;
	snapshot_release(&snapshot);
	return busy ? look_at_clock(session, anchor, sweep, why) : 0;
}

static int work(struct session *session, struct sweep *sweep, struct error *err)
{
	if (sweep->ids.count == 0)
		return 0;
	if (session_engine(session, err) < 0)
		return -1;
	int result = outcome_run(session, sweep->ids.items, sweep->ids.count, err);
	for (size_t i = 0; i < sweep->ids.count; i++)
		if (outcome_is_reached(session, sweep->ids.items[i]))
			text_addf(&session->output, "Instance %s is done.\n", sweep->ids.items[i]);
	return result;
}

static int run(struct session *session, struct error *err)
{
	struct sweep sweep = { .session = session, .ids = ARGUMENTS_INIT, .began = clock_now(session->system) };
	struct error clock_error = ERROR_INIT;
	if (session->dry_run)
		return dry_run(session, sweep.began, err);
	int result = look_before(session, &sweep, &clock_error, err);
	if (result == 0)
		result = commit_now(session->loop, session->store, set_goals, &sweep, err);
	if (result == 0)
		result = work(session, &sweep, err);
	if (result == 0 && sweep.held_back) {
		*err = clock_error;
		result = error_wrap(err, "%zu expired instances were left alone", sweep.held_back);
	}
	if (result == 0)
		result = commit_now(session->loop, session->store, record_sweep, &sweep, err);
	arguments_release(&sweep.ids);
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
