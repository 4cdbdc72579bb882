/* What the record says of a machine is so: at Hetzner, and on the machine itself. */
#include "oracle_inside.h"

#include <string.h>

#include "host.h"

/* At every look: nobody but the product changes what a machine of ours has, or the oracle heard of it. */
void oracle_checks_network(struct oracle *oracle, struct known *known, const struct record *record)
{
	struct server_view server;
	known->bare = known->bare && !record->isolation_began_at;
	bool cut = record->suspended_at && record->isolated_at;
	bool usual = !record->suspended_at && !record->isolation_began_at;
	if (!record->verified_at || record->goal == GOAL_GONE || (!cut && !usual) || known->bare || known->behind ||
	    !cloud_find(oracle->world, record->server_id, &server) || !oracle_is_ours(oracle, &server))
		return;
	enum network network = cloud_network(oracle->world, record->server_id, oracle->fleet);
	if (cut && network != NETWORK_CUT)
		oracle_violated(oracle, "suspension", "%s is said to be cut off and is not", record->id);
	else if (usual && network != NETWORK_USUAL)
		oracle_violated(oracle, "suspension", "%s is said to have its network as usual and has not",
				record->id);
}

void oracle_checks_host_key(struct oracle *oracle, const struct record *record)
{
	const struct host *host = record->rotated_at ? host_of(oracle->world, record->server_id) : NULL;
	if (host && !host_has_key(host, record->host_key))
		oracle_violated(oracle, "P6", "%s is said to have its lasting host key and has not", record->id);
}

/* --- what was to be told ----------------------------------------------------------------------- */

static bool read_record(const struct known *known, struct record *ret)
{
	struct error ignored = ERROR_INIT;
	return known->recorded && known->object && record_from_json(known->id, known->object, ret, &ignored) == 0;
}

static const struct host *reachable(const struct oracle *oracle, const struct known *known)
{
	const struct host *host = host_of(oracle->world, known->server_id);
	return host_is_up(oracle->world, host) && host->stage == HOST_BOX && host->trouble != HOST_HANGS ? host : NULL;
}

void oracle_notes_whom_to_tell(struct known *known)
{
	struct record record;
	known->to_tell = false;
	if (known->excused || known->behind || known->tried || known->over || known->failed ||
	    !read_record(known, &record))
		return;
	known->to_tell = record.verified_at && record.goal == GOAL_RUNNING;
	record_release(&record);
}

/* The machine has them a line each. */
static bool has_keys(const struct host *host, const json_t *keys)
{
	const char *at = host->keys;
	size_t index;
	json_t *key;
	json_array_foreach(keys, index, key) {
		size_t length = strlen(json_string_value(key));
		if (strncmp(at, json_string_value(key), length) != 0 || at[length] != '\n')
			return false;
		at += length + 1;
	}
	return !*at;
}

static void check_told(struct oracle *oracle, const struct known *known, const struct record *record)
{
	const struct host *host = reachable(oracle, known);
	struct server_view server;
	enum network wanted = record->suspended_at ? NETWORK_CUT : NETWORK_USUAL;
	if (!cloud_find(oracle->world, record->server_id, &server))
		return;
	if (!known->bare && cloud_network(oracle->world, record->server_id, oracle->fleet) != wanted)
		oracle_violated(oracle, "suspension", "a sweep left the network of %s otherwise than wanted",
				record->id);
	if (server.expires < record->expires_at && !known->label_is_off)
		oracle_violated(oracle, "label", "a sweep left %s with a label that says it ends %lld s too early",
				record->id, (long long)(record->expires_at - server.expires));
	if (record->suspended_at || !host || !*record->host_key) /* which nobody knows of one made from labels */
		return;
	if (host->expires != record->expires_at)
		oracle_violated(oracle, "extension", "a sweep left the machine of %s believing in an end %lld s off",
				record->id, (long long)(record->expires_at - host->expires));
	if (!has_keys(host, record->ssh_keys))
		oracle_violated(oracle, "keys", "a sweep left the machine of %s with other keys than its user's",
				record->id);
}

void oracle_judges_the_told(struct oracle *oracle, const struct known *known)
{
	struct record record;
	if (!known->to_tell || !read_record(known, &record))
		return;
	if (record.goal == GOAL_RUNNING)
		check_told(oracle, known, &record);
	record_release(&record);
}
