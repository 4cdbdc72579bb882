#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "store/layout.h"

#define USUAL_SIZE 2048 /* of a record as it is written, and of the rest */

/* All that is read here; others are kept as they are. */
static const char *const top_members[] = { "version", "commit", "fleet", "instances", NULL };
static const char *const fleet_members[] = {
	"id",        "createdAt", "firewallId",          "sshKeyId",  "sshKeyFingerprint", "sweepBeganAt",
	"adoptedAt", "sweptAt",   "isolationFirewallId", "rateLimit", "rateRemaining",     "rateSeenAt",
	NULL,
};

bool fleet_id_is_valid(const char *id)
{
	return strlen(id) == FLEET_ID_SIZE - 1 && strspn(id, "0123456789abcdef") == FLEET_ID_SIZE - 1;
}

static int identity_from_json(const json_t *object, struct fleet_identity *ret, struct error *err)
{
	const char *id, *created, *adopted, *fingerprint, *swept, *began, *rate_seen;
	struct fleet_identity fleet = { 0 };
	if (json_get_string(object, "id", &id, err) < 0 || json_get_string(object, "createdAt", &created, err) < 0 ||
	    json_optional_string(object, "sshKeyFingerprint", "", &fingerprint, err) < 0 ||
	    json_optional_string(object, "adoptedAt", "", &adopted, err) < 0 ||
	    json_optional_string(object, "sweptAt", "", &swept, err) < 0 ||
	    json_optional_string(object, "sweepBeganAt", "", &began, err) < 0 ||
	    json_optional_string(object, "rateSeenAt", "", &rate_seen, err) < 0 ||
	    json_optional_integer(object, "rateLimit", 0, &fleet.rate_limit, err) < 0 ||
	    json_optional_integer(object, "rateRemaining", 0, &fleet.rate_remaining, err) < 0 ||
	    json_optional_integer(object, "firewallId", 0, &fleet.anchor, err) < 0 ||
	    json_optional_integer(object, "sshKeyId", 0, &fleet.ssh_key, err) < 0 ||
	    json_optional_integer(object, "isolationFirewallId", 0, &fleet.isolation, err) < 0)
		return -1;
	if (!fleet_id_is_valid(id))
		return error_set(err, ERROR_STATE, 0, "member 'id' is not eight hex digits");
	text_copy(fleet.id, sizeof(fleet.id), id);
	if (!timestamp_parse(created, &fleet.created_at) || (*swept && !timestamp_parse(swept, &fleet.swept_at)) ||
	    (*adopted && !timestamp_parse(adopted, &fleet.adopted_at)) ||
	    (*began && !timestamp_parse(began, &fleet.sweep_began_at)) ||
	    (*rate_seen && !timestamp_parse(rate_seen, &fleet.rate_seen_at)))
		return error_set(err, ERROR_STATE, 0, "a time is not of the form 2026-01-21T10:00:00Z");
	if (!text_copy(fleet.ssh_key_fingerprint, sizeof(fleet.ssh_key_fingerprint), fingerprint))
		return error_set(err, ERROR_STATE, 0, "member 'sshKeyFingerprint' is too long");
	*ret = fleet;
	return 0;
}

static void write_time(struct json_writer *writer, const char *key, int64_t time)
{
	char when[TIMESTAMP_SIZE];
	if (!time)
		return;
	timestamp_format(time, when);
	json_write_text(writer, key, when);
}

static void write_id(struct json_writer *writer, const char *key, int64_t id)
{
	if (!id)
		return;
	json_write_key(writer, key);
	json_write_integer(writer, id);
}

static void write_identity(struct json_writer *writer, const struct fleet_identity *fleet, const json_t *unknown)
{
	json_write_open(writer, '{');
	json_write_text(writer, "id", fleet->id);
	write_time(writer, "createdAt", fleet->created_at);
	write_time(writer, "adoptedAt", fleet->adopted_at);
	write_id(writer, "firewallId", fleet->anchor);
	write_id(writer, "sshKeyId", fleet->ssh_key);
	if (*fleet->ssh_key_fingerprint)
		json_write_text(writer, "sshKeyFingerprint", fleet->ssh_key_fingerprint);
	write_time(writer, "sweepBeganAt", fleet->sweep_began_at);
	write_time(writer, "sweptAt", fleet->swept_at);
	write_id(writer, "isolationFirewallId", fleet->isolation);
	if (fleet->rate_limit) {
		write_id(writer, "rateLimit", fleet->rate_limit);
		json_write_key(writer, "rateRemaining");
		json_write_integer(writer, fleet->rate_remaining);
		write_time(writer, "rateSeenAt", fleet->rate_seen_at);
	}
	json_write_members(writer, unknown);
	json_write_close(writer, '}');
}

static int records_from_json(json_t *instances, struct snapshot *snapshot, struct error *err)
{
	const char *id;
	json_t *value;
	snapshot->records = memory_grow(NULL, json_object_size(instances) + 1, sizeof(*snapshot->records));
	json_object_foreach(instances, id, value) {
		if (record_from_json(id, value, &snapshot->records[snapshot->count], err) < 0)
			return -1;
		snapshot->count++;
	}
	return 0;
}

static int check_version(const json_t *document, struct error *err)
{
	int64_t version;
	if (!json_is_object(document))
		return error_set(err, ERROR_STATE, 0, "it holds no JSON object");
	if (json_get_integer(document, "version", &version, err) < 0)
		return -1;
	if (version != STATE_VERSION)
		return error_set(err, ERROR_STATE, 0,
				 "it is of version %lld and this ccc knows version %d; use the ccc that wrote it",
				 (long long)version, STATE_VERSION);
	return 0;
}

/* A copy that lacks the members named; a new reference. */
static json_t *without(json_t *object, const char *const *names)
{
	json_t *rest = json_copy(object);
	for (; *names; names++)
		json_object_del(rest, *names);
	return rest;
}

int snapshot_parse(const char *bytes, size_t length, struct snapshot *ret, struct error *err)
{
	struct snapshot snapshot = { 0 };
	json_t *fleet, *instances;
	AUTO_JSON json_t *document = json_parse(bytes, length, err);
	if (!document || check_version(document, err) < 0 ||
	    json_optional_integer(document, "commit", 0, &snapshot.commit, err) < 0 ||
	    json_get_object(document, "fleet", &fleet, err) < 0 ||
	    json_get_object(document, "instances", &instances, err) < 0)
		goto failed;
	if (identity_from_json(fleet, &snapshot.fleet, err) < 0) {
		error_wrap(err, "member 'fleet'");
		goto failed;
	}
	if (records_from_json(instances, &snapshot, err) < 0)
		goto failed;
	snapshot.unknown = without(document, top_members);
	snapshot.fleet_unknown = without(fleet, fleet_members);
	*ret = snapshot;
	return 0;
failed:
	snapshot_release(&snapshot);
	err->kind = ERROR_STATE;
	return -1;
}

char *snapshot_format(const struct snapshot *snapshot)
{
	struct text text;
	struct json_writer writer;
	text_init(&text, SIZE_MAX / 4);
	text_reserve(&text, (snapshot->count + 1) * USUAL_SIZE);
	json_write_init(&writer, &text, true);
	json_write_open(&writer, '{');
	json_write_key(&writer, "version");
	json_write_integer(&writer, STATE_VERSION);
	write_id(&writer, "commit", snapshot->commit);
	json_write_key(&writer, "fleet");
	write_identity(&writer, &snapshot->fleet, snapshot->fleet_unknown);
	json_write_key(&writer, "instances");
	json_write_open(&writer, '{');
	for (size_t i = 0; i < snapshot->count; i++) {
		json_write_key(&writer, snapshot->records[i].id);
		record_write(&snapshot->records[i], &writer);
	}
	json_write_close(&writer, '}');
	json_write_members(&writer, snapshot->unknown);
	json_write_close(&writer, '}');
	return text_take(&text);
}

void snapshot_release(struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->count; i++)
		record_release(&snapshot->records[i]);
	free(snapshot->records);
	json_decref(snapshot->unknown);
	json_decref(snapshot->fleet_unknown);
	*snapshot = (struct snapshot){ 0 };
}

void snapshot_copy(struct snapshot *ret, const struct snapshot *snapshot)
{
	*ret = *snapshot;
	ret->records = memory_grow(NULL, snapshot->count + 1, sizeof(*ret->records));
	for (size_t i = 0; i < snapshot->count; i++)
		record_copy(&ret->records[i], &snapshot->records[i]);
	json_incref(ret->unknown);
	json_incref(ret->fleet_unknown);
}

struct record *snapshot_find(const struct snapshot *snapshot, const char *id)
{
	for (size_t i = 0; i < snapshot->count; i++)
		if (strcmp(snapshot->records[i].id, id) == 0)
			return &snapshot->records[i];
	return NULL;
}
