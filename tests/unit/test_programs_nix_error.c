#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "programs/nix_error.h"

/* As printed by 2.8.0, 2.18 and later ones; the last line of each case says what is left of it. */
struct printed {
	const char *lines[16];
	const char *reason;
};

static const struct printed cases[] = {
	{ { "warning: you did not specify '--add-root'", "/nix/store/x.drv" }, "" },
	{ { "error: instance file: instanceId is wrong", "(use '--show-trace' to show detailed location information)" },
	  "instance file: instanceId is wrong" },
	{ { "error: undefined variable 'x'", "", "       at /box/default.nix:1:1:", "", "            1| x",
	    "             | ^", "            2|" },
	  "undefined variable 'x'" },
	{ { "error: A definition for option `ccc.instance.instanceId' is not of type `string matching'. Definition "
	    "values:",
	    "       - In `<unknown-file>': \"A1B2C3\"", "(use '--show-trace' to show detailed location information)" },
	  "A definition for option `ccc.instance.instanceId' is not of type `string matching'. Definition values: "
	  "- In `<unknown-file>': \"A1B2C3\"" },
	{ { "error:", "       \xe2\x80\xa6 while calling the 'derivationStrict' builtin",
	    "         at <nix/derivation-internal.nix>:37:12:", "           36|",
	    "           37|   strict = derivationStrict drvAttrs;", "             |            ^", "",
	    "       (stack trace truncated; use '--show-trace' to show the full, detailed trace)", "",
	    "       error: The option `ccc.instance.email' does not exist. Definition values:",
	    "       - In `<unknown-file>': \"user@example.com\"" },
	  "The option `ccc.instance.email' does not exist. Definition values: - In `<unknown-file>': "
	  "\"user@example.com\"" },
	{ { "error:", "Failed assertions:", "- the first", "- the second", "", "- the third", "- the fourth" },
	  "Failed assertions: - the first - the second - the third - the fourth" },
	{ { "error: one", "two", "three", "four", "five", "six" }, "one two three four five" },
	{ { "error: the first", "error: the last" }, "the last" },
};

static void read_all(struct nix_error *error, const char *const *lines)
{
	for (; *lines; lines++)
		nix_error_line(error, *lines);
}

static void gives_the_reason_alone(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct nix_error error = { 0 };
		read_all(&error, cases[i].lines);
		assert_string_equal(error.text, cases[i].reason);
	}
}

static void cuts_what_is_too_long_between_two_letters(void **state)
{
	char line[600] = "error: ";
	struct nix_error error = { 0 };
	(void)state;
	for (size_t i = strlen(line); i + 2 < sizeof(line); i += 2)
		memcpy(line + i, "\xc3\xa9", 3);
	nix_error_line(&error, line);
	nix_error_line(&error, "more");
	assert_in_range(strlen(error.text), NIX_ERROR_SIZE - 4, NIX_ERROR_SIZE - 1);
	assert_memory_equal(error.text + strlen(error.text) - 2, "\xc3\xa9", 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_the_reason_alone),
		cmocka_unit_test(cuts_what_is_too_long_between_two_letters),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
