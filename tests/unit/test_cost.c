/* fleet/cost: started hours, the monthly ceiling, and prices as the API writes them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fleet/cost.h"

#define FEBRUARY_27 INT64_C(1772150400) /* 2026-02-27T00:00:00Z: 48 hours of that month are left */

static void test_costs(void **state)
{
	static const struct {
		const char *hourly, *monthly;
		int64_t from, hours;
		const char *cost;
	} cases[] = {
		{ "0.0136000000000000", "8.4900000000", FEBRUARY_27, 0, "0.0000" },
		{ "0.0136000000000000", "8.4900000000", FEBRUARY_27, 1, "0.0136" },
		{ "0.0136000000000000", "8.4900000000", FEBRUARY_27, 25, "0.3400" },
		{ "0.00611", "1", FEBRUARY_27, 1, "0.0062" }, /* rounded up */
		{ "1", "30", FEBRUARY_27, 30, "30.0000" },
		{ "1", "30", FEBRUARY_27, 31, "30.0000" }, /* the ceiling of a month */
		{ "1", "30", FEBRUARY_27, 48, "30.0000" },
		{ "1", "30", FEBRUARY_27, 50, "32.0000" },        /* and two hours of the next */
		{ "1", "30", FEBRUARY_27 + 1800, 49, "31.0000" }, /* the hour that spans both counts once */
		{ "1", "30", FEBRUARY_27, 48 + 744 + 1, "61.0000" },
		{ "0.5", "1000000", FEBRUARY_27, 8760, "4380.0000" },
	};
	struct error error = ERROR_INIT;
	char cost[DECIMAL_SIZE];
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cloud_price price = { "", "" };
		snprintf(price.hourly, sizeof(price.hourly), "%s", cases[i].hourly);
		snprintf(price.monthly, sizeof(price.monthly), "%s", cases[i].monthly);
		assert_int_equal(cost_of_hours(&price, cases[i].from, cases[i].hours, cost, &error), 0);
		assert_string_equal(cost, cases[i].cost);
	}
}

static void test_trimming(void **state)
{
	static const char *const cases[][2] = {
		{ "0.0136000000000000", "0.0136" },
		{ "8.4900000000", "8.49" },
		{ "12", "12.00" },
		{ "5.1", "5.10" },
		{ "0", "0.00" },
		{ "100.000", "100.00" },
	};
	struct error error = ERROR_INIT;
	char trimmed[DECIMAL_SIZE];
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(cost_trim(cases[i][0], trimmed, &error), 0);
		assert_string_equal(trimmed, cases[i][1]);
	}
}

static void test_what_is_no_price(void **state)
{
	static const char *const cases[] = { "",   ".5", "-1",    "1e3", "1,5",
					     " 1", "1 ", "1.2.3", "nan", "99999999999999999999" };
	char trimmed[DECIMAL_SIZE] = "as it was";
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct error error = ERROR_INIT;
		assert_int_equal(cost_trim(cases[i], trimmed, &error), -1);
		assert_int_equal(error.kind, ERROR_REMOTE);
		assert_string_equal(trimmed, "as it was");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_costs),
		cmocka_unit_test(test_trimming),
		cmocka_unit_test(test_what_is_no_price),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
