#include "cloud_things.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "core/firewalls.h"
#include "core/world.h"
#include "digest.h"

#define DESCRIPTION_SIZE ((size_t)1 << 20)

static const struct {
	const char *words, *collection;
	size_t offset; /* of the list in a project */
} kinds[THING_KINDS] = {
	[THING_IS_SERVER] = { "server", "servers", offsetof(struct project, servers) },
	[THING_IS_ADDRESS] = { "primary IP", "primary_ips", offsetof(struct project, primary_ips) },
	[THING_IS_IMAGE] = { "snapshot", "images", offsetof(struct project, images) },
	[THING_IS_FIREWALL] = { "firewall", "firewalls", offsetof(struct project, firewalls) },
	[THING_IS_KEY] = { "SSH key", "ssh_keys", offsetof(struct project, ssh_keys) },
};

const char *thing_words(enum thing_kind kind)
{
	return kinds[kind].words;
}

bool thing_is_of_fleet(const struct thing *thing, const char *fleet)
{
	return strcmp(thing->managed_by, "ccc") == 0 && strcmp(thing->fleet, fleet) == 0;
}

static const struct resource_list *list_of(const struct world *world, size_t project, enum thing_kind kind)
{
	return (const struct resource_list *)((const char *)&world->sim->projects[project] + kinds[kind].offset);
}

static const char *label(const struct resource *resource, const char *key)
{
	const char *value = json_string_value(json_object_get(resource->labels, key));
	return value ? value : "";
}

static struct thing view(const struct resource *resource, size_t project, enum thing_kind kind)
{
	return (struct thing){
		.kind = kind,
		.project = project,
		.id = resource->id,
		.server = kind == THING_IS_ADDRESS ? ((const struct primary_ip *)resource)->server : 0,
		.name = resource->name ? resource->name : "",
		.managed_by = label(resource, "managed-by"),
		.fleet = label(resource, "ccc-fleet"),
		.role = label(resource, "ccc-role"),
	};
}

void cloud_each_thing(const struct world *world, void (*each)(void *data, const struct thing *thing), void *data)
{
	for (size_t project = 0; project < world->sim->options.projects; project++)
		for (int kind = 0; kind < THING_KINDS; kind++) {
			const struct resource_list *list = list_of(world, project, (enum thing_kind)kind);
			for (size_t i = 0; i < list->count; i++) {
				struct thing thing = view(list->items[i], project, (enum thing_kind)kind);
				each(data, &thing);
			}
		}
}

bool cloud_find_thing(const struct world *world, enum thing_kind kind, int64_t id, struct thing *ret)
{
	for (size_t project = 0; project < world->sim->options.projects; project++) {
		const struct resource *found = resource_find(list_of(world, project, kind), id);
		if (!found)
			continue;
		*ret = view(found, project, kind);
		return true;
	}
	return false;
}

bool cloud_thing_of_path(const char *path, enum thing_kind *ret_kind, int64_t *ret_id)
{
	static const char version[] = "/v1/";
	if (strncmp(path, version, sizeof(version) - 1) != 0)
		return false;
	path += sizeof(version) - 1;
	for (int kind = 0; kind < THING_KINDS; kind++) {
		size_t length = strlen(kinds[kind].collection);
		if (strncmp(path, kinds[kind].collection, length) != 0 || path[length] != '/')
			continue;
		*ret_kind = (enum thing_kind)kind;
		*ret_id = strtoll(path + length + 1, NULL, 10);
		return *ret_id != 0;
	}
	return false;
}

/* --- how it is --------------------------------------------------------------------------- */

static void describe_server(const struct project *project, const struct server *server, struct text *ret)
{
	text_addf(ret, "type %lld, addresses %lld %lld, protected %d %d, backups %d, firewalls", //
		  (long long)server->type->base.id, (long long)server->ipv4, (long long)server->ipv6,
		  server->delete_protected, server->rebuild_protected, server->backup);
	for (size_t i = 0; i < project->firewalls.count; i++)
		if (firewall_protects((const struct firewall *)project->firewalls.items[i], server))
			text_addf(ret, " %lld", (long long)project->firewalls.items[i]->id);
}

static void describe_firewall(const struct firewall *firewall, struct text *ret)
{
	char *targets = json_format(firewall->applied_to, false);
	text_addf(ret, "rules %s, applied to %s", firewall->rules, targets);
	free(targets);
}

uint64_t cloud_thing_digest(const struct world *world, const struct thing *thing)
{
	const struct project *project = &world->sim->projects[thing->project];
	const struct resource *found = resource_find(list_of(world, thing->project, thing->kind), thing->id);
	AUTO_TEXT struct text description = TEXT_INIT(DESCRIPTION_SIZE);
	text_addf(&description, "%s, labels %s, ", thing->name, found->shown_labels);
	if (thing->kind == THING_IS_SERVER)
		describe_server(project, (const struct server *)found, &description);
	else if (thing->kind == THING_IS_FIREWALL)
		describe_firewall((const struct firewall *)found, &description);
	else if (thing->kind == THING_IS_ADDRESS)
		text_addf(&description, "of %lld", (long long)thing->server);
	else if (thing->kind == THING_IS_IMAGE)
		text_addf(&description, "%s, protected %d", ((const struct image *)found)->description,
			  ((const struct image *)found)->delete_protected);
	return digest_of(text_string(&description), description.length);
}

/* --- what gets through --------------------------------------------------------------------- */

static bool lets_in(const struct firewall *firewall)
{
	return strstr(firewall->rules, "\"direction\":\"in\"") != NULL;
}

enum network cloud_network(const struct world *world, int64_t server_id, const char *fleet)
{
	const struct resource_list *firewalls = list_of(world, 0, THING_IS_FIREWALL);
	const struct resource *server = resource_find(list_of(world, 0, THING_IS_SERVER), server_id);
	enum network network = NETWORK_OPEN;
	size_t count = 0;
	for (size_t i = 0; server && i < firewalls->count; i++) {
		const struct firewall *firewall = (const struct firewall *)firewalls->items[i];
		if (!firewall_protects(firewall, (const struct server *)server))
			continue;
		struct thing thing = view(&firewall->base, 0, THING_IS_FIREWALL);
		bool isolates = strcmp(thing.role, "isolated") == 0;
		if (thing_is_of_fleet(&thing, fleet) && isolates != lets_in(firewall))
			network = isolates ? NETWORK_CUT : NETWORK_USUAL;
		count++;
	}
	return count == 1 ? network : NETWORK_OPEN;
}

bool cloud_is_only_firewall(const struct world *world, int64_t firewall, int64_t server_id)
{
	const struct resource_list *firewalls = list_of(world, 0, THING_IS_FIREWALL);
	const struct resource *server = resource_find(list_of(world, 0, THING_IS_SERVER), server_id);
	int64_t only = 0;
	size_t count = 0;
	for (size_t i = 0; server && i < firewalls->count; i++)
		if (firewall_protects((const struct firewall *)firewalls->items[i], (const struct server *)server)) {
			only = firewalls->items[i]->id;
			count++;
		}
	return count == 1 && only == firewall;
}
