/* Records as text are what their trees would be, and changes are what two trees differ in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "instance/record.h"

static const char *const documents[] = {
	"{\"instanceId\": \"abcdef\", \"email\": \"a@b.c\", \"serverName\": \"cc-abcdef\", \"serverType\": \"cpx21\", "
	"\"createdAt\": \"2026-01-21T10:00:00Z\", \"nonce\": \"0\", \"paidSeconds\": 3600}",

	"{\"instanceId\": \"abcdef\", \"email\": \"\\\"\\\\\\n\\u0001\", \"serverName\": \"\", \"serverIp\": "
	"\"1.2.3.4\", "
	"\"serverType\": \"\\u00e4\\u20ac\", \"createdAt\": \"2026-01-21T10:00:00Z\", \"expiresAt\": "
	"\"9999-12-31T23:59:59Z\", \"status\": \"running\", \"revision\": 7, \"goal\": \"gone\", \"reason\": "
	"\"failed\", "
	"\"nonce\": \"0\", \"paidSeconds\": 9007199254740991, \"payments\": [{\"reference\": \"\\t\", \"hours\": 1, "
	"\"at\": \"\"}], \"sshKeys\": [], \"locations\": [\"fsn1\", \"nbg1\"], \"keepOnFailure\": true, \"resent\": "
	"false, \"lastError\": \"it's \\\"bad\\\"\\r\\n\", \"other\": {\"deep\": [1.5, null, {}]}, \"\\u0007\": -1}",

	"{\"instanceId\": \"abcdef\", \"email\": \"a@b.c\", \"serverName\": \"\", \"serverType\": \"cpx21\", "
	"\"createdAt\": \"2026-01-21T10:00:00Z\", \"nonce\": \"0\", \"paidSeconds\": 3600, \"payments\": [], "
	"\"sshKeys\": "
	"[\"k\"], \"locations\": [\"fsn1\", \"nbg1\"], \"verifiedAt\": \"2026-01-21T10:00:00Z\", \"revision\": 8, "
	"\"other\": {\"deep\": [1.5, true, {}]}, \"another\": 2}",
};

static void read_record(const char *document, struct record *ret)
{
	struct error error = ERROR_INIT;
	AUTO_JSON json_t *object = json_parse(document, strlen(document), &error);
	assert_non_null(object);
	assert_int_equal(record_from_json("abcdef", object, ret, &error), 0);
}

static void assert_written(const struct record *record)
{
	struct text text;
	struct json_writer writer;
	text_init(&text, 65536);
	json_write_init(&writer, &text, true);
	record_write(record, &writer);
	AUTO_FREE char *written = text_take(&text);
	AUTO_JSON json_t *tree = record_to_json(record);
	AUTO_FREE char *expected = json_dumps(tree, JSON_INDENT(2));
	assert_string_equal(written, expected);
}

static void test_text_and_tree(void **state)
{
	struct record record;
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(documents); i++) {
		read_record(documents[i], &record);
		assert_written(&record);
		record_release(&record);
	}
}

/* A message that was cut inside a letter must not spoil the file. */
static void test_cut_letters(void **state)
{
	struct record record;
	(void)state;
	read_record(documents[0], &record);
	text_copy(record.last_error, sizeof(record.last_error), "bad \xc3");
	text_copy(record.failure, sizeof(record.failure), "\xff");
	assert_written(&record);
	record_release(&record);
}

static json_t *difference(const struct record *before, const struct record *after)
{
	AUTO_JSON json_t *old = before ? record_to_json(before) : json_object();
	AUTO_JSON json_t *new = record_to_json(after);
	json_t *set = json_object();
	const char *key;
	json_t *value;
	json_object_foreach(new, key, value)
		if (strcmp(key, "revision") != 0 && !json_equal(value, json_object_get(old, key)))
			json_object_set(set, key, value);
	json_object_foreach(old, key, value)
		if (!json_object_get(new, key))
			json_object_set_new(set, key, json_null());
	return set;
}

static void assert_changes(const struct record *before, const struct record *after)
{
	struct text text;
	struct json_writer writer;
	text_init(&text, 65536);
	json_write_init(&writer, &text, false);
	record_write_changes(before, after, &writer);
	AUTO_FREE char *written = text_take(&text);
	AUTO_JSON json_t *set = difference(before, after);
	AUTO_FREE char *expected = json_dumps(set, JSON_COMPACT);
	assert_string_equal(written, expected);
}

static void test_changes(void **state)
{
	struct record records[ARRAY_LENGTH(documents) + 1];
	size_t count = ARRAY_LENGTH(records);
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(documents); i++)
		read_record(documents[i], &records[i]);
	record_copy(&records[count - 1], &records[1]);
	text_copy(records[count - 1].last_error, sizeof(records->last_error), "\xc3");
	for (size_t i = 0; i < count; i++) {
		assert_changes(NULL, &records[i]);
		for (size_t j = 0; j < count; j++)
			assert_changes(&records[i], &records[j]);
	}
	for (size_t i = 0; i < count; i++)
		record_release(&records[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text_and_tree),
		cmocka_unit_test(test_cut_letters),
		cmocka_unit_test(test_changes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
