#include "scene.h"

#include <stdio.h>
#include <string.h>

#include "cloud_view.h"
#include "loss.h"
#include "oracle.h"
#include "oracle_loss.h"
#include "run_inside.h"
#include "story.h"
#include "strangers.h"

#define USERS              4
#define MORE_THAN_LABELLED 48             /* h: the label has to be raised */
#define LONG_AFTER         (25 * HOUR_MS) /* what failed is kept for a day */

/* --- how it got there ------------------------------------------------------------------------- */

static void type(struct world *world, enum errand_kind kind, unsigned user)
{
	run_insist(world, &(struct errand){ .kind = kind, .user = user }, NULL);
}

static void provision(struct world *world, unsigned user, bool keep, const struct mishap *mishap)
{
	struct errand errand = { .kind = ERRAND_PROVISION, .user = user, .hours = 1 + user % 2, .keep = keep };
	snprintf(errand.reference, sizeof(errand.reference), "first%u", user);
	run_insist(world, &errand, mishap);
}

static const struct mishap half_way = { MISHAP_KILL, 120 };

static void nothing(struct world *world)
{
	(void)world;
}

static void begun(struct world *world)
{
	type(world, ERRAND_INIT, 0);
	strangers_come(world);
}

static void handed_over(struct world *world)
{
	begun(world);
	provision(world, 0, false, NULL);
}

static void one_unfinished(struct world *world)
{
	handed_over(world);
	provision(world, 1, false, &half_way);
}

static void unfinished(struct world *world)
{
	begun(world);
	provision(world, 0, false, &half_way);
}

static void at_work(struct world *world)
{
	struct errand errand = { .kind = ERRAND_PROVISION, .hours = 1, .reference = "first" };
	begun(world);
	errand_start(world, &errand, NULL);
	world_run_until(world, world->now_ms + 40 * 1000);
}

/* What everybody sees of the state is not what the disk keeps. */
static void unsaved(struct world *world)
{
	begun(world);
	provision(world, 0, false, &(struct mishap){ MISHAP_UNSAVED, 100 });
}

static void failed(struct world *world)
{
	begun(world);
	world->next_trouble = HOST_OTHER_BOX;
	provision(world, 0, true, NULL);
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
	type(world, ERRAND_ADD_KEY, 0);
}

static void suspended(struct world *world)
{
	handed_over(world);
	type(world, ERRAND_SUSPEND, 0);
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
	provision(world, 1, false, NULL);
	cloud_control(world, "POST", "/_sim/faults", DELETES_FIND_IT_LOCKED);
	type(world, ERRAND_END, 1);
	cloud_control(world, "DELETE", "/_sim/faults", NULL);
	world_run_until(world, world->now_ms + LONG_AFTER);
	provision(world, 2, false, NULL);
	world_run_until(world, oracle_last_promise(world->oracle) + 90000);
	provision(world, 3, false, &half_way);
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
	type(world, ERRAND_ADOPT, 0);
}

static void record_lost(struct world *world)
{
	one_unfinished(world);
	lose(world, LOSS_OF_RECORD);
}

static void nothing_is_left(struct world *world)
{
	state_lost(world);
	type(world, ERRAND_ADOPT, 0);
}

static void adopted(struct world *world)
{
	nothing_is_left(world);
	type(world, ERRAND_FSCK, 0);
}

static void adopted_and_over(struct world *world)
{
	int64_t over_ms;
	handed_over(world);
	over_ms = oracle_last_promise(world->oracle);
	lose(world, LOSS_OF_DIRECTORY);
	type(world, ERRAND_ADOPT, 0);
	type(world, ERRAND_FSCK, 0);
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
	type(world, ERRAND_END, 1);
	lose(world, LOSS_OF_KNOWN_HOSTS);
	lose(world, LOSS_FOLDERS_BACK);
}

#define CREATES_ARE_LOST "{\"match\": {\"method\": \"POST\", \"route\": \"/servers\"}, \"times\": 1000, \"drop\": true}"

/* It ended, and nobody ever heard of a server of it. */
static void server_comes_late(struct world *world)
{
	handed_over(world);
	cloud_control(world, "POST", "/_sim/faults", CREATES_ARE_LOST);
	provision(world, 1, false, &(struct mishap){ MISHAP_KILL, 60 });
	type(world, ERRAND_END, 1);
	cloud_control(world, "DELETE", "/_sim/faults", NULL);
	world_run_until(world, world->now_ms + HOUR_MS / 3);
	type(world, ERRAND_REAP, 0);
	world_run_until(world, world->now_ms + HOUR_MS / 3);
	type(world, ERRAND_REAP, 0);
	lose(world, LOSS_LATE_SERVER);
	world_run_until(world, world->now_ms + HOUR_MS / 30); /* lists have it by now */
}

/* That one had another, which is gone. */
static void other_server_comes_late(struct world *world)
{
	one_unfinished(world);
	type(world, ERRAND_END, 0);
	lose(world, LOSS_LATE_SERVER);
	world_run_until(world, world->now_ms + HOUR_MS / 30);
}

/* --- the table ------------------------------------------------------------------------------------ */

static const struct scene {
	const char *name;
	enum errand_kind kind;
	void (*prepare)(struct world *world);
	enum { KEPT, RECORDS_LOST, HISTORY_LOST } loss; /* what has to be taken over in the end */
} scenes[] = {
	{ "init", ERRAND_INIT, nothing, KEPT },
	{ "provision", ERRAND_PROVISION, begun, KEPT },
	{ "extend", ERRAND_EXTEND, handed_over, KEPT },
	{ "extend-unfinished", ERRAND_EXTEND, unfinished, KEPT },
	{ "extend-unannounced", ERRAND_EXTEND, unannounced, KEPT },
	{ "extend-suspended", ERRAND_EXTEND, suspended, KEPT },
	{ "extend-adopted", ERRAND_EXTEND, adopted, HISTORY_LOST },
	{ "deprovision", ERRAND_END, handed_over, KEPT },
	{ "deprovision-unfinished", ERRAND_END, unfinished, KEPT },
	{ "deprovision-at-work", ERRAND_END, at_work, KEPT },
	{ "deprovision-unsaved", ERRAND_END, unsaved, KEPT },
	{ "deprovision-failed", ERRAND_END, failed, KEPT },
	{ "deprovision-suspended", ERRAND_END, suspended, KEPT },
	{ "deprovision-adopted", ERRAND_END, adopted, HISTORY_LOST },
	{ "resume", ERRAND_RESUME, one_unfinished, KEPT },
	{ "reap", ERRAND_REAP, expired, KEPT },
	{ "reap-mixed", ERRAND_REAP, mixed, KEPT },
	{ "keys-add", ERRAND_ADD_KEY, handed_over, KEPT },
	{ "keys-remove", ERRAND_REMOVE_KEY, key_added, KEPT },
	{ "keys-remove-untold", ERRAND_REMOVE_KEY, key_untold, KEPT },
	{ "suspend", ERRAND_SUSPEND, handed_over, KEPT },
	{ "suspend-unannounced", ERRAND_SUSPEND, unannounced, KEPT },
	{ "unsuspend", ERRAND_UNSUSPEND, suspended, KEPT },
	{ "unsuspend-half", ERRAND_UNSUSPEND, half_suspended, KEPT },
	{ "fsck", ERRAND_FSCK, one_unfinished, KEPT },
	{ "fsck-restore", ERRAND_FSCK, history_is_left, RECORDS_LOST },
	{ "fsck-restore-one", ERRAND_FSCK, record_lost, RECORDS_LOST },
	{ "fsck-adopt", ERRAND_FSCK, nothing_is_left, HISTORY_LOST },
	{ "fsck-accept", ERRAND_FSCK_YES, adopted_and_over, HISTORY_LOST },
	{ "fsck-register-key", ERRAND_FSCK, key_lost, RECORDS_LOST },
	{ "fsck-register-firewall", ERRAND_FSCK, firewall_lost, RECORDS_LOST },
	{ "fsck-files", ERRAND_FSCK, files_lost, RECORDS_LOST },
	{ "fsck-late-server", ERRAND_FSCK, server_comes_late, RECORDS_LOST },
	{ "fsck-other-server", ERRAND_FSCK, other_server_comes_late, RECORDS_LOST },
	{ "init-adopt", ERRAND_ADOPT, state_lost, HISTORY_LOST },
};

size_t scene_count(void)
{
	return sizeof(scenes) / sizeof(scenes[0]);
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

bool scene_has(size_t scene, enum mishap_kind mishap, enum sequel sequel)
{
	if (mishap == MISHAP_UNSAVED)
		return false;
	if (sequel == SEQUEL_AGAIN)
		return mishap != MISHAP_OVERTAKEN;
	return scenes[scene].kind != ERRAND_INIT && (mishap == MISHAP_KILL || mishap == MISHAP_OVERTAKEN);
}

/* --- one life --------------------------------------------------------------------------------------- */

/* So it is at the real one for a moment, and that must be enough for nothing to be forgotten. */
#define FRESH_SERVERS_ARE_NOT_LISTED                                                                                   \
	"{\"match\": {\"method\": \"GET\", \"route\": \"/servers\"}, \"times\": 1000, \"stale\": 60}"

static void ask_for_the_end(void *data)
{
	errand_start(data, &(struct errand){ .kind = ERRAND_END }, NULL);
}

static void take_over(struct world *world, const struct scene *scene)
{
	if (scene->loss != KEPT)
		run_take_over(world, scene->loss == RECORDS_LOST);
}

/* Whatever state everybody is in. */
static void end_all(struct world *world, const struct scene *scene)
{
	char id[8];
	take_over(world, scene);
	for (unsigned user = 0; user < USERS; user++)
		if (errand_find_user(world, user, id))
			type(world, ERRAND_END, user);
	for (int i = 0; i < 4; i++) {
		world_run_until(world, world->now_ms + HOUR_MS / 4);
		type(world, ERRAND_REAP, 0);
	}
	oracle_judges_all_gone(world->oracle);
}

static void let_it_end(struct world *world, const struct scene *scene)
{
	take_over(world, scene);
	if (scene->loss != KEPT)
		run_end_with_a_yes(world);
	else
		run_let_it_end(world);
}

static uint64_t machines(const struct world *world)
{
	uint64_t instances, seconds;
	oracle_counts(world->oracle, &instances, &seconds);
	return instances;
}

static void type_again(struct world *world, const struct scene *scene, const struct errand *errand)
{
	run_insist(world, errand, NULL); /* whoever typed it types it again */
	world_power_cut(world);          /* and what was said to be done is done */
	if (scene->kind == ERRAND_INIT) {
		strangers_come(world);
		provision(world, 0, false, NULL);
	}
	let_it_end(world, scene);
	if (!machines(world) && scene->kind == ERRAND_PROVISION) { /* it was undone: the payment is still good */
		run_insist(world, errand, NULL);
		let_it_end(world, scene);
	}
}

void scene_play(size_t number, const struct mishap *mishap, enum sequel sequel, struct story *story,
		struct verdict *ret)
{
	const struct scene *scene = &scenes[number];
	struct world *world = run_open_world(mishap->at, story);
	struct errand errand = { .kind = scene->kind, .reference = "it" };
	errand.hours = scene->kind == ERRAND_EXTEND ? MORE_THAN_LABELLED : 3;
	scene->prepare(world);
	cloud_control(world, "POST", "/_sim/faults", FRESH_SERVERS_ARE_NOT_LISTED);
	world->overtake = ask_for_the_end;
	world->watched = errand_start(world, &errand, mishap);
	world_run_processes(world, PATIENCE_MS);
	ret->effects = world->watched_effects;
	disk_set_free(world->disk, SIZE_MAX);
	if (sequel == SEQUEL_END)
		end_all(world, scene);
	else
		type_again(world, scene, &errand);
	run_close_world(world, ret);
}
