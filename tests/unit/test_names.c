#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "instance/names.h"

static void knows_an_instance_id(void **state)
{
	static const char *const bad[] = { "", "abc12", "abc1234", "ABC123", "abc12g", "../../", "abc12\n", "cc-abc" };
	struct error error = ERROR_INIT;
	(void)state;
	assert_true(instance_id_is_valid("abc123"));
	assert_true(instance_id_is_valid("000000"));
	assert_int_equal(instance_id_check("abc123", &error), 0);
	for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
		assert_false(instance_id_is_valid(bad[i]));
		assert_int_equal(instance_id_check(bad[i], &error), -1);
		assert_int_equal(error.kind, ERROR_REFUSED);
	}
}

static void names_the_server(void **state)
{
	char name[SERVER_NAME_SIZE];
	(void)state;
	instance_server_name("abc123", name);
	assert_string_equal(name, "cc-abc123");
}

static void knows_a_label_value(void **state)
{
	static const char *const good[] = { "", "a", "9", "ccc", "a-b_c.D", "1893456000" };
	static const char *const bad[] = { "-a", "a-", ".a", "a_", "a b", "a@b", "a/b", "\303\244", "a\n" };
	char longest[65];
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(good); i++)
		if (!label_value_is_valid(good[i]))
			fail_msg("'%s' was refused", good[i]);
	for (size_t i = 0; i < ARRAY_LENGTH(bad); i++)
		if (label_value_is_valid(bad[i]))
			fail_msg("'%s' was taken", bad[i]);
	memset(longest, 'x', sizeof(longest));
	longest[63] = '\0';
	assert_true(label_value_is_valid(longest));
	longest[63] = 'x';
	longest[64] = '\0';
	assert_false(label_value_is_valid(longest));
}

static void knows_a_payment_reference(void **state)
{
	static const char *const good[] = { "1", "INV-2026/0042", "pi_3Nabc{}$", "\"quoted\"" };
	static const char *const bad[] = { "", "a b", "a\tb", "a\n", "\303\244", "\033" };
	char longest[66];
	struct error error = ERROR_INIT;
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(good); i++)
		assert_int_equal(payment_reference_check(good[i], &error), 0);
	for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
		assert_int_equal(payment_reference_check(bad[i], &error), -1);
		assert_int_equal(error.kind, ERROR_REFUSED);
	}
	memset(longest, 'x', sizeof(longest));
	longest[64] = '\0';
	assert_int_equal(payment_reference_check(longest, &error), 0);
	longest[64] = 'x';
	longest[65] = '\0';
	assert_int_equal(payment_reference_check(longest, &error), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_an_instance_id),
		cmocka_unit_test(names_the_server),
		cmocka_unit_test(knows_a_label_value),
		cmocka_unit_test(knows_a_payment_reference),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
