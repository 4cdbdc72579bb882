#include "scene_inside.h"

#include <string.h>

#include "cloud_hiding.h"
#include "cloud_view.h"
#include "loss.h"
#include "oracle.h"
#include "strangers.h"

#define LONG_AFTER (25 * HOUR_MS) /* what failed is kept for a day */

/* --- how it got there ------------------------------------------------------------------------- */

static const struct mishap half_way = { MISHAP_KILL, 120 };

static void nothing(struct world *world)
{
	(void)world;
}

static void begun(struct world *world)
{
	scene_types(world, ERRAND_INIT, 0);
	strangers_come(world);
}

/* The kexec of the next machine comes back in the base system, and it is rebuilt. */
static void falling_back(struct world *world)
{
	begun(world);
	world->next_trouble = HOST_KEXEC_FAILS;
}

static void with_shared_box(struct world *world)
{
	begun(world);
	world->box_is_shared = true;
}

static void handed_over(struct world *world)
{
	begun(world);
	scene_provisions(world, 0, false, NULL);
}

static void one_unfinished(struct world *world)
{
	handed_over(world);
	scene_provisions(world, 1, false, &half_way);
}

/* Somebody had a machine for the payment that is said now. */
static void paid_before(struct world *world)
{
	begun(world);
	run_insist(world, &(struct errand){ .kind = ERRAND_PROVISION, .user = 1, .hours = 3, .reference = "it" }, NULL);
	scene_types(world, ERRAND_END, 1);
}

static void unfinished(struct world *world)
{
	begun(world);
	scene_provisions(world, 0, false, &half_way);
}

static void at_work(struct world *world)
{
	struct errand errand = { .kind = ERRAND_PROVISION, .hours = 1, .reference = "first" };
	begun(world);
	errand_start(world, &errand, NULL);
	world_run_until(world, world->now_ms + 40 * 1000);
}

/* The create was sent, and nobody was on the machine yet. */
static void unreached(struct world *world, unsigned user)
{
	struct errand errand = { .kind = ERRAND_PROVISION, .user = user, .hours = 1, .reference = "first" };
	world->next_trouble = HOST_NEVER_ANSWERS;
	errand_start(world, &errand, NULL);
	world_run_until(world, world->now_ms + 30 * 1000);
	while (world->processes)
		process_kill(world->processes);
	world_run_until(world, world->now_ms + 5 * 1000); /* what it had started ends too */
	world->next_trouble = HOST_FINE;
}

/* Neither its id nor a list shows the server yet. */
static void unseen(struct world *world)
{
	begun(world);
	cloud_hiding_young(world, HOUR_MS / 12);
	unreached(world, 0);
}

#define CREATE_IS_LATE "{\"match\": {\"method\": \"POST\", \"route\": \"/servers\"}, \"late\": 300}"

/* The first of two creates is still on its way, and the name is free again once the second one's server is gone. */
static void resent(struct world *world)
{
	begun(world);
	cloud_control(world, "POST", "/_sim/faults", CREATE_IS_LATE);
	unreached(world, 0);
}

/* What everybody sees of the state is not what the disk keeps. */
static void unsaved(struct world *world)
{
	begun(world);
	scene_provisions(world, 0, false, &(struct mishap){ MISHAP_UNSAVED, 100 });
}

static void failed(struct world *world)
{
	begun(world);
	world->next_trouble = HOST_OTHER_BOX;
	scene_provisions(world, 0, true, NULL);
	world->next_trouble = HOST_FINE;
}

/* The box could not be told. */
static void typed_without_network(struct world *world, enum errand_kind kind)
{
	struct errand errand = { .kind = kind, .hours = MORE_THAN_LABELLED, .reference = "earlier" };
	handed_over(world);
	world->network_is_down = true;
	run_insist(world, &errand, NULL);
	world->network_is_down = false;
}

static void unannounced(struct world *world)
{
	typed_without_network(world, ERRAND_EXTEND);
}

static void key_untold(struct world *world)
{
	typed_without_network(world, ERRAND_ADD_KEY);
}

static void key_added(struct world *world)
{
	handed_over(world);
	scene_types(world, ERRAND_ADD_KEY, 0);
}

static void suspended(struct world *world)
{
	handed_over(world);
	scene_types(world, ERRAND_SUSPEND, 0);
}

static void half_suspended(struct world *world)
{
	struct mishap early = { MISHAP_KILL, 20 };
	handed_over(world);
	run_insist(world, &(struct errand){ .kind = ERRAND_SUSPEND }, &early);
}

static void expired(struct world *world)
{
	one_unfinished(world);
	world_run_until(world, oracle_last_promise(world->oracle) + 90000);
}

#define DELETES_FIND_IT_LOCKED                                                                                         \
	"{\"match\": {\"method\": \"DELETE\", \"route\": \"/servers/{id}\"}, \"times\": 1000, \"error\": \"locked\"}"

/* One that failed and was kept, one that can't be deleted, one unfinished, one expired. */
static void mixed(struct world *world)
{
	failed(world);
	scene_provisions(world, 1, false, NULL);
	cloud_control(world, "POST", "/_sim/faults", DELETES_FIND_IT_LOCKED);
	scene_types(world, ERRAND_END, 1);
	cloud_control(world, "DELETE", "/_sim/faults", NULL);
	world_run_until(world, world->now_ms + LONG_AFTER);
	scene_provisions(world, 2, false, NULL);
	world_run_until(world, oracle_last_promise(world->oracle) + 90000);
	scene_provisions(world, 3, false, &half_way);
}

/* --- after a loss ------------------------------------------------------------------------------- */

static void lose(struct world *world, enum loss loss)
{
	struct item item = { .kind = ITEM_LOSS, .amount = loss };
	loss_happens(world, &item);
}

static void state_lost(struct world *world)
{
	one_unfinished(world);
	lose(world, LOSS_OF_DIRECTORY);
}

static void history_is_left(struct world *world)
{
	one_unfinished(world);
	lose(world, LOSS_OF_STATE);
	scene_types(world, ERRAND_ADOPT, 0);
}

static void record_lost(struct world *world)
{
	one_unfinished(world);
	lose(world, LOSS_OF_RECORD);
}

static void nothing_is_left(struct world *world)
{
	state_lost(world);
	scene_types(world, ERRAND_ADOPT, 0);
}

static void suspended_is_left(struct world *world)
{
	suspended(world);
	lose(world, LOSS_OF_DIRECTORY);
	scene_types(world, ERRAND_ADOPT, 0);
}

static void adopted(struct world *world)
{
	nothing_is_left(world);
	scene_types(world, ERRAND_FSCK, 0);
}

static void adopted_and_over(struct world *world)
{
	int64_t over_ms;
	handed_over(world);
	over_ms = oracle_last_promise(world->oracle);
	lose(world, LOSS_OF_DIRECTORY);
	scene_types(world, ERRAND_ADOPT, 0);
	scene_types(world, ERRAND_FSCK, 0);
	world_run_until(world, over_ms + LONG_AFTER);
}

static void key_lost(struct world *world)
{
	one_unfinished(world);
	lose(world, LOSS_OF_KEY);
}

static void firewall_lost(struct world *world)
{
	one_unfinished(world);
	lose(world, LOSS_OF_FIREWALL);
}

static void files_lost(struct world *world)
{
	one_unfinished(world);
	scene_types(world, ERRAND_END, 1);
	lose(world, LOSS_OF_KNOWN_HOSTS);
	lose(world, LOSS_FOLDERS_BACK);
}

#define CREATES_ARE_LOST "{\"match\": {\"method\": \"POST\", \"route\": \"/servers\"}, \"times\": 1000, \"drop\": true}"

/* It ended, and nobody ever heard of a server of it. */
static void server_comes_late(struct world *world)
{
	handed_over(world);
	cloud_control(world, "POST", "/_sim/faults", CREATES_ARE_LOST);
	unreached(world, 1);
	scene_types(world, ERRAND_END, 1);
	cloud_control(world, "DELETE", "/_sim/faults", NULL);
	world_run_until(world, world->now_ms + HOUR_MS / 3);
	scene_types(world, ERRAND_REAP, 0);
	world_run_until(world, world->now_ms + HOUR_MS / 3);
	scene_types(world, ERRAND_REAP, 0);
	lose(world, LOSS_LATE_SERVER);
	world_run_until(world, world->now_ms + HOUR_MS / 30); /* lists have it by now */
}

/* That one had another, which is gone. */
static void other_server_comes_late(struct world *world)
{
	one_unfinished(world);
	scene_types(world, ERRAND_END, 0);
	lose(world, LOSS_LATE_SERVER);
	world_run_until(world, world->now_ms + HOUR_MS / 30);
}

/* --- on old copies --------------------------------------------------------------------------------- */

/* It was paid since, for longer than an extension of that copy would make it. */
static void put_old_copies_back(struct world *world, enum loss loss)
{
	struct errand errand = { .kind = ERRAND_EXTEND, .hours = 2 * MORE_THAN_LABELLED, .reference = "since" };
	handed_over(world);
	loss_makes_copies(world);
	run_insist(world, &errand, NULL);
	scene_provisions(world, 1, false, NULL);
	lose(world, loss);
}

static void state_is_old(struct world *world)
{
	put_old_copies_back(world, LOSS_OLD_STATE);
	world_run_until(world, world->now_ms + HOUR_MS + 90000); /* by that one its time is over */
}

static void old_state_is_away(struct world *world)
{
	state_is_old(world);
	scene_types(world, ERRAND_ADOPT, 0);
}

static void copies_are_old(struct world *world)
{
	put_old_copies_back(world, LOSS_OLD_COPIES);
	world_run_until(world, world->now_ms + HOUR_MS + 90000);
}

static void copies_are_old_and_taken(struct world *world)
{
	put_old_copies_back(world, LOSS_OLD_COPIES);
}

/* --- the table ------------------------------------------------------------------------------------ */

static const struct scene scenes[] = {
	{ "init", ERRAND_INIT, nothing, NOTHING_LOST },
	{ "provision", ERRAND_PROVISION, begun, NOTHING_LOST },
	{ "provision-shared", ERRAND_PROVISION, with_shared_box, NOTHING_LOST },
	{ "provision-rebuild", ERRAND_PROVISION, falling_back, NOTHING_LOST },
	{ "provision-paid-before", ERRAND_PROVISION, paid_before, NOTHING_LOST },
	{ "extend", ERRAND_EXTEND, handed_over, NOTHING_LOST },
	{ "extend-unfinished", ERRAND_EXTEND, unfinished, NOTHING_LOST },
	{ "extend-unannounced", ERRAND_EXTEND, unannounced, NOTHING_LOST },
	{ "extend-suspended", ERRAND_EXTEND, suspended, NOTHING_LOST },
	{ "extend-adopted", ERRAND_EXTEND, adopted, HISTORY_LOST },
	{ "deprovision", ERRAND_END, handed_over, NOTHING_LOST },
	{ "deprovision-unfinished", ERRAND_END, unfinished, NOTHING_LOST },
	{ "deprovision-unseen", ERRAND_END, unseen, NOTHING_LOST },
	{ "deprovision-resent", ERRAND_END, resent, NOTHING_LOST },
	{ "deprovision-at-work", ERRAND_END, at_work, NOTHING_LOST },
	{ "deprovision-unsaved", ERRAND_END, unsaved, NOTHING_LOST },
	{ "deprovision-failed", ERRAND_END, failed, NOTHING_LOST },
	{ "deprovision-suspended", ERRAND_END, suspended, NOTHING_LOST },
	{ "deprovision-adopted", ERRAND_END, adopted, HISTORY_LOST },
	{ "resume", ERRAND_RESUME, one_unfinished, NOTHING_LOST },
	{ "reap", ERRAND_REAP, expired, NOTHING_LOST },
	{ "reap-mixed", ERRAND_REAP, mixed, NOTHING_LOST },
	{ "keys-add", ERRAND_ADD_KEY, handed_over, NOTHING_LOST },
	{ "keys-remove", ERRAND_REMOVE_KEY, key_added, NOTHING_LOST },
	{ "keys-remove-untold", ERRAND_REMOVE_KEY, key_untold, NOTHING_LOST },
	{ "suspend", ERRAND_SUSPEND, handed_over, NOTHING_LOST },
	{ "suspend-unannounced", ERRAND_SUSPEND, unannounced, NOTHING_LOST },
	{ "unsuspend", ERRAND_UNSUSPEND, suspended, NOTHING_LOST },
	{ "unsuspend-half", ERRAND_UNSUSPEND, half_suspended, NOTHING_LOST },
	{ "fsck", ERRAND_FSCK, one_unfinished, NOTHING_LOST },
	{ "fsck-restore", ERRAND_FSCK, history_is_left, RECORDS_LOST },
	{ "fsck-restore-one", ERRAND_FSCK, record_lost, RECORDS_LOST },
	{ "fsck-adopt", ERRAND_FSCK, nothing_is_left, HISTORY_LOST },
	{ "fsck-adopt-suspended", ERRAND_FSCK, suspended_is_left, HISTORY_LOST },
	{ "fsck-accept", ERRAND_FSCK_YES, adopted_and_over, HISTORY_LOST },
	{ "fsck-register-key", ERRAND_FSCK, key_lost, RECORDS_LOST },
	{ "fsck-register-firewall", ERRAND_FSCK, firewall_lost, RECORDS_LOST },
	{ "fsck-files", ERRAND_FSCK, files_lost, RECORDS_LOST },
	{ "fsck-late-server", ERRAND_FSCK, server_comes_late, RECORDS_LOST },
	{ "fsck-other-server", ERRAND_FSCK, other_server_comes_late, RECORDS_LOST },
	{ "init-adopt", ERRAND_ADOPT, state_lost, HISTORY_LOST },
	{ "init-adopt-old-state", ERRAND_ADOPT, state_is_old, RECORDS_LOST },
	{ "reap-old-state", ERRAND_REAP, state_is_old, RECORDS_LOST },
	{ "fsck-old-state", ERRAND_FSCK, old_state_is_away, RECORDS_LOST },
	{ "extend-old-state", ERRAND_EXTEND, state_is_old, RECORDS_LOST },
	{ "reap-old-copies", ERRAND_REAP, copies_are_old, HISTORY_LOST },
	{ "fsck-old-copies", ERRAND_FSCK, copies_are_old_and_taken, HISTORY_LOST },
	{ "extend-old-copies", ERRAND_EXTEND, copies_are_old_and_taken, HISTORY_LOST },
};

size_t scene_count(void)
{
	return sizeof(scenes) / sizeof(scenes[0]);
}

const struct scene *scene_at(size_t scene)
{
	return &scenes[scene];
}

const char *scene_name(size_t scene)
{
	return scenes[scene].name;
}

size_t scene_find(const char *name)
{
	for (size_t i = 0; i < scene_count(); i++)
		if (strcmp(scenes[i].name, name) == 0)
			return i;
	return SIZE_MAX;
}
