#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "instance/email.h"

static void accepts_addresses(void **state)
{
	static const char *const good[] = {
		"user@example.com",   "a@b.c",          "first.last+tag@sub.example-host.org",
		"o'neil@example.com", "root@localhost",
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(good); i++) {
		struct error error = ERROR_INIT;
		if (email_check(good[i], &error) < 0)
			fail_msg("'%s': %s", good[i], error.message);
	}
}

static void refuses_what_is_none(void **state)
{
	static const struct {
		const char *text, *because;
	} bad[] = {
		{ "", "one '@'" },
		{ "user", "one '@'" },
		{ "user@one@two", "one '@'" },
		{ "@example.com", "before the '@'" },
		{ "user@", "behind the '@'" },
		{ "-user@example.com", "begins with a dash" },
		{ "user name@example.com", "blanks" },
		{ "user@example.com ", "blanks" },
		{ "user@exam\tple.com", "\\x09" },
		{ "user@example.com\n", "\\x0a" },
		{ "us\033[31mer@example.com", "\\x1b" },
		{ "j\303\274rgen@example.com", "beyond ASCII" },
		{ "\"user\"@example.com", "before the '@'" },
		{ "User <user@example.com>", "blanks" },
		{ "<user@example.com>", "before the '@'" },
		{ "a;b@example.com", "before the '@'" },
		{ ".user@example.com", "before the '@'" },
		{ "user.@example.com", "before the '@'" },
		{ "user@.com", "behind the '@'" },
		{ "user@example..com", "behind the '@'" },
		{ "user@example.com.", "behind the '@'" },
		{ "user@-example.com", "behind the '@'" },
		{ "user@example-.com", "behind the '@'" },
		{ "user@exa_mple.com", "behind the '@'" },
		{ "user@[127.0.0.1]", "behind the '@'" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
		struct error error = ERROR_INIT;
		assert_int_equal(email_check(bad[i].text, &error), -1);
		assert_int_equal(error.kind, ERROR_REFUSED);
		if (!strstr(error.message, bad[i].because))
			fail_msg("'%s' does not say '%s'", error.message, bad[i].because);
	}
}

/* 64 characters before the '@', 63 a label, 254 in all. */
static void keeps_the_lengths(void **state)
{
	char local[80], label[80], text[512];
	struct error error = ERROR_INIT;
	(void)state;
	memset(local, 'l', sizeof(local));
	memset(label, 'd', sizeof(label));
	snprintf(text, sizeof(text), "%.64s@%.63s.com", local, label);
	assert_int_equal(email_check(text, &error), 0);
	snprintf(text, sizeof(text), "%.65s@%.63s.com", local, label);
	assert_int_equal(email_check(text, &error), -1);
	snprintf(text, sizeof(text), "%.64s@%.64s.com", local, label);
	assert_int_equal(email_check(text, &error), -1);
	snprintf(text, sizeof(text), "%.64s@%.63s.%.63s.%.61s", local, label, label, label);
	assert_int_equal(strlen(text), EMAIL_MAXIMUM);
	assert_int_equal(email_check(text, &error), 0);
	snprintf(text, sizeof(text), "%.64s@%.63s.%.63s.%.62s", local, label, label, label);
	assert_int_equal(email_check(text, &error), -1);
	assert_non_null(strstr(error.message, "254 bytes"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accepts_addresses),
		cmocka_unit_test(refuses_what_is_none),
		cmocka_unit_test(keeps_the_lengths),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
