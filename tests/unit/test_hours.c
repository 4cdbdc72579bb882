#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "instance/hours.h"

static void reads_whole_hours(void **state)
{
	static const struct {
		const char *text;
		int64_t hours;
	} good[] = { { "1", 1 }, { "24", 24 }, { "8760", 8760 } };
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(good); i++) {
		struct error error = ERROR_INIT;
		int64_t hours = -7;
		assert_int_equal(hours_parse(good[i].text, &hours, &error), 0);
		assert_int_equal(hours, good[i].hours);
	}
}

static void refuses_all_else(void **state)
{
	static const char *const bad[] = {
		"0",  "-1", "8761", "1e9",  "1000000000", "99999999999999999999", "1h30", "90m", "1.5", "1:30", "",
		" 1", "1 ", "+1",   "0x10", "one",
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
		struct error error = ERROR_INIT;
		int64_t hours = -7;
		if (hours_parse(bad[i], &hours, &error) == 0)
			fail_msg("'%s' was taken", bad[i]);
		assert_int_equal(error.kind, ERROR_REFUSED);
		assert_int_equal(hours, -7);
		if (!strstr(error.message, "8760"))
			fail_msg("'%s' does not say the range", error.message);
	}
}

static void says_that_units_are_not_taken(void **state)
{
	struct error error = ERROR_INIT;
	int64_t hours;
	(void)state;
	assert_int_equal(hours_parse("1h30", &hours, &error), -1);
	assert_non_null(strstr(error.message, "'1h30'"));
	assert_non_null(strstr(error.message, "without a unit"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_whole_hours),
		cmocka_unit_test(refuses_all_else),
		cmocka_unit_test(says_that_units_are_not_taken),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
