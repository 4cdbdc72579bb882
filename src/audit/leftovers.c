#include "audit/leftovers.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

const char *const leftover_names[LEFTOVER_KINDS] = {
	[LEFTOVER_SERVER] = "servers",     [LEFTOVER_PRIMARY_IP] = "primary-ips", [LEFTOVER_SSH_KEY] = "ssh-keys",
	[LEFTOVER_FIREWALL] = "firewalls", [LEFTOVER_SNAPSHOT] = "snapshots",
};

struct search {
	const struct record *record;
	int64_t isolation;
	const struct observed *before, *after;
	leftover_fn *fn;
	void *data;
};

static void say(const struct search *search, const char *what, int64_t id, const char *name)
{
	char line[400];
	snprintf(line, sizeof(line), "%s %lld (%s)", what, (long long)id, name);
	search->fn(search->data, line);
}

/* Both lists are of things that begin with their id. */
static bool was_there(const void *list, size_t count, size_t size, int64_t id)
{
	for (size_t i = 0; i < count; i++) {
		int64_t found;
		memcpy(&found, (const char *)list + i * size, sizeof(found));
		if (found == id)
			return true;
	}
	return false;
}

#define IS_NEW(search, list, thing)                                                                                    \
	(!was_there((search)->before->list##s, (search)->before->list##_count, sizeof(*(search)->before->list##s),     \
		    (thing)->id))

static size_t find_servers(const struct search *search)
{
	const struct record *record = search->record;
	for (size_t i = 0; i < search->after->server_count; i++) {
		const struct cloud_server *server = &search->after->servers[i];
		bool ours = strcmp(server->labels.instance, record->id) == 0 ||
			    strcmp(server->name, record->server_name) == 0;
		if ((record->server_id && server->id == record->server_id) || (ours && IS_NEW(search, server, server)))
			say(search, "server", server->id, server->name);
	}
	return search->after->server_count;
}

static size_t find_addresses(const struct search *search)
{
	const struct record *record = search->record;
	for (size_t i = 0; i < search->after->primary_ip_count; i++) {
		const struct cloud_primary_ip *address = &search->after->primary_ips[i];
		bool ours = address->id == record->primary_ipv4_id || address->id == record->primary_ipv6_id ||
			    !address->assignee || address->assignee == record->server_id;
		if (ours && IS_NEW(search, primary_ip, address))
			say(search, "primary IP", address->id, address->ip);
	}
	return search->after->primary_ip_count;
}

static size_t find_keys(const struct search *search)
{
	for (size_t i = 0; i < search->after->ssh_key_count; i++) {
		const struct cloud_ssh_key *key = &search->after->ssh_keys[i];
		if (IS_NEW(search, ssh_key, key))
			say(search, "SSH key", key->id, key->name);
	}
	return search->after->ssh_key_count;
}

static size_t find_firewalls(const struct search *search)
{
	for (size_t i = 0; i < search->after->firewall_count; i++) {
		const struct cloud_firewall *firewall = &search->after->firewalls[i];
		if (firewall->id != search->isolation && IS_NEW(search, firewall, firewall))
			say(search, "firewall", firewall->id, firewall->name);
	}
	return search->after->firewall_count;
}

static size_t find_snapshots(const struct search *search)
{
	for (size_t i = 0; i < search->after->snapshot_count; i++) {
		const struct cloud_snapshot *snapshot = &search->after->snapshots[i];
		if (IS_NEW(search, snapshot, snapshot))
			say(search, "snapshot", snapshot->id, snapshot->description);
	}
	return search->after->snapshot_count;
}

size_t leftovers_find(enum leftover_kind kind, const struct record *record, int64_t isolation,
		      const struct observed *before, const struct observed *after, leftover_fn *fn, void *data)
{
	static size_t (*const searches[LEFTOVER_KINDS])(const struct search *) = {
		[LEFTOVER_SERVER] = find_servers,     [LEFTOVER_PRIMARY_IP] = find_addresses,
		[LEFTOVER_SSH_KEY] = find_keys,       [LEFTOVER_FIREWALL] = find_firewalls,
		[LEFTOVER_SNAPSHOT] = find_snapshots,
	};
	const struct search search = { record, isolation, before, after, fn, data };
	return searches[kind](&search);
}
