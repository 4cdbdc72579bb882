/* What is written without a tree is what jansson would have written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/json_write.h"
#include "base/memory.h"

static void assert_same(const json_t *value)
{
	AUTO_FREE char *pretty = json_format(value, true), *compact = json_format(value, false);
	AUTO_FREE char *expected_pretty = json_dumps(value, JSON_INDENT(2));
	AUTO_FREE char *expected_compact = json_dumps(value, JSON_COMPACT);
	assert_string_equal(pretty, expected_pretty);
	assert_string_equal(compact, expected_compact);
}

static void test_documents(void **state)
{
	static const char *const documents[] = {
		"{}",
		"[]",
		"[[], {}, [[]], [{}], {\"a\": {}, \"b\": []}]",
		"{\"a\": 1, \"b\": [1, 2, {\"c\": null}], \"d\": {\"e\": [true, false]}}",
		"[0, -1, 9223372036854775807, -9223372036854775808]",
		"[0.1, -2.5, 1e300, 1e-300, 100.0, 0.30000000000000004]",
		"{\"\": \"\", \"\\n\\u0001\\\"\": \"/\\u007f\\u0080\\u2028\\ud83d\\ude00\"}",
		"[[[[[[[[[[[[[[[[[[[[{\"deep\": [1]}]]]]]]]]]]]]]]]]]]]]",
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(documents); i++) {
		struct error error = ERROR_INIT;
		AUTO_JSON json_t *value = json_parse(documents[i], strlen(documents[i]), &error);
		assert_non_null(value);
		assert_same(value);
	}
}

static void test_every_character(void **state)
{
	(void)state;
	for (int c = 0; c < 128; c++) {
		char string[] = { 'a', (char)c, 'b', (char)c };
		AUTO_JSON json_t *array = json_array();
		json_array_append_new(array, json_stringn(string, sizeof(string)));
		assert_same(array);
	}
}

static void test_text(void **state)
{
	static const char *const wrong[] = { "\x80", "a\xc3", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xc0\xaf" };
	(void)state;
	assert_true(json_is_text(""));
	assert_true(json_is_text("plain \x01\x7f"));
	assert_true(json_is_text("\xc3\xa4\xe2\x82\xac"));
	for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++)
		assert_false(json_is_text(wrong[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_documents),
		cmocka_unit_test(test_every_character),
		cmocka_unit_test(test_text),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
