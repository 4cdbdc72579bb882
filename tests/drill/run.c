#include "run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cloud_trouble.h"
#include "cloud_view.h"
#include "oracle.h"
#include "owner.h"
#include "read_once.h"
#include "story.h"
#include "strangers.h"
#include "write_once.h"

#define BEGIN_MS      (INT64_C(1767225600) * 1000) /* 2026-01-01 */
#define HOUR_MS       (INT64_C(3600) * 1000)
#define PATIENCE_MS   (6 * HOUR_MS) /* no process takes longer */
#define LAST_SWEEPS   24
#define STREAM_REAPER 200

struct stage {
	struct world *world;
	const struct plan *plan;
	struct draw reaper;
	int64_t cron_until_ms, cron_off_until_ms;
	bool disk_full;
};

/* --- what the items do ------------------------------------------------------------------- */

struct cue { /* an item whose time has come */
	struct stage *stage;
	const struct item *item;
};

static void end_network(void *data)
{
	((struct world *)data)->network_is_down = false;
}

static void end_clock(void *data)
{
	world_set_clock(data, 0);
}

static void end_disk_full(void *data)
{
	disk_set_free(((struct world *)data)->disk, SIZE_MAX);
}

static void own_server(void *data, const struct server_view *server)
{
	struct server_view *wanted = data;
	if (server->project == 0 && strcmp(server->instance, wanted->instance) == 0 &&
	    strncmp(server->name, "cc-", 3) == 0 && strcmp(server->name + 3, wanted->instance) == 0)
		*wanted = *server;
}

/* A server that says of itself what only the true one may say. */
static void make_copy(struct world *world, const struct server_view *server)
{
	char body[512];
	snprintf(body, sizeof(body),
		 "{\"name\": \"copy-of-%s\", \"server_type\": \"cx23\", \"image\": \"debian-12\", \"location\": "
		 "\"fsn1\", \"labels\": {\"managed-by\": \"ccc\", \"ccc-fleet\": \"%s\", \"ccc-instance\": \"%s\", "
		 "\"ccc-nonce\": \"%s\"}}",
		 server->instance, server->fleet, server->instance, server->nonce);
	cloud_ask(world, 0, "POST", "/v1/servers", body);
	oracle_remembers_strangers(world->oracle);
}

static void tamper(struct world *world, const struct item *item)
{
	char id[8], line[128];
	if (!errand_find_user(world, item->errand.user, id))
		return;
	struct server_view server = { .instance = id };
	oracle_looks(world->oracle);
	cloud_each_server(world, own_server, &server);
	if (!server.id)
		return;
	cloud_trouble_describe(item, line, sizeof(line));
	story_tell(world, "%s, %s", line, id);
	if (cloud_trouble_takes_away(item))
		oracle_excuses(world->oracle, id);
	if (cloud_trouble_is_copy(item))
		make_copy(world, &server);
	else
		cloud_trouble_tamper(world, item, server.id);
}

static void kill_all(struct world *world)
{
	while (world->processes)
		process_kill(world->processes);
}

static void go_on(void *data)
{
	struct errand resume = { .kind = ERRAND_RESUME };
	errand_start(data, &resume, NULL);
}

static void act(void *data)
{
	struct cue *cue = data;
	struct stage *stage = cue->stage;
	struct world *world = stage->world;
	const struct item *item = cue->item;
	int64_t ms = item->seconds * 1000;
	switch (item->kind) {
	case ITEM_ERRAND:
		errand_start(world, &item->errand, &item->mishap);
		break;
	case ITEM_REAPER_OFF:
		stage->cron_off_until_ms = world->now_ms + ms;
		break;
	case ITEM_CLOCK:
		world_set_clock(world, item->amount * 1000);
		world_after(world, ms, end_clock, world);
		break;
	case ITEM_NETWORK:
		world->network_is_down = true;
		world_after(world, ms, end_network, world);
		break;
	case ITEM_SLOW:
		world->slow_until_ms = world->now_ms + ms;
		break;
	case ITEM_DISK_FULL:
		disk_set_free(world->disk, 0);
		world_after(world, ms, end_disk_full, world);
		break;
	case ITEM_POWER_CUT:
		world_power_cut(world);
		oracle_looks(world->oracle);
		break;
	case ITEM_KILL:
		kill_all(world);
		if (item->amount)
			world_after(world, (int64_t)draw_below(&world->timing, 2000), go_on, world);
		break;
	case ITEM_CLOUD:
	case ITEM_REFUSALS:
	case ITEM_STOCK:
	case ITEM_TOKEN:
		cloud_trouble_begin(world, item);
		break;
	case ITEM_HOST:
		world->next_trouble = (unsigned)item->amount;
		break;
	case ITEM_TAMPER:
		tamper(world, item);
		break;
	case ITEM_KINDS:
		break;
	}
	free(cue);
}

static void cron(void *data)
{
	struct stage *stage = data;
	struct world *world = stage->world;
	struct errand sweep = { .kind = ERRAND_REAP };
	struct mishap mishap = { MISHAP_NONE, 0 };
	if (world->now_ms >= stage->cron_until_ms)
		return;
	if (stage->plan->reaper_mishaps && draw_chance(&stage->reaper, stage->plan->reaper_mishaps)) {
		mishap.kind = (enum mishap_kind)draw_between(&stage->reaper, MISHAP_KILL, MISHAP_KINDS - 1);
		mishap.at = (unsigned)draw_between(&stage->reaper, 1, 80);
	}
	if (world->now_ms >= stage->cron_off_until_ms)
		errand_start(world, &sweep, &mishap);
	world_after(world, stage->plan->reap_every_s * 1000, cron, stage);
}

/* --- the frame of every run ----------------------------------------------------------------- */

static struct world *open_world(uint64_t seed, struct story *story)
{
	struct world *world = world_new(seed, BEGIN_MS);
	world->story = story;
	world->oracle = oracle_new(world);
	disk_make_directory(world->disk, "/bin", 0755, 0);
	disk_make_directory(world->disk, "/box", 0755, 0);
	disk_put(world->disk, "/box/default.nix", "{ }", 3, 0644, 0);
	disk_settle(world->disk); /* the machine's own, which no power cut takes */
	return world;
}

/* Does it until it works, as an operator would. */
static void insist(struct world *world, const struct errand *errand, const struct mishap *mishap)
{
	errand_start(world, errand, mishap);
	world_run_processes(world, PATIENCE_MS);
}

static void heal(struct world *world)
{
	world_set_clock(world, 0);
	world->network_is_down = false;
	world->slow_until_ms = 0;
	world->next_trouble = HOST_FINE;
	disk_set_free(world->disk, SIZE_MAX);
	cloud_trouble_heal(world);
}

/* All is well from here on: the sweeps have as long as they could ever need. */
static void let_it_end(struct world *world)
{
	struct errand sweep = { .kind = ERRAND_REAP };
	for (int i = 0; i < LAST_SWEEPS && !oracle_verdict(world->oracle); i++) {
		heal(world);
		int64_t last_ms = oracle_last_promise(world->oracle);
		oracle_notes_what_is_due(world->oracle);
		errand_start(world, &sweep, NULL);
		if (!world_run_processes(world, PATIENCE_MS))
			oracle_violated(world->oracle, "P7", "a sweep does not come to its end");
		oracle_judges_the_sweep(world->oracle);
		world_run_until(world, (last_ms > world->now_ms ? last_ms : world->now_ms) + HOUR_MS / 2);
	}
	oracle_judges_the_end(world->oracle);
}

static void close_world(struct world *world, struct verdict *ret)
{
	const char *violation = oracle_verdict(world->oracle);
	snprintf(ret->violation, sizeof(ret->violation), "%s", violation ? violation : "");
	oracle_counts(world->oracle, &ret->instances, &ret->seconds);
	struct oracle *oracle = world->oracle;
	world_free(world);
	oracle_free(oracle);
	read_once_forget();
	write_once_forget();
}

void run_plan(const struct plan *plan, struct story *story, struct verdict *ret)
{
	struct world *world = open_world(plan->seed, story);
	struct stage stage = { .world = world, .plan = plan };
	struct errand init = { .kind = ERRAND_INIT };
	draw_init(&stage.reaper, plan->seed, STREAM_REAPER);
	insist(world, &init, NULL);
	strangers_come(world);
	world->switching = plan->switching;
	int64_t begin_ms = world->now_ms;
	stage.cron_until_ms = begin_ms + plan->length_s * 1000;
	for (size_t i = 0; i < plan->count; i++) {
		struct cue *cue = owner_world_malloc(sizeof(*cue));
		*cue = (struct cue){ &stage, &plan->items[i] };
		world_after(world, plan->items[i].at_s * 1000 + plan->items[i].after_ms, act, cue);
	}
	cron(&stage);
	world_run_until(world, stage.cron_until_ms);
	heal(world);
	if (!world_run_processes(world, PATIENCE_MS))
		oracle_violated(world->oracle, "P7", "a process does not come to its end");
	let_it_end(world);
	close_world(world, ret);
}

/* --- one errand in a fixed life ---------------------------------------------------------------- */

/* What comes before the errand that meets the mishap: user 0 has a machine, user 1 is half-way. */
static void prepare(struct world *world, enum errand_kind kind)
{
	struct errand init = { .kind = ERRAND_INIT };
	struct errand first = { .kind = ERRAND_PROVISION, .user = 0, .hours = 1, .reference = "first" };
	struct errand second = { .kind = ERRAND_PROVISION, .user = 1, .hours = 2, .reference = "second" };
	struct mishap half_way = { MISHAP_KILL, 120 };
	if (kind == ERRAND_INIT)
		return;
	insist(world, &init, NULL);
	strangers_come(world);
	if (kind == ERRAND_PROVISION)
		return;
	insist(world, &first, NULL);
	if (kind == ERRAND_UNSUSPEND)
		insist(world, &(struct errand){ .kind = ERRAND_SUSPEND }, NULL);
	if (kind == ERRAND_RESUME || kind == ERRAND_REAP || kind == ERRAND_FSCK)
		insist(world, &second, &half_way);
	if (kind == ERRAND_REAP)
		world_run_until(world, oracle_last_promise(world->oracle) + 90000);
}

/* So it is at the real one for a moment, and that must be enough for nothing to be forgotten. */
#define FRESH_SERVERS_ARE_NOT_LISTED                                                                                   \
	"{\"match\": {\"method\": \"GET\", \"route\": \"/servers\"}, \"times\": 1000, \"stale\": 60}"

void run_errand(enum errand_kind kind, const struct mishap *mishap, uint64_t seed, struct story *story,
		struct verdict *ret)
{
	struct world *world = open_world(seed, story);
	struct errand errand = { .kind = kind, .hours = 3, .reference = "it" };
	prepare(world, kind);
	cloud_control(world, "POST", "/_sim/faults", FRESH_SERVERS_ARE_NOT_LISTED);
	struct process *process = errand_start(world, &errand, mishap);
	world->watched = process;
	world_run_processes(world, PATIENCE_MS);
	ret->effects = world->watched_effects;
	disk_set_free(world->disk, SIZE_MAX);
	insist(world, &errand, NULL); /* whoever typed it types it again */
	world_power_cut(world);       /* and what was said to be done is done */
	if (kind == ERRAND_INIT) {
		struct errand first = { .kind = ERRAND_PROVISION, .user = 0, .hours = 1, .reference = "first" };
		strangers_come(world);
		insist(world, &first, NULL);
	}
	let_it_end(world);
	uint64_t instances, seconds;
	oracle_counts(world->oracle, &instances, &seconds);
	if (!instances && kind == ERRAND_PROVISION) { /* it was undone: the payment is still good */
		insist(world, &errand, NULL);
		let_it_end(world);
		oracle_counts(world->oracle, &instances, &seconds);
	}
	if (!instances)
		oracle_violated(world->oracle, "the drill", "nobody ever got a machine");
	close_world(world, ret);
}
