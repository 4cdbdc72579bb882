#include "lifecycle/sweep.h"

#include "base/text.h"
#include "fleet/anchor.h"
#include "instance/adoption.h"
#include "instance/status.h"
#include "lifecycle/commit.h"
#include "lifecycle/plausible.h"
#include "lifecycle/steps.h"
#include "system/clock.h"

const char *sweep_reason(const struct record *record, int64_t now)
{
	if (record->goal == GOAL_GONE || adoption_is_open(record))
		return NULL;
	if (record->failed_at && record->keep_until && now >= record->keep_until)
		return "failed";
	if (!record->verified_at && !record->failed_at && now >= record->give_up_at)
		return "abandoned";
	return status_is_expired(record, now) ? "expired" : NULL;
}

bool sweep_is_due(const struct record *record, int64_t now)
{
	/* a time too far away was written by a clock that was ahead */
	bool may_retry = now >= record->retry_at || record->retry_at > now + RETRY_SECONDS_MAXIMUM;
	return sweep_reason(record, now) || (!status_is_settled(record) && may_retry);
}

bool sweep_waits(const struct record *record, int64_t now)
{
	return record->attempts && !status_is_settled(record) && !sweep_is_due(record, now);
}

/* --- looking at the cloud --------------------------------------------------- */

/* A token that died, or is another project's, shows now and not when the first machine
 * should have gone. The answer brings Hetzner's clock too: `why` is filled when it disagrees. */
static int look_at_anchor(struct loop *loop, struct cloud *cloud, const struct fleet_identity *fleet,
			  struct sweep *sweep, struct error *err)
{
	int64_t offset;
	if (anchor_look(loop, cloud, fleet, err) < 0)
		return error_wrap(err, "the sweep could do nothing");
	if (!cloud_clock_offset(cloud, &offset))
		error_set(&sweep->why, ERROR_REMOTE, 0, "Hetzner's answer carries no time to compare with");
	else
		(void)plausible_clock(offset, &sweep->why);
	return 0;
}

int sweep_look(struct loop *loop, struct store *store, struct cloud *cloud, struct sweep *sweep, struct error *err)
{
	struct snapshot state;
	int result = 0;
	sweep->system = loop_system(loop);
	sweep->began = clock_now(sweep->system);
	sweep->cloud = cloud;
	if (store_read(store, &state, err) < 0)
		return -1;
	sweep->looked = state.count > 0;
	if (sweep->looked)
		result = look_at_anchor(loop, cloud, &state.fleet, sweep, err);
	snapshot_release(&state);
	return result;
}

bool sweep_clock_agrees(const struct sweep *sweep)
{
	return sweep->looked && sweep->why.kind == ERROR_NONE;
}

/* --- the goals ---------------------------------------------------------------- */

/* One that began later may have ended sooner; what lies ahead was written by a clock that was wrong. */
static void note_end(const struct sweep *sweep, struct fleet_identity *fleet)
{
	if (sweep->began > fleet->swept_at || fleet->swept_at > clock_now(sweep->system))
		fleet->swept_at = sweep->began;
	if (cloud_rate_limit(sweep->cloud, &fleet->rate_remaining, &fleet->rate_limit))
		fleet->rate_seen_at = sweep->began;
}

/* The point of no return comes later, in `decide`, which compares the clocks once more
 * and reads the expiry again. */
static int set_goals(struct transaction *transaction, void *data, struct error *err)
{
	struct sweep *sweep = data;
	struct snapshot *state = transaction_state(transaction);
	bool clock_agrees = sweep_clock_agrees(sweep);
	(void)err;
	state->fleet.sweep_began_at = sweep->began;
	transaction_sweep_leases(transaction);
	for (size_t i = 0; i < state->count; i++) {
		struct record *record = &state->records[i];
		const char *reason = sweep_reason(record, sweep->began);
		if (reason && !clock_agrees) {
			sweep->held_back += sweep->looked; /* else it came meanwhile: the next sweep's */
			continue;
		}
		if (reason) {
			record->goal = GOAL_GONE;
			text_copy(record->reason, sizeof(record->reason), reason);
			transaction_note(transaction, record, reason, "");
		}
		if (reason || sweep_is_due(record, sweep->began))
			arguments_add(&sweep->ids, record->id);
		else if (sweep_waits(record, sweep->began))
			arguments_add(&sweep->waiting, record->id);
	}
	if (sweep->ids.count == 0 && sweep->held_back == 0) {
		note_end(sweep, &state->fleet);
		sweep->recorded = true;
	}
	return 0;
}

int sweep_begin(struct loop *loop, struct store *store, struct cloud *cloud, struct sweep *sweep, struct error *err)
{
	if (sweep_look(loop, store, cloud, sweep, err) < 0)
		return -1;
	return commit_now(loop, store, set_goals, sweep, err);
}

static int record_sweep(struct transaction *transaction, void *data, struct error *err)
{
	(void)err;
	note_end(data, &transaction_state(transaction)->fleet);
	return 0;
}

int sweep_end(struct loop *loop, struct store *store, const struct sweep *sweep, struct error *err)
{
	if (sweep->recorded)
		return 0;
	return commit_now(loop, store, record_sweep, (void *)(uintptr_t)sweep, err);
}

void sweep_release(struct sweep *sweep)
{
	arguments_release(&sweep->ids);
	arguments_release(&sweep->waiting);
}
