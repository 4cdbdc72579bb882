#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "drill/json_load.h"

static const char typical[] = "{\n  \"version\": 1, \"fleet\": {\"id\": \"0badf1ee\", \"none\": null},\n"
			      "  \"instances\": {\"abcdef\": {\"list\": [true, false, [], {}], \"price\": 0.0050,\r\n"
			      "\t\"n\": 9007199254740991, \"zero\": 0, \"half\": 12.5, \"words\": \"a b/c ~\"}}}\n";

/* Gives whether it was plain; then jansson must read the same. */
static bool agrees(const char *bytes, size_t length)
{
	json_error_t error;
	json_t *plain = json_load_plain(bytes, length, NULL);
	if (!plain)
		return false;
	json_t *expected = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, &error);
	assert_non_null(expected);
	char *left = json_dumps(plain, 0), *right = json_dumps(expected, 0);
	assert_string_equal(left, right);
	free(left);
	free(right);
	json_decref(plain);
	json_decref(expected);
	return true;
}

static void reads_what_is_plain(void **state)
{
	(void)state;
	assert_true(agrees(typical, sizeof(typical) - 1));
	assert_true(agrees("[]", 2));
	assert_true(agrees(" {} ", 4));
}

static void leaves_the_rest(void **state)
{
	static const char *const others[] = {
		"",
		"1",
		"\"a\"",
		"{",
		"[1,]",
		"{\"a\":1,}",
		"{\"a\":1,\"a\":2}",
		"[01]",
		"[1.]",
		"[.5]",
		"[1e3]",
		"[1.5E3]",
		"[-1]",
		"[\"\\n\"]",
		"[\"\n\"]",
		"[\"\xc3\xa4\"]",
		"[] []",
		"[tru]",
		"[\"a\":1]",
		"[1234567890123456789]",
		"{1:2}",
		"[\"a]",
		"[\"\x80\"]",
		"[1 2]",
		"nullnull",
	};
	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		assert_null(json_load_plain(others[i], strlen(others[i]), NULL));
	assert_null(json_load_plain("[\"\0\"]", 5, NULL));
}

static void never_reads_beyond(void **state)
{
	(void)state;
	for (size_t length = 0; length < sizeof(typical) - 2; length++) {
		char *exact = memcpy(malloc(length + 1), typical, length);
		assert_null(json_load_plain(exact, length, NULL));
		free(exact);
	}
}

/* Such trees are never freed, so who looks for leaks is to see them. */
static struct json_seen *seen;
static json_t *trees[5];

static const json_t *member(const json_t *tree, const char *name)
{
	return json_object_get(json_object_get(tree, "records"), name);
}

static void shares_objects_that_say_the_same(void **state)
{
/* Objects with the same beginning take each other's place. */
#define A "{\"id\": \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\", \"n\": 1"
#define B "{\"id\": \"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\", \"n\": "
	static const char *const texts[] = {
		"{\"records\": {\"a\": " A "}, \"b\": " B "2}}}",
		"{\"records\": {\"a\": " A "}, \"b\": " B "3}}}",
		"{\"records\": {\"b\": " B "3}, \"a\": " A ", \"m\": 1}}}",
		"{\"list\": [" A "}], \"records\": {\"a\": " A "}, \"b\": " B "3}}} ",
		"{\"records\": {\"a\": " A "}}}",
	};
	(void)state;
	seen = json_seen_new();
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		json_t *expected = json_loads(texts[i], 0, NULL);
		trees[i] = json_load_plain(texts[i], strlen(texts[i]), seen);
		assert_true(json_equal(trees[i], expected));
		json_decref(expected);
	}
	assert_ptr_equal(member(trees[0], "a"), member(trees[1], "a"));
	assert_ptr_not_equal(member(trees[0], "b"), member(trees[1], "b"));
	assert_ptr_not_equal(member(trees[1], "a"), member(trees[2], "a"));
	assert_ptr_equal(json_object_get(trees[1], "records"), json_object_get(trees[3], "records"));
	assert_ptr_equal(json_array_get(json_object_get(trees[3], "list"), 0), member(trees[4], "a"));
	char *cut = memcpy(malloc(70), texts[4], 70); /* within an object that is known, in its only string */
	assert_null(json_load_plain(cut, 70, seen));
	free(cut);
}

/* Whatever one byte becomes. */
static void agrees_on_everything_near(void **state)
{
	char near[sizeof(typical)];
	size_t plain = 0;
	(void)state;
	for (size_t at = 0; at < sizeof(typical) - 1; at++)
		for (int byte = 0; byte < 256; byte++) {
			memcpy(near, typical, sizeof(typical));
			near[at] = (char)byte;
			if (agrees(near, sizeof(near) - 1))
				plain++;
		}
	assert_true(plain > 5000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_is_plain),       cmocka_unit_test(leaves_the_rest),
		cmocka_unit_test(never_reads_beyond),        cmocka_unit_test(shares_objects_that_say_the_same),
		cmocka_unit_test(agrees_on_everything_near),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
