#include <stddef.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "instance/names.h"
#include "instance/record_fields.h"

/* The largest whole number that every reader of JSON has (RFC 7493 2.2); sums of a few fit in int64. */
#define INTEGER_MAXIMUM ((INT64_C(1) << 53) - 1)

#define FIELD(name, type, member, flags)                                                                               \
	{ name, type, offsetof(struct record, member), sizeof(((struct record *)NULL)->member), flags }

const struct field record_fields[RECORD_FIELDS] = {
	FIELD("instanceId", FIELD_STRING, id, FIELD_REQUIRED),
	FIELD("email", FIELD_STRING, email, FIELD_REQUIRED),
	FIELD("serverName", FIELD_STRING, server_name, FIELD_REQUIRED),
	FIELD("serverIp", FIELD_STRING, server_ip, FIELD_ALWAYS),
	FIELD("serverType", FIELD_STRING, server_type, FIELD_REQUIRED),
	FIELD("createdAt", FIELD_TIME, created_at, FIELD_REQUIRED),
	FIELD("expiresAt", FIELD_TIME, expires_at, FIELD_ALWAYS),
	FIELD("status", FIELD_STRING, status, FIELD_ALWAYS),
	FIELD("revision", FIELD_INTEGER, revision, FIELD_ALWAYS),
	FIELD("goal", FIELD_GOAL, goal, FIELD_ALWAYS),
	FIELD("reason", FIELD_STRING, reason, 0),
	FIELD("nonce", FIELD_STRING, nonce, FIELD_REQUIRED),
	FIELD("paidSeconds", FIELD_INTEGER, paid_seconds, FIELD_REQUIRED),
	FIELD("payments", FIELD_PAYMENTS, payments, 0),
	FIELD("sshKeys", FIELD_STRINGS, ssh_keys, 0),
	FIELD("locations", FIELD_STRINGS, locations, 0),
	FIELD("giveUpAt", FIELD_TIME, give_up_at, 0),
	FIELD("keepOnFailure", FIELD_BOOLEAN, keep_on_failure, 0),
	FIELD("hostKey", FIELD_STRING, host_key, 0),
	FIELD("bootstrapHostKey", FIELD_STRING, bootstrap_host_key, 0),
	FIELD("createSentAt", FIELD_TIME, create_sent_at, 0),
	FIELD("resent", FIELD_BOOLEAN, resent, 0),
	FIELD("builtType", FIELD_STRING, built_type, 0),
	FIELD("location", FIELD_STRING, location, 0),
	FIELD("serverId", FIELD_INTEGER, server_id, 0),
	FIELD("serverIpv6", FIELD_STRING, server_ipv6, 0),
	FIELD("primaryIpv4Id", FIELD_INTEGER, primary_ipv4_id, 0),
	FIELD("primaryIpv6Id", FIELD_INTEGER, primary_ipv6_id, 0),
	FIELD("labelExpiresAt", FIELD_TIME, label_expires_at, 0),
	FIELD("reachableAt", FIELD_TIME, reachable_at, 0),
	FIELD("evaluatedAt", FIELD_TIME, evaluated_at, 0),
	FIELD("takesUserData", FIELD_BOOLEAN, takes_user_data, 0),
	FIELD("builtAt", FIELD_TIME, built_at, 0),
	FIELD("systemPath", FIELD_STRING, system_path, 0),
	FIELD("diskoPath", FIELD_STRING, disko_path, 0),
	FIELD("installStartedAt", FIELD_TIME, install_started_at, 0),
	FIELD("installedAt", FIELD_TIME, installed_at, 0),
	FIELD("kexecFailedAt", FIELD_TIME, kexec_failed_at, 0),
	FIELD("rebuildSentAt", FIELD_TIME, rebuild_sent_at, 0),
	FIELD("rebuiltAt", FIELD_TIME, rebuilt_at, 0),
	FIELD("rotatedAt", FIELD_TIME, rotated_at, 0),
	FIELD("verifiedAt", FIELD_TIME, verified_at, 0),
	FIELD("boxExpiresAt", FIELD_TIME, box_expires_at, 0),
	FIELD("failedAt", FIELD_TIME, failed_at, 0),
	FIELD("failedStep", FIELD_STRING, failed_step, 0),
	FIELD("failure", FIELD_STRING, failure, 0),
	FIELD("attempts", FIELD_INTEGER, attempts, 0),
	FIELD("lastError", FIELD_STRING, last_error, 0),
	FIELD("retryAt", FIELD_TIME, retry_at, 0),
	FIELD("keepUntil", FIELD_TIME, keep_until, 0),
	FIELD("deletingAt", FIELD_TIME, deleting_at, 0),
	FIELD("missingAt", FIELD_TIME, missing_at, 0),
	FIELD("deleteConfirmedAt", FIELD_TIME, delete_confirmed_at, 0),
	FIELD("deletedAt", FIELD_TIME, deleted_at, 0),
	FIELD("boxSshKeys", FIELD_STRINGS, box_ssh_keys, 0),
	FIELD("suspendedAt", FIELD_TIME, suspended_at, 0),
	FIELD("suspendReason", FIELD_STRING, suspend_reason, 0),
	FIELD("isolationBeganAt", FIELD_TIME, isolation_began_at, 0),
	FIELD("isolatedAt", FIELD_TIME, isolated_at, 0),
	FIELD("adoptedAt", FIELD_TIME, adopted_at, 0),
	FIELD("acceptedAt", FIELD_TIME, accepted_at, 0),
};

const char *const goal_names[2] = { [GOAL_RUNNING] = "running", [GOAL_GONE] = "gone" };

static void *place(struct record *record, const struct field *field)
{
	return (char *)record + field->offset;
}

void record_init(struct record *record)
{
	*record = (struct record){ 0 };
}

void record_release(struct record *record)
{
	json_decref(record->payments);
	json_decref(record->ssh_keys);
	json_decref(record->locations);
	json_decref(record->box_ssh_keys);
	json_decref(record->unknown);
	record_init(record);
}

void record_copy(struct record *ret, const struct record *record)
{
	*ret = *record;
	json_incref(record->payments);
	json_incref(record->ssh_keys);
	json_incref(record->locations);
	json_incref(record->box_ssh_keys);
	json_incref(record->unknown);
}

static int wrong_value(const struct field *field, const char *expected, struct error *err)
{
	return error_set(err, ERROR_STATE, 0, "member '%s' is not %s", field->name, expected);
}

static int read_goal(const struct field *field, const char *string, enum goal *ret, struct error *err)
{
	for (size_t i = 0; i < ARRAY_LENGTH(goal_names); i++)
		if (string && strcmp(string, goal_names[i]) == 0) {
			*ret = (enum goal)i;
			return 0;
		}
	return wrong_value(field, "\"running\" or \"gone\"", err);
}

static int read_time(const struct field *field, const json_t *value, int64_t *ret, struct error *err)
{
	const char *string = json_string_value(value);
	if (string && string[0] == '\0') {
		*ret = 0;
		return 0;
	}
	if (!string || !timestamp_parse(string, ret))
		return wrong_value(field, "a time such as \"2026-01-21T10:00:00Z\"", err);
	return 0;
}

static int read_integer(const struct field *field, const json_t *value, int64_t *ret, struct error *err)
{
	json_int_t integer = json_integer_value(value);
	if (!json_is_integer(value) || integer < 0 || integer > INTEGER_MAXIMUM)
		return wrong_value(field, "a whole number from 0 to 2^53 - 1", err);
	*ret = integer;
	return 0;
}

static bool is_string(const json_t *value)
{
	return json_is_string(value);
}

static bool is_payment(const json_t *value)
{
	return json_is_string(json_object_get(value, "reference")) &&
	       json_is_integer(json_object_get(value, "hours")) && json_is_string(json_object_get(value, "at"));
}

static int read_array(const struct field *field, json_t *value, bool (*is_item)(const json_t *), const char *expected,
		      json_t **ret, struct error *err)
{
	size_t index;
	json_t *item;
	bool fits = json_is_array(value);
	json_array_foreach(value, index, item)
		fits = fits && is_item(item);
	if (!fits)
		return wrong_value(field, expected, err);
	*ret = json_incref(value);
	return 0;
}

static int read_field(struct record *record, const struct field *field, json_t *value, struct error *err)
{
	switch (field->type) {
	case FIELD_STRING:
		if (!json_is_string(value) || !text_copy(place(record, field), field->size, json_string_value(value)))
			return wrong_value(field, "a string of the expected length", err);
		return 0;
	case FIELD_INTEGER:
		return read_integer(field, value, place(record, field), err);
	case FIELD_TIME:
		return read_time(field, value, place(record, field), err);
	case FIELD_BOOLEAN:
		if (!json_is_boolean(value))
			return wrong_value(field, "true or false", err);
		*(bool *)place(record, field) = json_is_true(value);
		return 0;
	case FIELD_GOAL:
		return read_goal(field, json_string_value(value), place(record, field), err);
	case FIELD_STRINGS:
		return read_array(field, value, is_string, "an array of strings", place(record, field), err);
	case FIELD_PAYMENTS:
		return read_array(field, value, is_payment, "an array of payments", place(record, field), err);
	}
	return wrong_value(field, "of a known type", err);
}

/* Records are written in the order of the table: the search begins behind the one found last. */
static size_t find_field(const char *name, size_t begin)
{
	for (size_t i = begin; i < RECORD_FIELDS; i++)
		if (strcmp(record_fields[i].name, name) == 0)
			return i;
	for (size_t i = 0; i < begin; i++)
		if (strcmp(record_fields[i].name, name) == 0)
			return i;
	return RECORD_FIELDS;
}

static int read_members(const json_t *object, struct record *record, struct error *err)
{
	bool seen[RECORD_FIELDS] = { false };
	size_t next = 0;
	const char *key;
	json_t *value;
	json_object_foreach((json_t *)(uintptr_t)object, key, value) {
		size_t i = find_field(key, next);
		if (i == RECORD_FIELDS) {
			if (!record->unknown)
				record->unknown = json_object();
			json_object_set(record->unknown, key, value);
			continue;
		}
		next = i + 1;
		if (json_is_null(value))
			continue;
		if (read_field(record, &record_fields[i], value, err) < 0)
			return -1;
		seen[i] = true;
	}
	for (size_t i = 0; i < RECORD_FIELDS; i++)
		if (!seen[i] && (record_fields[i].flags & FIELD_REQUIRED))
			return error_set(err, ERROR_STATE, 0, "member '%s' is missing", record_fields[i].name);
	return 0;
}

int record_from_json(const char *id, const json_t *object, struct record *ret, struct error *err)
{
	struct record record;
	record_init(&record);
	if (!json_is_object(object)) {
		error_set(err, ERROR_STATE, 0, "it is not an object");
		goto failed;
	}
	if (read_members(object, &record, err) < 0)
		goto failed;
	if (strcmp(record.id, id) != 0) {
		error_set(err, ERROR_STATE, 0, "member 'instanceId' says '%s'", record.id);
		goto failed;
	}
	if (!instance_id_is_valid(record.id)) { /* it becomes part of paths */
		error_set(err, ERROR_STATE, 0, "member 'instanceId' is not six hex digits");
		goto failed;
	}
	*ret = record;
	return 0;
failed:
	record_release(&record);
	return error_wrap(err, "instance '%s'", id);
}

void record_add_payment(struct record *record, const char *reference, int64_t hours, int64_t at)
{
	char when[TIMESTAMP_SIZE];
	timestamp_format(at, when);
	json_t *before = record->payments;
	record->payments = before ? json_copy(before) : json_array();
	json_decref(before); /* copies of this record still show it */
	json_array_append_new(record->payments, json_pack("{s:s, s:I, s:s}", "reference", reference ? reference : "",
							  "hours", (json_int_t)hours, "at", when));
	record->paid_seconds += hours * 3600;
}

bool record_has_payment(const struct record *record, const char *reference, struct payment *ret)
{
	if (!reference || !*reference)
		return false;
	size_t index;
	json_t *payment;
	json_array_foreach(record->payments, index, payment) {
		const char *known = json_string_value(json_object_get(payment, "reference"));
		if (known && strcmp(known, reference) == 0) {
			const char *at = json_string_value(json_object_get(payment, "at"));
			ret->hours = json_integer_value(json_object_get(payment, "hours"));
			text_copy(ret->at, sizeof(ret->at), at ? at : "");
			return true;
		}
	}
	return false;
}
