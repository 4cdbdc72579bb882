#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "programs/nix_facts.h"

static void compares_versions_by_their_numbers(void **state)
{
	static const struct {
		const char *version, *minimum;
		bool enough;
	} rows[] = {
		{ "2.18", "2.18", true },
		{ "2.18.1", "2.18", true },
		{ "2.19pre1234_abc", "2.18", true },
		{ "2.100", "2.18", true },
		{ "3", "2.18", true },
		{ "2.18", "2.18.1", false },
		{ "2.9", "2.18", false },
		{ "2", "2.18", false },
		{ "", "2.18", false },
		{ "new", "2.18", false },
		{ "-3.1", "2.18", false },
		{ "3.0", "", false },
		{ "3.0", "new", false },
		{ "3.0", "2.", true },
		{ "2.18", "2.18x", false },
		{ "99999999999999999999999", "2.18", true },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
		if (nix_version_is_at_least(rows[i].version, rows[i].minimum) != rows[i].enough)
			fail_msg("'%s' and '%s'", rows[i].version, rows[i].minimum);
}

static void reads_the_version_and_the_system(void **state)
{
	char version[8] = "?", system[32] = "?";
	struct error error = ERROR_INIT;
	(void)state;
	assert_int_equal(nix_version_read("{\"system\":\"x86_64-linux\",\"version\":\"2.8.0\"}\n", version,
					  sizeof(version), system, sizeof(system), &error),
			 0);
	assert_string_equal(version, "2.8.0");
	assert_string_equal(system, "x86_64-linux");
	assert_int_equal(nix_version_read("2.8.0", version, sizeof(version), system, sizeof(system), &error), -1);
	assert_int_equal(
		nix_version_read("{\"version\":\"2\"}", version, sizeof(version), system, sizeof(system), &error), -1);
	assert_string_equal(version, "2.8.0");
}

static void finds_a_setting_by_its_whole_name(void **state)
{
	static const char output[] = "extra-substituters = no\nsubstituters = https://a b\nempty = \nlast = x";
	char value[12];
	(void)state;
	nix_setting(output, "substituters", value, sizeof(value));
	assert_string_equal(value, "https://a b");
	nix_setting(output, "empty", value, sizeof(value));
	assert_string_equal(value, "");
	nix_setting(output, "last", value, sizeof(value));
	assert_string_equal(value, "x");
	nix_setting(output, "last", value, 1);
	assert_string_equal(value, "");
	nix_setting(output, "missing", value, sizeof(value));
	assert_string_equal(value, "");
}

static void finds_whole_words(void **state)
{
	(void)state;
	assert_true(nix_setting_has(" i686-linux  x86_64-linux", "x86_64-linux"));
	assert_false(nix_setting_has("x86_64-linux2 a-x86_64-linux", "x86_64-linux"));
	assert_false(nix_setting_has("", "x86_64-linux"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(compares_versions_by_their_numbers),
		cmocka_unit_test(reads_the_version_and_the_system),
		cmocka_unit_test(finds_a_setting_by_its_whole_name),
		cmocka_unit_test(finds_whole_words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
