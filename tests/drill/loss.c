#include "loss.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cloud_view.h"
#include "oracle_loss.h"
#include "owner.h"
#include "plan.h"
#include "read_once.h"
#include "story.h"

#define PATH_SIZE 128

static int64_t fleet_integer(const struct world *world, const char *member)
{
	return json_integer_value(json_object_get(json_object_get(read_state(world), "fleet"), member));
}

/* --- on the operator's machine: it stands still meanwhile ------------------------------------- */

static void lose_directory(struct world *world, const struct item *item)
{
	(void)item;
	world_power_cut(world);
	disk_remove(world->disk, STATE_DIRECTORY);
	oracle_sees_operator_key_lost(world->oracle);
	oracle_sees_loss(world->oracle, true);
}

static void lose_state_and_history(struct world *world, const struct item *item)
{
	(void)item;
	world_power_cut(world);
	disk_remove(world->disk, STATE_PATH);
	disk_remove(world->disk, HISTORY_PATH);
	oracle_sees_loss(world->oracle, true);
}

static void lose_state(struct world *world, const struct item *item)
{
	(void)item;
	world_power_cut(world);
	disk_remove(world->disk, STATE_PATH);
	oracle_sees_loss(world->oracle, false);
}

static void lose_record(struct world *world, const struct item *item)
{
	char id[8];
	const char *bytes;
	size_t length;
	world_power_cut(world);
	if (!errand_find_user(world, item->errand.user, id) || disk_peek(world->disk, STATE_PATH, &bytes, &length) != 0)
		return;
	disk_set_free(world->disk, SIZE_MAX); /* an editor that finds no room saves nothing */
	json_t *document = json_loadb(bytes, length, 0, NULL);
	json_object_del(json_object_get(document, "instances"), id);
	char *text = json_dumps(document, JSON_INDENT(1) | JSON_PRESERVE_ORDER);
	disk_put(world->disk, STATE_PATH, text, strlen(text), 0600, geteuid());
	oracle_sees_record_lost(world->oracle, id);
	free(text);
	json_decref(document);
}

/* Of machines that are handed over: an installation under way would fail of it, and rightly. */
static void lose_known_hosts(struct world *world, const struct item *item)
{
	const char *id;
	json_t *record;
	(void)item;
	json_object_foreach(json_object_get(read_state(world), "instances"), id, record) {
		char path[PATH_SIZE];
		snprintf(path, sizeof(path), STATE_DIRECTORY "/instances/%s/known_hosts", id);
		if (json_object_get(record, "verifiedAt"))
			disk_remove(world->disk, path);
	}
}

static void put_folder_back(void *data, const char *id)
{
	struct world *world = data;
	char path[PATH_SIZE];
	snprintf(path, sizeof(path), STATE_DIRECTORY "/instances/%s", id);
	disk_make_directory(world->disk, path, 0700, geteuid());
	snprintf(path, sizeof(path), STATE_DIRECTORY "/instances/%s/known_hosts", id);
	disk_put(world->disk, path, "old\n", 4, 0600, geteuid());
	snprintf(path, sizeof(path), STATE_DIRECTORY "/locks/%s", id);
	disk_put(world->disk, path, "", 0, 0600, geteuid());
}

static void put_folders_back(struct world *world, const struct item *item)
{
	(void)item;
	disk_set_free(world->disk, SIZE_MAX);
	oracle_tells_ended(world->oracle, put_folder_back, world);
}

/* --- in the project ----------------------------------------------------------------------------- */

static void lose_key(struct world *world, const struct item *item)
{
	char path[PATH_SIZE];
	(void)item;
	snprintf(path, sizeof(path), "/v1/ssh_keys/%lld", (long long)fleet_integer(world, "sshKeyId"));
	cloud_ask(world, 0, "DELETE", path, NULL);
}

struct detachment {
	int64_t servers[64];
	size_t count;
};

static void note_server(void *data, const struct server_view *server)
{
	struct detachment *detachment = data;
	if (server->project == 0 && detachment->count < 64)
		detachment->servers[detachment->count++] = server->id;
}

static void lose_firewall(struct world *world, const struct item *item)
{
	struct detachment detachment = { .count = 0 };
	int64_t firewall = fleet_integer(world, "firewallId");
	char path[PATH_SIZE], body[PATH_SIZE];
	(void)item;
	cloud_each_server(world, note_server, &detachment);
	snprintf(path, sizeof(path), "/v1/firewalls/%lld/actions/remove_from_resources", (long long)firewall);
	for (size_t i = 0; i < detachment.count; i++) {
		snprintf(body, sizeof(body), "{\"remove_from\": [{\"type\": \"server\", \"server\": {\"id\": %lld}}]}",
			 (long long)detachment.servers[i]);
		cloud_ask(world, 0, "POST", path, body);
	}
	oracle_sees_firewall_lost(world->oracle);
	snprintf(path, sizeof(path), "/v1/firewalls/%lld", (long long)firewall);
	int status = cloud_ask(world, 0, "DELETE", path, NULL);
	if (status >= 300)
		story_tell(world, "  but it stays (%d)", status);
}

/* A create that everybody had forgotten is done after all, longer after it was sent than anybody waits. */
static void come_late(struct world *world, const struct item *item)
{
	struct forgotten forgotten;
	char body[512];
	(void)item;
	if (!oracle_finds_forgotten(world->oracle, &forgotten))
		return;
	snprintf(
		body, sizeof(body),
		"{\"name\": \"%s\", \"server_type\": \"cx23\", \"image\": \"debian-12\", \"location\": \"fsn1\", "
		"\"labels\": {\"managed-by\": \"ccc\", \"ccc-fleet\": \"%s\", \"ccc-instance\": \"%s\", \"ccc-nonce\": "
		"\"%s\", \"ccc-expires\": \"1\"}}",
		forgotten.name, oracle_fleet(world->oracle), forgotten.id, forgotten.nonce);
	cloud_ask(world, 0, "POST", "/v1/servers", body);
	cloud_awaits_late(world);
	oracle_sees_late_server(world->oracle, forgotten.id);
}

/* --- from a copy ------------------------------------------------------------------------------------ */

static void make_copy(struct world *world, const char *path, struct copy *ret)
{
	const char *bytes;
	size_t length;
	if (disk_peek(world->disk, path, &bytes, &length) != 0)
		return;
	ret->bytes = owner_world_realloc(ret->bytes, length + 1);
	memcpy(ret->bytes, bytes, length);
	ret->length = length;
}

void loss_makes_copies(struct world *world)
{
	story_tell(world, "instances.json and history.jsonl are copied");
	make_copy(world, STATE_PATH, &world->state_copy);
	make_copy(world, HISTORY_PATH, &world->history_copy);
}

/* Two changes are what the history tells for certain: one may be its last words before a crash. */
static bool is_old(const struct world *world)
{
	const struct copy *copy = &world->state_copy;
	const json_t *now = read_state(world), *then = copy->bytes ? read_once(copy->bytes, copy->length) : NULL;
	return now && then &&
	       json_integer_value(json_object_get(now, "commit")) >=
		       json_integer_value(json_object_get(then, "commit")) + 2;
}

static bool put_back(struct world *world, const char *path, const struct copy *copy)
{
	disk_set_free(world->disk, SIZE_MAX);
	return copy->bytes && disk_put(world->disk, path, copy->bytes, copy->length, 0600, geteuid()) == 0;
}

static void put_state_back(struct world *world, const struct item *item)
{
	(void)item;
	world_power_cut(world);
	if (is_old(world) && put_back(world, STATE_PATH, &world->state_copy))
		oracle_sees_old_state(world->oracle);
	else
		story_tell(world, "  but nothing changed since");
}

static void put_copies_back(struct world *world, const struct item *item)
{
	(void)item;
	world_power_cut(world);
	if (!is_old(world) || !world->history_copy.bytes) {
		story_tell(world, "  but nothing changed since");
		return;
	}
	put_back(world, HISTORY_PATH, &world->history_copy);
	put_back(world, STATE_PATH, &world->state_copy);
	oracle_sees_old_copies(world->oracle);
}

void loss_moves_away(struct world *world)
{
	story_tell(world, "    instances.json is moved away");
	disk_remove(world->disk, STATE_PATH);
	disk_settle(world->disk);
	oracle_sees_old_state_away(world->oracle);
}

/* --- the table ------------------------------------------------------------------------------------ */

/* clang-format off */
static const struct {
	const char *words;
	void (*happens)(struct world *world, const struct item *item);
	bool of_user, takes_state, takes_history, needs_copies;
} rows[LOSSES] = {
	[LOSS_OF_DIRECTORY] = { "the state directory is lost with its disk", lose_directory, false, true, true, false },
	[LOSS_OF_STATE_AND_HISTORY] = { "instances.json and history.jsonl are lost", lose_state_and_history, false, true, true, false },
	[LOSS_OF_STATE] = { "instances.json is lost", lose_state, false, true, false, false },
	[LOSS_OF_RECORD] = { "the record is cut out of instances.json, of", lose_record, true, false, false, false },
	[LOSS_OF_KNOWN_HOSTS] = { "the known_hosts of all who have a machine are lost", lose_known_hosts, false, false, false, false },
	[LOSS_FOLDERS_BACK] = { "the folders of those that ended come back from a backup", put_folders_back, false, false, false, false },
	[LOSS_OF_KEY] = { "somebody deletes the operator's key from the project", lose_key, false, false, false, false },
	[LOSS_OF_FIREWALL] = { "somebody deletes the fleet's firewall", lose_firewall, false, false, false, false },
	[LOSS_LATE_SERVER] = { "a create of an instance that ended is done after all", come_late, false, false, false, false },
	[LOSS_OLD_STATE] = { "an old copy of instances.json is put back", put_state_back, false, true, false, true },
	[LOSS_OLD_COPIES] = { "old copies of instances.json and history.jsonl are put back", put_copies_back, false, false, true, true },
};
/* clang-format on */

void loss_draw(struct item *item, struct draw *draw)
{
	item->amount = (int64_t)draw_below(draw, LOSSES);
}

void loss_describe(const struct item *item, char *ret, size_t size)
{
	if (rows[item->amount].of_user)
		snprintf(ret, size, "%s user%u", rows[item->amount].words, item->errand.user);
	else
		snprintf(ret, size, "%s", rows[item->amount].words);
}

bool loss_takes_state(const struct item *item)
{
	return rows[item->amount].takes_state;
}

bool loss_takes_history(const struct item *item)
{
	return rows[item->amount].takes_history;
}

bool loss_needs_copies(const struct item *item)
{
	return rows[item->amount].needs_copies;
}

void loss_happens(struct world *world, const struct item *item)
{
	char line[128];
	loss_describe(item, line, sizeof(line));
	story_tell(world, "%s", line);
	oracle_looks(world->oracle);
	rows[item->amount].happens(world, item);
	disk_settle(world->disk); /* no power cut brings it back */
}
