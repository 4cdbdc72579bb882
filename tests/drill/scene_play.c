/* What follows when a scene is set. */
#include <stdio.h>

#include "cloud_view.h"
#include "oracle.h"
#include "oracle_loss.h"
#include "scene_inside.h"
#include "strangers.h"

#define USERS 4

bool scene_has(size_t scene, enum mishap_kind mishap, enum sequel sequel)
{
	if (mishap == MISHAP_UNSAVED)
		return false;
	if (sequel == SEQUEL_AGAIN)
		return mishap != MISHAP_OVERTAKEN;
	return scene_at(scene)->kind != ERRAND_INIT && (mishap == MISHAP_KILL || mishap == MISHAP_OVERTAKEN);
}

void scene_types(struct world *world, enum errand_kind kind, unsigned user)
{
	run_insist(world, &(struct errand){ .kind = kind, .user = user }, NULL);
}

void scene_provisions(struct world *world, unsigned user, bool keep, const struct mishap *mishap)
{
	struct errand errand = { .kind = ERRAND_PROVISION, .user = user, .hours = 1 + user % 2, .keep = keep };
	snprintf(errand.reference, sizeof(errand.reference), "first%u", user);
	run_insist(world, &errand, mishap);
}

/* --- one life --------------------------------------------------------------------------------------- */

/* So it is at the real one for a moment, and that must be enough for nothing to be forgotten. */
#define FRESH_SERVERS_ARE_NOT_LISTED                                                                                   \
	"{\"match\": {\"method\": \"GET\", \"route\": \"/servers\"}, \"times\": 1000, \"stale\": 60}"

static void ask_for_the_end(void *data)
{
	errand_start(data, &(struct errand){ .kind = ERRAND_END }, NULL);
}

/* Whatever state everybody is in. */
static void end_all(struct world *world, const struct scene *scene)
{
	char id[8];
	run_take_over(world, scene->lost);
	for (unsigned user = 0; user < USERS; user++)
		if (errand_find_user(world, user, id))
			scene_types(world, ERRAND_END, user);
	for (int i = 0; i < 4; i++) {
		world_run_until(world, world->now_ms + HOUR_MS / 4);
		scene_types(world, ERRAND_REAP, 0);
	}
	oracle_judges_all_gone(world->oracle);
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
		scene_provisions(world, 0, false, NULL);
	}
	run_let_it_end(world, scene->lost);
	if (!machines(world) && scene->kind == ERRAND_PROVISION) { /* it was undone: the payment is still good */
		run_insist(world, errand, NULL);
		run_let_it_end(world, scene->lost);
	}
	if (!machines(world) && (scene->kind == ERRAND_PROVISION || scene->kind == ERRAND_INIT))
		oracle_violated(world->oracle, "the drill", "nobody ever got a machine");
}

void scene_play(size_t number, const struct mishap *mishap, enum sequel sequel, struct story *story,
		struct verdict *ret)
{
	const struct scene *scene = scene_at(number);
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
