/* Errors as values: filled once, given context, one line for the operator. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

static void test_set_and_wrap(void **state)
{
	struct error error = { .kind = ERROR_REMOTE, .http_status = 404, .code = "not_found" };
	(void)state;
	assert_int_equal(error_set(&error, ERROR_STATE, ENOSPC, "cannot write '%s'", "a\n\x1b"), -1);
	assert_int_equal(error.kind, ERROR_STATE);
	assert_int_equal(error.errnum, ENOSPC);
	assert_int_equal(error.http_status, 0);
	assert_string_equal(error.code, "");
	assert_string_equal(error.message, "cannot write 'a\\x0a\\x1b': No space left on device");
	assert_int_equal(error_wrap(&error, "instance '%s'", "abc123"), -1);
	assert_int_equal(error.kind, ERROR_STATE);
	assert_string_equal(error.message, "instance 'abc123': cannot write 'a\\x0a\\x1b': No space left on device");
}

static void test_an_error_can_describe_itself(void **state)
{
	struct error error = ERROR_INIT;
	(void)state;
	error_set(&error, ERROR_FAILED, 0, "%s", "inner");
	error_set(&error, ERROR_FAILED, 0, "outer: %s", error.message);
	assert_string_equal(error.message, "outer: inner");
}

static void test_long_messages_are_cut(void **state)
{
	struct error error = ERROR_INIT;
	char word[3000];
	(void)state;
	memset(word, '\x01', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	error_set(&error, ERROR_FAILED, 0, "%s", word);
	assert_int_equal(strlen(error.message), sizeof(error.message) - 1);
	error_wrap(&error, "context");
	assert_int_equal(strlen(error.message), sizeof(error.message) - 1);
	assert_int_equal(strncmp(error.message, "context: \\x01", 13), 0);
}

static void test_exit_codes(void **state)
{
	static const struct {
		enum error_kind kind;
		int code;
	} expected[] = {
		{ ERROR_NONE, 0 },      { ERROR_FAILED, 1 },  { ERROR_USAGE, 2 },
		{ ERROR_NOT_FOUND, 3 }, { ERROR_REFUSED, 4 }, { ERROR_REMOTE, 5 },
		{ ERROR_STATE, 6 },     { ERROR_PARTIAL, 7 }, { ERROR_INTERRUPTED, 130 },
	};
	int code;
	const char *meaning;
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(expected); i++) {
		assert_int_equal(error_exit_code(expected[i].kind), expected[i].code);
		assert_true(error_exit_code_row(i, &code, &meaning)); /* the table that is printed says the same */
		assert_int_equal(code, expected[i].code);
		assert_true(strlen(meaning) > 3);
	}
	assert_false(error_exit_code_row(ARRAY_LENGTH(expected), &code, &meaning));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_set_and_wrap),
		cmocka_unit_test(test_an_error_can_describe_itself),
		cmocka_unit_test(test_long_messages_are_cut),
		cmocka_unit_test(test_exit_codes),
	};
	return cmocka_run_group_tests_name("error", tests, NULL, NULL);
}
