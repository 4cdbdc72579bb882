/*
 * Any bytes as instances.json. What is refused is the state's fault and says why.
 * What is taken can be used without a further look (ids are parts of paths, keys are
 * strings, times can be written), loses nothing when it is written, and is the same
 * when it is read again.
 */
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/timestamp.h"
#include "property.h"
#include "store/layout.h"

static const char hexadecimal[] = "0123456789abcdef";

static void check_strings(const json_t *array)
{
	size_t index;
	json_t *item;
	json_array_foreach(array, index, item)
		require(json_is_string(item));
}

static void check_record(const struct record *record)
{
	size_t index;
	json_t *payment;
	require(strlen(record->id) == INSTANCE_ID_SIZE - 1 && !record->id[strspn(record->id, hexadecimal)]);
	require(record->revision >= 0 && record->paid_seconds >= 0 && record->server_id >= 0);
	require(record->created_at + record->paid_seconds >= record->created_at);
	check_strings(record->ssh_keys);
	check_strings(record->locations);
	json_array_foreach(record->payments, index, payment)
		require(json_is_string(json_object_get(payment, "reference")) &&
			json_is_integer(json_object_get(payment, "hours")) &&
			json_is_string(json_object_get(payment, "at")));
}

/* Times come back in the one form that ccc writes. */
static bool is_same(const json_t *read, const json_t *written)
{
	int64_t before, after;
	if (json_equal(read, written))
		return true;
	return json_is_string(read) && json_is_string(written) && timestamp_parse(json_string_value(read), &before) &&
	       timestamp_parse(json_string_value(written), &after) && before == after;
}

/* "Not yet" may be left out, or written as "", and so may the first second of 1970. */
static bool is_nothing(const json_t *value)
{
	int64_t time;
	const char *string = json_string_value(value);
	return json_is_null(value) || json_is_false(value) || (string && !*string) ||
	       (string && timestamp_parse(string, &time) && time == 0) ||
	       (json_is_integer(value) && json_integer_value(value) == 0);
}

static void check_kept(const json_t *read, const json_t *written)
{
	const char *name;
	json_t *value;
	json_object_foreach((json_t *)(uintptr_t)read, name, value)
		require(is_nothing(value) || is_same(value, json_object_get(written, name)));
}

/* Nothing that was in the bytes is missing in what would be written. */
static void check_nothing_is_lost(const uint8_t *data, size_t size, const char *written)
{
	struct error error = ERROR_INIT;
	AUTO_JSON json_t *before = json_parse((const char *)data, size, &error);
	AUTO_JSON json_t *after = json_parse(written, strlen(written), &error);
	const char *name;
	json_t *value, *kept;
	require(before && after);
	json_object_foreach(before, name, value)
		if (strcmp(name, "fleet") != 0 && strcmp(name, "instances") != 0)
			require(json_equal(value, json_object_get(after, name)));
	check_kept(json_object_get(before, "fleet"), json_object_get(after, "fleet"));
	kept = json_object_get(after, "instances");
	require(json_object_size(json_object_get(before, "instances")) == json_object_size(kept));
	json_object_foreach(json_object_get(before, "instances"), name, value)
		check_kept(value, json_object_get(kept, name));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct snapshot snapshot, again;
	struct error error = ERROR_INIT;
	if (snapshot_parse((const char *)data, size, &snapshot, &error) < 0) {
		require(error.kind == ERROR_STATE && error.message[0]);
		return 0;
	}
	for (size_t i = 0; i < snapshot.count; i++)
		check_record(&snapshot.records[i]);
	AUTO_FREE char *written = snapshot_format(&snapshot);
	check_nothing_is_lost(data, size, written);
	require(snapshot_parse(written, strlen(written), &again, &error) == 0);
	require(again.count == snapshot.count);
	AUTO_FREE char *rewritten = snapshot_format(&again);
	require(strcmp(written, rewritten) == 0);
	snapshot_release(&snapshot);
	snapshot_release(&again);
	return 0;
}
