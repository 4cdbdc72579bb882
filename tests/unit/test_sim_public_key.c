/* Fingerprints of public keys, against what ssh-keygen -E md5 says of the same keys. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "core/public_key.h"

static void test_fingerprints(void **state)
{
	char fingerprint[FINGERPRINT_SIZE];
	struct error err = ERROR_INIT;

	(void)state;
	assert_int_equal(
		public_key_fingerprint(
			"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIECFyMW8fWLhNWc4iu3aj14etevNLPNPPwFDOR5mPasr me@here",
			fingerprint, &err),
		0);
	assert_string_equal(fingerprint, "bc:b8:5b:5b:1c:99:c3:f2:35:be:ed:3e:2e:10:80:e2");
	assert_int_equal(public_key_fingerprint(
				 "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIECFyMW8fWLhNWc4iu3aj14etevNLPNPPwFDOR5mPasr\n",
				 fingerprint, &err),
			 0);
	assert_string_equal(fingerprint, "bc:b8:5b:5b:1c:99:c3:f2:35:be:ed:3e:2e:10:80:e2");
}

static void test_what_is_no_key(void **state)
{
	static const char *const cases[] = {
		"",
		"ssh-ed25519",
		"ssh-ed25519 ",
		"ssh-ed25519 !!!!",
		"ssh-ed25519 AAAA",
		"AAAAC3NzaC1lZDI1NTE5AAAAIECFyMW8fWLhNWc4iu3aj14etevNLPNPPwFDOR5mPasr",
		"ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIECFyMW8fWLhNWc4iu3aj14etevNLPNPPwFDOR5mPasr",
		"ssh-dss AAAAC3NzaC1lZDI1NTE5AAAAIECFyMW8fWLhNWc4iu3aj14etevNLPNPPwFDOR5mPasr",
		"command=\"x\" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIECFyMW8fWLhNWc4iu3aj14etevNLPNPPwFDOR5mPasr",
		"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5",
		"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIECFyMW8fWLhNWc4iu3aj14etevNLPNPPwFDOR5mPasr=",
		"-----BEGIN OPENSSH PRIVATE KEY-----",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		char fingerprint[FINGERPRINT_SIZE];
		struct error err = ERROR_INIT;
		if (public_key_fingerprint(cases[i], fingerprint, &err) == 0)
			fail_msg("'%s' was accepted", cases[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fingerprints),
		cmocka_unit_test(test_what_is_no_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
