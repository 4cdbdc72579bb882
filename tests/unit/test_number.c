/* Whole decimal numbers, and nothing that only looks like one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/memory.h"
#include "base/number.h"

static void test_numbers(void **state)
{
	static const struct {
		const char *string;
		int64_t expected;
	} cases[] = {
		{ "0", 0 },
		{ "7", 7 },
		{ "-5", -5 },
		{ "007", 7 },
		{ "9223372036854775807", INT64_MAX },
		{ "-9223372036854775808", INT64_MIN },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct error error = ERROR_INIT;
		int64_t value = 99;
		assert_int_equal(number_parse(cases[i].string, INT64_MIN, INT64_MAX, "it", &value, &error), 0);
		assert_true(value == cases[i].expected);
	}
}

static void test_no_numbers(void **state)
{
	static const char *const cases[] = { "",
					     "-",
					     "+1",
					     " 1",
					     "1 ",
					     "1h30",
					     "0x10",
					     "1e9",
					     "--1",
					     "1.0",
					     "\t1",
					     "1\n",
					     "9223372036854775808",
					     "-9223372036854775809",
					     "\xd9\xa1" };
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct error error = ERROR_INIT;
		int64_t value = 99;
		assert_int_equal(number_parse(cases[i], INT64_MIN, INT64_MAX, "hours", &value, &error), -1);
		assert_int_equal(error.kind, ERROR_REFUSED);
		assert_int_equal(value, 99);
	}
}

static void test_range_is_said(void **state)
{
	struct error error = ERROR_INIT;
	int64_t value = 99;
	(void)state;
	assert_int_equal(number_parse("1", 1, 720, "hours", &value, &error), 0);
	assert_int_equal(number_parse("720", 1, 720, "hours", &value, &error), 0);
	assert_int_equal(value, 720);
	assert_int_equal(number_parse("0", 1, 720, "hours", &value, &error), -1);
	assert_int_equal(number_parse("721", 1, 720, "hours", &value, &error), -1);
	assert_int_equal(value, 720);
	assert_string_equal(error.message, "hours is '721'; expected a whole number from 1 to 720");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_no_numbers),
		cmocka_unit_test(test_range_is_said),
	};
	return cmocka_run_group_tests_name("number", tests, NULL, NULL);
}
