/* Command lines are taken whole or refused with the word at fault. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <getopt.h>
#include <string.h>

#include "base/memory.h"
#include "commands/all.h"
#include "commands/parse.h"

#define WORDS_MAXIMUM 8

static int parse(const char *const *words, struct session *ret, const char **ret_directory, struct error *err)
{
	char *argv[WORDS_MAXIMUM + 1];
	int argc = 0;
	for (; words[argc]; argc++)
		argv[argc] = (char *)(uintptr_t)words[argc];
	argv[argc] = NULL;
	optind = 0; /* getopt starts anew, as in a process of its own */
	return parse_command_line(argc, argv, ret, ret_directory, err);
}

static void test_options_before_and_behind_the_command(void **state)
{
	static const char *const words[] = { "ccc", "-vC", "/x", "status", "abc123", "-ojson", NULL };
	struct session session = { 0 };
	struct error error = ERROR_INIT;
	const char *directory = NULL;
	(void)state;
	assert_int_equal(parse(words, &session, &directory, &error), 0);
	assert_ptr_equal(session.command, &command_status);
	assert_string_equal(directory, "/x");
	assert_true(session.verbose);
	assert_int_equal(session.format, OUTPUT_JSON);
	assert_int_equal(session.argument_count, 1);
}

static void test_the_word_at_fault_is_named(void **state)
{
	static const struct {
		const char *words[WORDS_MAXIMUM];
		const char *says;
	} cases[] = {
		{ { "ccc", "list", "--nonsense" }, "unknown option '--nonsense'" },
		{ { "ccc", "list", "--verbose=3" }, "unknown option '--verbose=3'" },
		{ { "ccc", "list", "-x" }, "unknown option '-x'" },
		{ { "ccc", "list", "-xv" }, "unknown option '-x'" },
		{ { "ccc", "-xv", "list" }, "unknown option '-x'" },
		{ { "ccc", "list", "-vo" }, "option '-o' needs a value" },
		{ { "ccc", "list", "--output" }, "option '--output' needs a value" },
		{ { "ccc", "nonsense" }, "unknown command 'nonsense'" },
		{ { "ccc", "list", "more" }, "unexpected 'more'" },
		{ { "ccc" }, "no command" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct session session = { 0 };
		struct error error = ERROR_INIT;
		const char *directory = NULL;
		assert_int_equal(parse(cases[i].words, &session, &directory, &error), -1);
		assert_int_equal(error.kind, ERROR_USAGE);
		if (!strstr(error.message, cases[i].says))
			fail_msg("expected \"%s\" in \"%s\"", cases[i].says, error.message);
	}
}

static void test_the_name_of_a_server_is_its_instance(void **state)
{
	static const struct {
		const char *words[WORDS_MAXIMUM];
		const char *arguments[3];
	} cases[] = {
		{ { "ccc", "status", "cc-abc123" }, { "abc123" } },
		{ { "ccc", "extend", "cc-abc123", "--hours", "1" }, { "abc123" } },
		{ { "ccc", "keys", "cc-abc123" }, { "abc123" } },
		{ { "ccc", "resume", "cc-abc123" }, { "abc123" } },
		{ { "ccc", "suspend", "cc-abc123" }, { "abc123" } },
		{ { "ccc", "unsuspend", "cc-abc123" }, { "abc123" } },
		{ { "ccc", "deprovision", "cc-abc123", "abc124", "cc-abc125" }, { "abc123", "abc124", "abc125" } },
		{ { "ccc", "ssh", "cc-abc123", "cc-abc124" }, { "abc123", "cc-abc124" } }, /* a command there */
		{ { "ccc", "status", "cc-abc12" }, { "cc-abc12" } },
		{ { "ccc", "whois", "cc-abc123" }, { "cc-abc123" } },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct session session = { 0 };
		struct error error = ERROR_INIT;
		const char *directory = NULL;
		assert_int_equal(parse(cases[i].words, &session, &directory, &error), 0);
		for (size_t k = 0; k < session.argument_count; k++)
			assert_string_equal(session.arguments[k], cases[i].arguments[k]);
	}
}

static void test_a_single_value_is_given_once(void **state)
{
	static const struct {
		const char *words[WORDS_MAXIMUM];
		const char *says; /* NULL: it is fine */
	} cases[] = {
		{ { "ccc", "provision", "-e", "a@example.com", "--email", "b@example.com" },
		  "option '--email' is given more than once, and takes one value; see 'ccc help provision'" },
		{ { "ccc", "extend", "abc123", "-H1", "-H1" }, "option '--hours' is given more than once" },
		{ { "ccc", "-C", "/a", "list", "-C", "/b" }, "option '--directory' is given more than once" },
		{ { "ccc", "list", "-o", "json", "-o", "table" }, "option '--output' is given more than once" },
		{ { "ccc", "provision", "-k", "a", "-k", "b" }, NULL },
		{ { "ccc", "keys", "abc123", "-a", "a", "-a", "b" }, NULL },
		{ { "ccc", "keys", "abc123", "-r", "a", "-r", "b" }, NULL },
		{ { "ccc", "-v", "reap", "-v", "--dry-run", "--dry-run" }, NULL },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct session session = { 0 };
		struct error error = ERROR_INIT;
		const char *directory = NULL;
		int result = parse(cases[i].words, &session, &directory, &error);
		assert_int_equal(result, cases[i].says ? -1 : 0);
		if (!cases[i].says)
			continue;
		assert_int_equal(error.kind, ERROR_USAGE);
		if (!strstr(error.message, cases[i].says))
			fail_msg("expected \"%s\" in \"%s\"", cases[i].says, error.message);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_options_before_and_behind_the_command),
		cmocka_unit_test(test_the_word_at_fault_is_named),
		cmocka_unit_test(test_the_name_of_a_server_is_its_instance),
		cmocka_unit_test(test_a_single_value_is_given_once),
	};
	return cmocka_run_group_tests_name("command_line", tests, NULL, NULL);
}
