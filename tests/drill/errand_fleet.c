/* What concerns the whole fleet: its beginning, its second beginning, and whether all is as it should be. */
#include "errand_inside.h"

#include <stdio.h>
#include <string.h>

#include "audit/health.h"
#include "fleet/anchor.h"
#include "fleet/registration.h"
#include "lifecycle/commit.h"
#include "lifecycle/inspection.h"
#include "lifecycle/patience.h"
#include "lifecycle/repair.h"
#include "loss.h"
#include "oracle.h"
#include "oracle_loss.h"
#include "story.h"
#include "system/clock.h"
#include "system/durable_file.h"
#include "system/lock.h"
#include "system/random.h"

/* --- init, as commands/init.c does it ------------------------------------------------------- */

static int change_registration(struct transaction *transaction, void *data, struct error *err)
{
	(void)err;
	registration_record(data, &transaction_state(transaction)->fleet);
	return 0;
}

static int find_anchor(struct desk *desk, const char *fleet, int64_t *ret, struct error *err)
{
	if (registration_find_firewall(desk->loop, desk->cloud, fleet, ret, err) < 0)
		return -1;
	return *ret ? 0 : error_set(err, ERROR_REMOTE, 0, "no firewall of the fleet is in this project");
}

static int state_exists(struct desk *desk, bool *ret, struct error *err)
{
	struct file_facts facts;
	if (file_look(&desk->process->system, STATE_PATH, &facts, err) < 0)
		return -1;
	*ret = facts.exists;
	return 0;
}

static int create(struct desk *desk, const char *adopted, int64_t anchor, struct error *err)
{
	struct system *system = &desk->process->system;
	char fleet_id[FLEET_ID_SIZE];
	random_hex(system, fleet_id, FLEET_ID_SIZE - 1);
	return store_create(system, STATE_DIRECTORY, adopted ? adopted : fleet_id, anchor, clock_now(system), err);
}

static int lock_and_open(struct desk *desk, const char *adopted, struct lock **ret_lock, struct error *err)
{
	struct system *system = &desk->process->system;
	int64_t anchor = 0;
	bool exists;
	if (state_exists(desk, &exists, err) < 0 ||
	    (exists && store_open(system, STATE_DIRECTORY, &desk->store, err) < 0) ||
	    (!exists && store_check_new(system, STATE_DIRECTORY, adopted, err) < 0) ||
	    (!exists && adopted && find_anchor(desk, adopted, &anchor, err) < 0) ||
	    store_lock_init(system, STATE_DIRECTORY, ret_lock, err) < 0)
		return -1;
	if (desk->store)
		return 0;
	if (state_exists(desk, &exists, err) < 0 || (!exists && create(desk, adopted, anchor, err) < 0))
		return -1;
	return store_open(system, STATE_DIRECTORY, &desk->store, err);
}

static int complete(struct desk *desk, struct error *err)
{
	struct snapshot snapshot;
	if (store_read(desk->store, &snapshot, err) < 0)
		return -1;
	struct fleet_identity fleet = snapshot.fleet;
	snapshot_release(&snapshot);
	if ((fleet.anchor && anchor_look(desk->loop, desk->cloud, &fleet, err) < 0) ||
	    registration_make_key(desk->loop, &desk->settings, desk->store, err) < 0 ||
	    registration_check_key(desk->loop, desk->store, desk->cloud, &fleet, err) < 0 ||
	    registration_complete(desk->loop, desk->store, desk->cloud, &fleet, err) < 0)
		return -1;
	return commit_now(desk->loop, desk->store, change_registration, &fleet, err);
}

static int begin_fleet(struct desk *desk, const char *adopted, struct error *err)
{
	struct lock *lock = NULL;
	int result = lock_and_open(desk, adopted, &lock, err);
	if (result == 0)
		result = complete(desk, err);
	lock_release(lock);
	return result;
}

int errand_init(struct desk *desk, struct error *err)
{
	return begin_fleet(desk, NULL, err);
}

/* An old state is refused, and the operator does what the words say. */
int errand_adopt(struct desk *desk, struct error *err)
{
	struct world *world = desk->process->world;
	int result = begin_fleet(desk, oracle_fleet(world->oracle), err);
	if (result == 0 || !strstr(err->message, "move the file away and rebuild it with 'ccc init --adopt"))
		return result;
	loss_moves_away(world);
	store_close(desk->store);
	desk->store = NULL;
	return begin_fleet(desk, oracle_fleet(world->oracle), err);
}

/* --- fsck ------------------------------------------------------------------------------------ */

/* Of a folder that belongs to nobody as far as anybody can know, fsck says that a person should look. */
static void remove_by_hand(struct desk *desk, const struct finding *finding)
{
	char path[160];
	snprintf(path, sizeof(path), STATE_DIRECTORY "/instances/%s", finding->name);
	if (finding->kind == FINDING_STRAY_FOLDER && finding->fix == FIX_NONE)
		disk_remove(desk->process->world->disk, path);
}

/* As commands/fsck.c does it, where nobody is there to say yes unless the words did. */
static int mend(struct desk *desk, struct repair *repair, bool yes, size_t *ret_mended, struct error *err)
{
	struct inspection inspection;
	*ret_mended = 0;
	if (inspection_make(desk->loop, desk->store, desk->cloud, &inspection, err) < 0)
		return -1;
	repair->inspection = &inspection;
	for (size_t i = 0; i < inspection.findings.count; i++) {
		const struct finding *finding = &inspection.findings.items[i];
		struct error ignored = ERROR_INIT;
		if (yes)
			remove_by_hand(desk, finding);
		if (finding->fix == FIX_NONE || (!fix_rules[finding->fix].safe && !yes) ||
		    repair_make(repair, finding, &ignored) < 0)
			continue;
		++*ret_mended;
		story_tell(desk->process->world, "    %s %s: %s", finding_rules[finding->kind].name, finding->instance,
			   fix_rules[finding->fix].text);
		desk->process->world->repairs[finding->fix]++;
	}
	inspection_release(&inspection);
	return 0;
}

static int fsck(struct desk *desk, bool yes, struct error *err)
{
	struct repair repair = {
		.loop = desk->loop, .store = desk->store, .cloud = desk->cloud, .ids = ARGUMENTS_INIT
	};
	size_t mended = 1;
	int result = 0;
	for (int round = 0; result == 0 && mended && round < 4; round++)
		result = mend(desk, &repair, yes, &mended, err);
	if (result == 0 && repair.ids.count)
		result = errand_work(desk, repair.ids.items, repair.ids.count, err);
	repair_release(&repair);
	return result;
}

int errand_fsck(struct desk *desk, struct error *err)
{
	return fsck(desk, false, err);
}

int errand_fsck_yes(struct desk *desk, struct error *err)
{
	return fsck(desk, true, err);
}

/* --- health ---------------------------------------------------------------------------------- */

static bool says_stale_sweep(struct desk *desk, const struct snapshot *state, const struct past *past)
{
	struct health_input input = { .now = clock_now(&desk->process->system),
				      .sweep_warning = 15 * 60,
				      .sweep_critical = 60 * 60,
				      .disk_free = INT64_MAX,
				      .fleet = state->fleet.id,
				      .sweep_began_at = state->fleet.sweep_began_at,
				      .swept_at = state->fleet.swept_at,
				      .earlier = state->records,
				      .earlier_count = state->count,
				      .records = state->records,
				      .record_count = state->count,
				      .commit = state->commit,
				      .past = past,
				      .patience = patience_seconds };
	struct findings findings = FINDINGS_INIT;
	bool says = false;
	health_judge(&input, &findings);
	for (size_t i = 0; i < findings.count; i++)
		if ((findings.items[i].kind == FINDING_STALE_SWEEP || findings.items[i].kind == FINDING_STALE_STATE) &&
		    findings.items[i].severity == SEVERITY_CRITICAL)
			says = true;
	findings_release(&findings);
	return says;
}

/* Nothing swept for days: who monitors must have heard of it, unless there is nobody whose time could be over. */
int errand_health(struct desk *desk, struct error *err)
{
	struct snapshot state;
	struct past past = PAST_INIT;
	if (store_read(desk->store, &state, err) < 0)
		return -1;
	int result = store_whole_history(desk->store, past_add, &past, err);
	if (result == 0 && state.count && state.fleet.swept_at && !says_stale_sweep(desk, &state, &past))
		oracle_violated(desk->process->world->oracle, "P8", "cron is dead for %lld h, and health is content",
				(long long)desk->errand->hours);
	past_release(&past);
	snapshot_release(&state);
	return result;
}
