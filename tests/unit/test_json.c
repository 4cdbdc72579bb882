/* Typed access to JSON: errors name the member, outputs stay untouched on failure. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"

static json_t *parse(const char *string)
{
	struct error error = ERROR_INIT;
	json_t *value = json_parse(string, strlen(string), &error);
	assert_non_null(value);
	return value;
}

static void test_refused_documents(void **state)
{
	static const char *const wrong[] = { "",
					     "{",
					     "{\"a\": 1, \"a\": 2}",
					     "{} x",
					     "[1,]",
					     "{\"a\": 9223372036854775808}",
					     "{\"a\": \"\\u0000\"}",
					     "{\"a\": \"\xff\"}",
					     "<html>" };
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++) {
		struct error error = ERROR_INIT;
		assert_null(json_parse(wrong[i], strlen(wrong[i]), &error));
		assert_int_equal(error.kind, ERROR_FAILED);
		assert_non_null(strstr(error.message, "line 1"));
	}
}

static void test_place_of_the_fault(void **state)
{
	const char *document = "{\n  \"a\": 1,\n  \x1b[31m\n}";
	struct error error = ERROR_INIT;
	(void)state;
	assert_null(json_parse(document, strlen(document), &error));
	assert_non_null(strstr(error.message, "line 3"));
	assert_null(strchr(error.message, '\x1b'));
}

static void test_first_of_several(void **state)
{
	const char *bytes = "{\"a\": 1}\n\nServer 1 created {";
	struct error error = ERROR_INIT;
	AUTO_JSON json_t *value = json_parse_first(bytes, strlen(bytes), &error);
	(void)state;
	assert_int_equal(json_integer_value(json_object_get(value, "a")), 1);
	assert_null(json_parse(bytes, strlen(bytes), &error));
	assert_null(json_parse_first("{\"a\": ", 6, &error));
}

static void test_depth_is_bounded(void **state)
{
	struct error error = ERROR_INIT;
	AUTO_FREE char *deep = memory_new(1000001);
	(void)state;
	memset(deep, '[', 1000000);
	assert_null(json_parse(deep, 1000000, &error));
}

static void test_getters(void **state)
{
	AUTO_JSON json_t *object =
		parse("{\"s\": \"x\", \"i\": 9223372036854775807, \"b\": false, \"a\": [1], \"o\": {}}");
	struct error error = ERROR_INIT;
	const char *string = NULL;
	int64_t integer = 0;
	bool boolean = true;
	json_t *array = NULL, *inner = NULL;
	(void)state;
	assert_int_equal(json_get_string(object, "s", &string, &error), 0);
	assert_string_equal(string, "x");
	assert_int_equal(json_get_integer(object, "i", &integer, &error), 0);
	assert_true(integer == INT64_MAX);
	assert_int_equal(json_get_boolean(object, "b", &boolean, &error), 0);
	assert_false(boolean);
	assert_int_equal(json_get_array(object, "a", &array, &error), 0);
	assert_int_equal(json_array_size(array), 1);
	assert_int_equal(json_get_object(object, "o", &inner, &error), 0);
	assert_true(json_is_object(inner));
}

static void test_wrong_type_is_named(void **state)
{
	AUTO_JSON json_t *object = parse("{\"s\": 1, \"i\": 1.0, \"b\": 0, \"a\": {}, \"o\": []}");
	const char *string = "before";
	int64_t integer = 42;
	bool boolean = true;
	json_t *inner = NULL;
	(void)state;
	for (int missing = 0; missing < 2; missing++) {
		const char *keys[] = { "s", "i", "b", "a", "o" };
		struct error errors[5] = { 0 };
		if (missing)
			json_object_clear(object);
		assert_int_equal(json_get_string(object, keys[0], &string, &errors[0]), -1);
		assert_int_equal(json_get_integer(object, keys[1], &integer, &errors[1]), -1);
		assert_int_equal(json_get_boolean(object, keys[2], &boolean, &errors[2]), -1);
		assert_int_equal(json_get_array(object, keys[3], &inner, &errors[3]), -1);
		assert_int_equal(json_get_object(object, keys[4], &inner, &errors[4]), -1);
		for (size_t i = 0; i < 5; i++) {
			char quoted[4] = { '\'', keys[i][0], '\'', '\0' };
			assert_non_null(strstr(errors[i].message, quoted));
			assert_int_equal(strstr(errors[i].message, "missing") != NULL, missing);
		}
	}
	assert_string_equal(string, "before");
	assert_int_equal(integer, 42);
	assert_true(boolean);
	assert_null(inner);
}

static void test_optional(void **state)
{
	AUTO_JSON json_t *object = parse("{\"n\": null, \"s\": \"x\", \"i\": 5}");
	struct error error = ERROR_INIT;
	const char *string = NULL;
	int64_t integer = 0;
	(void)state;
	assert_int_equal(json_optional_string(object, "s", "other", &string, &error), 0);
	assert_string_equal(string, "x");
	assert_int_equal(json_optional_string(object, "n", "other", &string, &error), 0);
	assert_string_equal(string, "other");
	assert_int_equal(json_optional_string(object, "absent", NULL, &string, &error), 0);
	assert_null(string);
	assert_int_equal(json_optional_integer(object, "i", 7, &integer, &error), 0);
	assert_int_equal(integer, 5);
	assert_int_equal(json_optional_integer(object, "absent", 7, &integer, &error), 0);
	assert_int_equal(integer, 7);
	assert_int_equal(json_optional_string(object, "i", "other", &string, &error), -1);
	assert_int_equal(json_optional_integer(object, "s", 7, &integer, &error), -1);
}

static void test_format(void **state)
{
	AUTO_JSON json_t *object = parse("{\"b\": 1, \"a\": [true]}");
	AUTO_FREE char *line = json_format(object, false);
	AUTO_FREE char *pretty = json_format(object, true);
	(void)state;
	assert_string_equal(line, "{\"b\":1,\"a\":[true]}");
	assert_string_equal(pretty, "{\n  \"b\": 1,\n  \"a\": [\n    true\n  ]\n}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused_documents), cmocka_unit_test(test_place_of_the_fault),
		cmocka_unit_test(test_first_of_several),  cmocka_unit_test(test_depth_is_bounded),
		cmocka_unit_test(test_getters),           cmocka_unit_test(test_wrong_type_is_named),
		cmocka_unit_test(test_optional),          cmocka_unit_test(test_format),
	};
	return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
