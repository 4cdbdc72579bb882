/* What is none of ours, and what we leave behind. */
#include "oracle_inside.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "owner.h"

/* A look, the answer and what is then asked for may take so long on a slow network: who meddles in between is not
 * seen by anybody. */
#define BLINK_MS 300000

bool oracle_knows_stranger(const struct oracle *oracle, enum thing_kind kind, int64_t id)
{
	for (const struct stranger *stranger = oracle->strangers; stranger; stranger = stranger->next)
		if (stranger->kind == kind && stranger->id == id)
			return true;
	return false;
}

static struct known *find_by_server(const struct oracle *oracle, int64_t server_id)
{
	for (struct known *known = oracle->known; known; known = known->next)
		if (known->server_id == server_id)
			return known;
	return NULL;
}

static bool has_our_labels(const struct oracle *oracle, const struct thing *thing)
{
	return thing->project == 0 && thing_is_of_fleet(thing, oracle->fleet);
}

static bool is_ours(const struct oracle *oracle, const struct thing *thing)
{
	struct server_view server;
	int64_t id = thing->kind == THING_IS_ADDRESS ? thing->server : thing->id;
	if (thing->kind != THING_IS_SERVER && thing->kind != THING_IS_ADDRESS)
		return has_our_labels(oracle, thing);
	/* or it was, and somebody renamed it */
	return cloud_find(oracle->world, id, &server) &&
	       (oracle_is_ours(oracle, &server) || find_by_server(oracle, id));
}

/* --- requests -------------------------------------------------------------------------------- */

static void check_server(struct oracle *oracle, int64_t id)
{
	struct server_view server;
	const struct known *known = find_by_server(oracle, id);
	bool touched = known && known->touched_ms && known->touched_ms + BLINK_MS > oracle->world->now_ms;
	if (cloud_find(oracle->world, id, &server) && !oracle_is_ours(oracle, &server) && !touched)
		oracle_violated(oracle, "P2", "server %lld ('%s') is not ours and was to be changed", (long long)id,
				server.name);
}

/* Who loses the last firewall lets everything in, be it for a moment. */
static void check_last(struct oracle *oracle, int64_t firewall, int64_t server)
{
	if (cloud_is_only_firewall(oracle->world, firewall, server))
		oracle_violated(oracle, "suspension", "server %lld was to lose firewall %lld, the only one that it had",
				(long long)server, (long long)firewall);
}

/* {"apply_to": [{"type": "server", "server": {"id": 7}}]}, or "remove_from". */
static void check_targets(struct oracle *oracle, int64_t firewall, const char *body)
{
	struct error error = ERROR_INIT;
	AUTO_JSON json_t *document = body ? json_parse(body, strlen(body), &error) : NULL;
	const char *key;
	json_t *list, *target;
	size_t index;
	json_object_foreach(document, key, list)
		json_array_foreach(list, index, target) {
			int64_t id = json_integer_value(json_object_get(json_object_get(target, "server"), "id"));
			check_server(oracle, id);
			if (strcmp(key, "remove_from") == 0)
				check_last(oracle, firewall, id);
		}
}

void oracle_checks_change(struct oracle *oracle, const struct thing *thing, const char *body)
{
	if (thing->kind == THING_IS_SERVER)
		check_server(oracle, thing->id);
	else if (!is_ours(oracle, thing))
		oracle_violated(oracle, "P2", "%s %lld ('%s') is not ours and was to be changed",
				thing_words(thing->kind), (long long)thing->id, thing->name);
	if (thing->kind == THING_IS_FIREWALL)
		check_targets(oracle, thing->id, body);
}

/* --- what is remembered ------------------------------------------------------------------------ */

static void keep(struct oracle *oracle, const struct thing *thing)
{
	struct stranger *stranger = owner_world_calloc(1, sizeof(*stranger));
	stranger->kind = thing->kind;
	stranger->id = thing->id;
	text_copy(stranger->name, sizeof(stranger->name), thing->name);
	stranger->digest = cloud_thing_digest(oracle->world, thing);
	stranger->next = oracle->strangers;
	oracle->strangers = stranger;
}

static void remember(void *data, const struct thing *thing)
{
	struct oracle *oracle = data;
	if (!is_ours(oracle, thing) && !oracle_knows_stranger(oracle, thing->kind, thing->id))
		keep(oracle, thing);
}

void oracle_remembers_stranger(struct oracle *oracle, int64_t server_id)
{
	struct thing server;
	if (cloud_find_thing(oracle->world, THING_IS_SERVER, server_id, &server))
		keep(oracle, &server);
}

void oracle_remembers_strangers(struct oracle *oracle)
{
	oracle_looks(oracle);
	cloud_each_thing(oracle->world, remember, oracle);
}

/* --- the end ------------------------------------------------------------------------------------ */

struct count {
	struct oracle *oracle;
	size_t anchors, isolations, keys;
};

/* Servers are judged by their records. */
static void check_left(void *data, const struct thing *thing)
{
	struct count *count = data;
	struct oracle *oracle = count->oracle;
	struct thing server;
	if (thing->kind == THING_IS_SERVER || oracle_knows_stranger(oracle, thing->kind, thing->id))
		return;
	if (thing->kind == THING_IS_FIREWALL && has_our_labels(oracle, thing))
		++*(strcmp(thing->role, "isolated") == 0 ? &count->isolations : &count->anchors);
	else if (thing->kind == THING_IS_KEY && has_our_labels(oracle, thing))
		count->keys++;
	else if (thing->kind != THING_IS_ADDRESS ||
		 !cloud_find_thing(oracle->world, THING_IS_SERVER, thing->server, &server))
		oracle_violated(oracle, "P1", "%s %lld ('%s') is left and belongs to nothing", thing_words(thing->kind),
				(long long)thing->id, thing->name);
}

static void check_stranger(struct oracle *oracle, const struct stranger *stranger)
{
	struct thing now;
	if (!cloud_find_thing(oracle->world, stranger->kind, stranger->id, &now))
		oracle_violated(oracle, "P2", "a stranger's %s ('%s') is gone", thing_words(stranger->kind),
				stranger->name);
	else if (cloud_thing_digest(oracle->world, &now) != stranger->digest)
		oracle_violated(oracle, "P2", "a stranger's %s ('%s') was changed", thing_words(stranger->kind),
				stranger->name);
}

void oracle_judges_others(struct oracle *oracle)
{
	struct count count = { .oracle = oracle };
	for (const struct stranger *stranger = oracle->strangers; stranger; stranger = stranger->next)
		check_stranger(oracle, stranger);
	cloud_each_thing(oracle->world, check_left, &count);
	if (count.anchors > 1 || count.isolations > 1 || count.keys > 1 + oracle->lost_keys)
		oracle_violated(
			oracle, "P1",
			"the fleet has %zu firewalls, %zu isolating ones and %zu keys, of which %zu were lost: one "
			"would do",
			count.anchors, count.isolations, count.keys, oracle->lost_keys);
}
