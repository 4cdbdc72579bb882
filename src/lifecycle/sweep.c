#include "lifecycle/sweep.h"

#include <stdlib.h>

#include "base/text.h"
#include "instance/adoption.h"
#include "instance/status.h"
#include "lifecycle/commit.h"
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

/* --- looking at the cloud --------------------------------------------------- */

struct look {
	bool arrived;
	struct error error;
};

static void on_anchor(void *data, const struct cloud_reply *reply)
{
	struct look *look = data;
	look->arrived = true;
	if (reply->error)
		look->error = *reply->error; /* what the anchor says, the steps judge themselves */
}

/* The anchor's answer brings Hetzner's clock. Leaves `why` filled when the clocks disagree. */
static int look_at_clock(struct loop *loop, struct cloud *cloud, int64_t anchor, struct sweep *sweep, struct error *err)
{
	struct look look = { .error = ERROR_INIT };
	int64_t offset;
	cloud_get_firewall(cloud, anchor, on_anchor, &look);
	if (loop_until(loop, &look.arrived, err) < 0)
		return -1;
	if (!cloud_clock_offset(cloud, &offset))
		sweep->why = look.error;
	else if (llabs(offset) > CLOCK_TOLERANCE_S)
		error_set(&sweep->why, ERROR_FAILED, 0,
			  "this machine's clock is %lld s %s Hetzner's; nothing is deleted for being expired until it "
			  "is right",
			  (long long)llabs(offset), offset > 0 ? "ahead of" : "behind");
	return 0;
}

/* Nobody is asked when there is nothing to do: that is most sweeps. */
static int look(struct loop *loop, struct store *store, struct cloud *cloud, struct sweep *sweep, struct error *err)
{
	struct snapshot state;
	bool busy = false;
	int result = 0;
	if (store_read(store, &state, err) < 0)
		return -1;
	for (size_t i = 0; i < state.count; i++)
		busy = busy || sweep_is_due(&state.records[i], sweep->began);
	sweep->looked = busy;
	if (busy)
		result = look_at_clock(loop, cloud, state.fleet.anchor, sweep, err);
	snapshot_release(&state);
	return result;
}

/* --- the goals ---------------------------------------------------------------- */

/* The point of no return comes later, in `decide`, which compares the clocks once more
 * and reads the expiry again. */
static int set_goals(struct transaction *transaction, void *data, struct error *err)
{
	struct sweep *sweep = data;
	struct snapshot *state = transaction_state(transaction);
	bool clock_agrees = sweep->looked && sweep->why.kind == ERROR_NONE;
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
		else if (!status_is_settled(record))
			sweep->waiting++;
	}
	if (sweep->ids.count == 0 && sweep->held_back == 0) {
		state->fleet.swept_at = sweep->began;
		sweep->recorded = true;
	}
	return 0;
}

int sweep_begin(struct loop *loop, struct store *store, struct cloud *cloud, struct sweep *sweep, struct error *err)
{
	sweep->began = clock_now(loop_system(loop));
	sweep->cloud = cloud;
	if (look(loop, store, cloud, sweep, err) < 0)
		return -1;
	return commit_now(loop, store, set_goals, sweep, err);
}

static int record_sweep(struct transaction *transaction, void *data, struct error *err)
{
	const struct sweep *sweep = data;
	struct fleet_identity *fleet = &transaction_state(transaction)->fleet;
	(void)err;
	fleet->swept_at = sweep->began;
	if (cloud_rate_limit(sweep->cloud, &fleet->rate_remaining, &fleet->rate_limit))
		fleet->rate_seen_at = sweep->began;
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
}
