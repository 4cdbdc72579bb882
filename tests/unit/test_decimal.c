/* Amounts as the API writes them: exact, and nothing that is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/decimal.h"

static void test_amounts(void **state)
{
	(void)state;
	static const struct {
		const char *decimal;
		long long micros; /* -1: no amount */
		const char *shown;
	} rows[] = {
		{ "5.4900000000", 5490000, "5.49" },
		{ "0.0143000000", 14300, "0.0143" },
		{ "0", 0, "0.00" },
		{ "12", 12000000, "12.00" },
		{ "12.5", 12500000, "12.50" },
		{ "0.0000005", 1, "0.000001" },
		{ "0.00000049", 0, "0.00" },
		{ "0.9999996", 1000000, "1.00" },
		{ "1000000.123456", 1000000123456, "1000000.123456" },
		{ "1000001", -1, NULL },
		{ "99999999999999999999", -1, NULL },
		{ "", -1, NULL },
		{ ".5", -1, NULL },
		{ "5.", -1, NULL },
		{ "-1", -1, NULL },
		{ "1,5", -1, NULL },
		{ "1.5 ", -1, NULL },
		{ "1.5.2", -1, NULL },
		{ "free", -1, NULL },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t micros = -1;
		char shown[DECIMAL_SIZE];
		assert_int_equal(decimal_parse(rows[i].decimal, 6, &micros), rows[i].micros >= 0);
		assert_int_equal(micros, rows[i].micros);
		if (rows[i].micros < 0)
			continue;
		decimal_format(micros, 6, shown);
		assert_string_equal(shown, rows[i].shown);
	}
}

static void test_places(void **state)
{
	(void)state;
	int64_t amount;
	char shown[DECIMAL_SIZE];
	assert_true(decimal_parse("2.5", 0, &amount));
	assert_int_equal(amount, 3);
	assert_true(decimal_parse("1000000.9999999994", 9, &amount));
	assert_int_equal(amount, 1000000999999999);
	decimal_format(amount, 9, shown);
	assert_string_equal(shown, "1000000.999999999");
	decimal_format(12, 2, shown);
	assert_string_equal(shown, "0.12");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_amounts),
		cmocka_unit_test(test_places),
	};
	return cmocka_run_group_tests_name("decimal", tests, NULL, NULL);
}
