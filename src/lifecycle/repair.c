#include "lifecycle/repair.h"

#include <string.h>

#include "audit/rebuild.h"
#include "base/text.h"
#include "fleet/registration.h"
#include "instance/adoption.h"
#include "instance/status.h"
#include "lifecycle/commit.h"
#include "lifecycle/repair_files.h"
#include "system/clock.h"

typedef int repair_fn(struct repair *repair, const struct finding *finding, struct error *err);

/* --- records that come back ---------------------------------------------------- */

struct addition {
	const struct record *record;
	const char *event;
	int64_t isolation; /* the firewall that cuts machines off; 0: there is none */
	bool added;
};

static int add_record(struct transaction *transaction, void *data, struct error *err)
{
	struct addition *addition = data;
	struct snapshot *state = transaction_state(transaction);
	const struct record *record = addition->record;
	(void)err;
	for (size_t i = 0; i < state->count; i++)
		if (strcmp(state->records[i].id, record->id) == 0 ||
		    (record->server_id && state->records[i].server_id == record->server_id))
			return 0;
	transaction_note(transaction, transaction_add(transaction, record), addition->event, "by fsck");
	if (!state->fleet.isolation) /* lost with the state: it is what 'unsuspend' takes off */
		state->fleet.isolation = addition->isolation;
	addition->added = true;
	return 0;
}

static int commit_record(struct repair *repair, const struct record *record, const char *event, bool *ret_added,
			 struct error *err)
{
	const struct inspection *inspection = repair->inspection;
	struct addition addition = { .record = record, .event = event };
	addition.isolation = observed_isolation(&inspection->observed, inspection->state.fleet.id);
	if (commit_now(repair->loop, repair->store, add_record, &addition, err) < 0)
		return -1;
	*ret_added = addition.added;
	return 0;
}

static int end_leaked(struct repair *repair, const struct finding *finding, struct error *err)
{
	const struct inspection *inspection = repair->inspection;
	const struct cloud_server *server = observed_server(&inspection->observed, finding->id);
	const struct life *life = past_find_nonce(&inspection->past, server->labels.nonce);
	struct record record;
	bool added;
	if (rebuild_leaked(life, server, &record, err) < 0)
		return -1;
	int result = commit_record(repair, &record, "leaked", &added, err);
	if (result == 0 && added)
		arguments_add(&repair->ids, record.id);
	record_release(&record);
	return result;
}

static int restore(struct repair *repair, const struct finding *finding, struct error *err)
{
	const struct life *life = past_find_instance(&repair->inspection->past, finding->instance);
	struct record record;
	bool added;
	if (life_record(life, &record, err) < 0)
		return -1;
	int result = commit_record(repair, &record, "restored", &added, err);
	record_release(&record);
	return result;
}

static int adopt(struct repair *repair, const struct finding *finding, struct error *err)
{
	const struct inspection *inspection = repair->inspection;
	const struct cloud_server *server = observed_server(&inspection->observed, finding->id);
	struct record record;
	bool added;
	rebuild_adopted(server, past_find_instance(&inspection->past, finding->instance),
			observed_is_cut_off(&inspection->observed, inspection->state.fleet.id, server),
			clock_now(loop_system(repair->loop)), &record);
	int result = commit_record(repair, &record, "adopted", &added, err);
	record_release(&record);
	return result;
}

/* --- adopted machines --------------------------------------------------------------- */

struct acceptance {
	const char *id;
	int64_t now;
	bool over;
};

/* Over already, it gets the goal that `reap` would give it; the clock is compared in `decide` (P8). */
static int accept_record(struct transaction *transaction, void *data, struct error *err)
{
	struct acceptance *acceptance = data;
	struct record *record = transaction_find(transaction, acceptance->id);
	(void)err;
	if (!record || !adoption_is_open(record) || record->goal == GOAL_GONE || !record->expires_at)
		return 0;
	adoption_accept(record, acceptance->now);
	acceptance->over = status_is_expired(record, acceptance->now);
	if (acceptance->over) {
		record->goal = GOAL_GONE;
		text_copy(record->reason, sizeof(record->reason), "expired");
	}
	transaction_note(transaction, record, "accepted", "by fsck");
	return 0;
}

static int accept(struct repair *repair, const struct finding *finding, struct error *err)
{
	struct acceptance acceptance = { finding->instance, clock_now(loop_system(repair->loop)), false };
	if (commit_now(repair->loop, repair->store, accept_record, &acceptance, err) < 0)
		return -1;
	if (acceptance.over)
		arguments_add(&repair->ids, finding->instance);
	return 0;
}

/* --- what the fleet has once ---------------------------------------------------------- */

static int change_registration(struct transaction *transaction, void *data, struct error *err)
{
	(void)err;
	registration_record(data, &transaction_state(transaction)->fleet);
	return 0;
}

static int register_anew(struct repair *repair, const struct finding *finding, struct error *err)
{
	struct snapshot state;
	if (store_read(repair->store, &state, err) < 0)
		return -1;
	struct fleet_identity fleet = state.fleet;
	snapshot_release(&state);
	if (finding->kind == FINDING_ANCHOR_MISSING)
		fleet.anchor = 0;
	else
		fleet.ssh_key = 0;
	if (registration_complete(repair->loop, repair->store, repair->cloud, &fleet, err) < 0)
		return -1;
	return commit_now(repair->loop, repair->store, change_registration, &fleet, err);
}

/* By whose finding it is: the isolating one, or the anchor, which has no role. */
static int set_rules(struct repair *repair, const struct finding *finding, struct error *err)
{
	const char *role = finding->kind == FINDING_LEAKY_ISOLATION ? CLOUD_ROLE_ISOLATED : "";
	return registration_set_rules(repair->loop, repair->cloud, finding->id, role, err);
}

/* --- files ------------------------------------------------------------------------------ */

static int pin(struct repair *repair, const struct finding *finding, struct error *err)
{
	return repair_known_hosts(repair->loop, repair->store, finding->instance, err);
}

static int remove_folder(struct repair *repair, const struct finding *finding, struct error *err)
{
	return repair_remove_folder(repair->loop, repair->store, finding->name, err);
}

static int remove_lock(struct repair *repair, const struct finding *finding, struct error *err)
{
	return repair_remove_lock(repair->store, finding->name, err);
}

static int sweep(struct repair *repair, const struct finding *finding, struct error *err)
{
	return repair_sweep(repair->loop, repair->store, finding->name, err);
}

static repair_fn *const fixes[FIX_COUNT] = {
	[FIX_END] = end_leaked,
	[FIX_RESTORE] = restore,
	[FIX_ADOPT] = adopt,
	[FIX_ACCEPT] = accept,
	[FIX_PIN] = pin,
	[FIX_REGISTER] = register_anew,
	[FIX_ISOLATE] = set_rules,
	[FIX_RULES] = set_rules,
	[FIX_REMOVE] = remove_folder,
	[FIX_SWEEP] = sweep,
	[FIX_REMOVE_LOCK] = remove_lock,
};

int repair_make(struct repair *repair, const struct finding *finding, struct error *err)
{
	return fixes[finding->fix] ? fixes[finding->fix](repair, finding, err) : 0;
}

void repair_release(struct repair *repair)
{
	arguments_release(&repair->ids);
}
