#include "run_inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/timestamp.h"
#include "cloud_trouble.h"
#include "cloud_view.h"
#include "loss.h"
#include "oracle.h"
#include "oracle_loss.h"
#include "owner.h"
#include "read_once.h"
#include "story.h"
#include "strangers.h"
#include "write_once.h"

#define BEGIN_MS      (INT64_C(1767225600) * 1000) /* 2026-01-01 */
#define DAY_MS        (24 * HOUR_MS)
#define LAST_SWEEPS   24
#define FEWEST_SWEEPS 4
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

static void set_label_back(struct world *world, const struct server_view *server)
{
	oracle_sees_label_changed(world->oracle, server->instance);
	cloud_trouble_relabel(world, server, world->now_ms / 1000 - 1);
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
	enum tampering tampering = cloud_trouble_tampering(item);
	if (tampering == TAMPERING_COPIES)
		make_copy(world, &server);
	else if (tampering == TAMPERING_SETS_BACK)
		set_label_back(world, &server);
	else
		cloud_trouble_tamper(world, item, server.id);
}

/* As fsck proposes it: name and labels are the record's again. */
static void make_amends(struct world *world, const struct item *item)
{
	char id[8], name[16];
	if (oracle_state_is_old(world->oracle) || !errand_find_user(world, item->errand.user, id))
		return;
	const json_t *record = json_object_get(json_object_get(read_state(world), "instances"), id);
	const char *nonce = json_string_value(json_object_get(record, "nonce"));
	int64_t server_id = json_integer_value(json_object_get(record, "serverId")), expires = 0;
	const char *until = json_string_value(json_object_get(record, "labelExpiresAt"));
	snprintf(name, sizeof(name), "cc-%s", id);
	struct server_view server = {
		.id = server_id, .name = name, .fleet = oracle_fleet(world->oracle), .instance = id, .nonce = nonce
	};
	if (!server_id || !until || !timestamp_parse(until, &expires))
		return;
	story_tell(world, "the operator makes name and labels of server %lld what they should be",
		   (long long)server_id);
	cloud_trouble_amend(world, &server, expires);
	oracle_excuses_no_more(world->oracle, id);
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

/* Cron is dead for long, and somebody monitors. */
static void monitor(void *data)
{
	struct errand health = { .kind = ERRAND_HEALTH, .hours = 24 };
	errand_start(data, &health, NULL);
}

static void stop_cron(struct stage *stage, int64_t ms)
{
	struct world *world = stage->world;
	if (stage->cron_off_until_ms < world->now_ms + ms)
		stage->cron_off_until_ms = world->now_ms + ms;
	if (ms >= DAY_MS)
		world_after(world, ms - 1000, monitor, world);
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
		stop_cron(stage, ms);
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
		world->next_troubles = (unsigned)item->number;
		break;
	case ITEM_TAMPER:
		tamper(world, item);
		break;
	case ITEM_AMENDS:
		make_amends(world, item);
		break;
	case ITEM_BOX:
		world->box_is_shared = true;
		break;
	case ITEM_COPY:
		loss_makes_copies(world);
		break;
	case ITEM_LOSS:
		loss_happens(world, item);
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
		mishap.kind = (enum mishap_kind)draw_between(&stage->reaper, MISHAP_KILL, MISHAP_DRAWN);
		mishap.at = (unsigned)draw_between(&stage->reaper, 1, 80);
	}
	if (world->now_ms >= stage->cron_off_until_ms)
		errand_start(world, &sweep, &mishap);
	world_after(world, stage->plan->reap_every_s * 1000, cron, stage);
}

/* --- the frame of every run ----------------------------------------------------------------- */

struct world *run_open_world(uint64_t seed, struct story *story)
{
	static const char needs[] = "{\"parameters\": \"user-data\"}";
	struct world *world = world_new(seed, BEGIN_MS);
	world->story = story;
	world->oracle = oracle_new(world);
	disk_make_directory(world->disk, "/bin", 0755, 0);
	disk_make_directory(world->disk, BOX_FOLDER, 0755, 0);
	disk_put(world->disk, BOX_FOLDER "/default.nix", "{ }", 3, 0644, 0);
	disk_make_directory(world->disk, SHARED_BOX_FOLDER, 0755, 0);
	disk_put(world->disk, SHARED_BOX_FOLDER "/default.nix", "{ }", 3, 0644, 0);
	disk_put(world->disk, SHARED_BOX_FOLDER "/requirements.json", needs, strlen(needs), 0644, 0);
	disk_settle(world->disk); /* the machine's own, which no power cut takes */
	return world;
}

void run_insist(struct world *world, const struct errand *errand, const struct mishap *mishap)
{
	errand_start(world, errand, mishap);
	world_run_processes(world, PATIENCE_MS);
}

static void heal(struct world *world)
{
	if (world->clock_error_ms)
		world_set_clock(world, 0);
	world->network_is_down = false;
	world->slow_until_ms = 0;
	world->next_trouble = world->next_troubles = 0;
	disk_set_free(world->disk, SIZE_MAX);
	cloud_trouble_heal(world);
}

/* Sweeps with nothing wrong, until after that time and for as long as they could ever need. */
static void sweep_to_the_end(struct world *world, int64_t (*last)(const struct oracle *oracle))
{
	struct errand sweep = { .kind = ERRAND_REAP };
	for (int i = 0; i < LAST_SWEEPS && !oracle_verdict(world->oracle); i++) {
		heal(world);
		int64_t last_ms = last(world->oracle);
		oracle_notes_what_is_due(world->oracle);
		errand_start(world, &sweep, NULL);
		if (!world_run_processes(world, PATIENCE_MS))
			oracle_violated(world->oracle, "P7", "a sweep does not come to its end");
		oracle_judges_the_sweep(world->oracle);
		if (i >= FEWEST_SWEEPS && !oracle_knows_records(world->oracle))
			break; /* nothing is on its way any more either */
		/* by its record one may end before its time */
		int64_t next_ms = oracle_next_expiry(world->oracle);
		if (next_ms && next_ms < last_ms)
			last_ms = next_ms;
		world_run_until(world, (last_ms > world->now_ms ? last_ms : world->now_ms) + HOUR_MS / 2);
	}
}

void run_take_over(struct world *world, enum lost lost)
{
	if (lost == NOTHING_LOST)
		return;
	world_run_until(world, world->now_ms + CLOUD_SETTLES_S * 1000); /* what is on its way arrives */
	run_insist(world, &(struct errand){ .kind = ERRAND_ADOPT }, NULL);
	run_insist(world, &(struct errand){ .kind = ERRAND_FSCK }, NULL);
	oracle_judges_the_taking_over(world->oracle, lost == RECORDS_LOST);
}

void run_let_it_end(struct world *world, enum lost lost)
{
	run_take_over(world, lost);
	sweep_to_the_end(world, oracle_last_promise);
	if (lost != NOTHING_LOST) { /* adopted machines outlive it: nothing but the operator's word ends them */
		run_insist(world, &(struct errand){ .kind = ERRAND_FSCK_YES }, NULL);
		sweep_to_the_end(world, oracle_last_expiry);
	}
	oracle_judges_the_end(world->oracle);
}

void run_close_world(struct world *world, struct verdict *ret)
{
	const char *violation = oracle_verdict(world->oracle);
	snprintf(ret->violation, sizeof(ret->violation), "%s", violation ? violation : "");
	oracle_counts(world->oracle, &ret->instances, &ret->seconds);
	memcpy(ret->repairs, world->repairs, sizeof(ret->repairs));
	struct oracle *oracle = world->oracle;
	world_free(world);
	oracle_free(oracle);
	read_once_forget();
	write_once_forget();
}

static enum lost lost_in(const struct plan *plan)
{
	for (size_t i = 0; i < plan->count; i++)
		if (plan->items[i].kind == ITEM_LOSS) /* a life has one at most */
			return loss_takes_history(&plan->items[i]) ? HISTORY_LOST : RECORDS_LOST;
	return NOTHING_LOST;
}

void run_plan(const struct plan *plan, struct story *story, struct verdict *ret)
{
	struct world *world = run_open_world(plan->seed, story);
	struct stage stage = { .world = world, .plan = plan };
	struct errand init = { .kind = ERRAND_INIT };
	draw_init(&stage.reaper, plan->seed, STREAM_REAPER);
	run_insist(world, &init, NULL);
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
	run_let_it_end(world, lost_in(plan));
	run_close_world(world, ret);
}
