#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "capture.h"
#include "programs/ssh_keygen.h"

static void builds_the_commands(void **state)
{
	static const char *const expected[] = { "ssh-keygen", "-q", "-t",        "ed25519", "-N",
						"",           "-C", "cc-abc123", "-f",      "/key" };
	AUTO_ARGUMENTS struct arguments generate = ARGUMENTS_INIT, fingerprint = ARGUMENTS_INIT;
	(void)state;
	ssh_keygen_generate("/key", "cc-abc123", &generate);
	assert_int_equal(generate.count, ARRAY_LENGTH(expected));
	for (size_t i = 0; i < ARRAY_LENGTH(expected); i++)
		assert_string_equal(generate.items[i], expected[i]);
	ssh_keygen_fingerprint("/key.pub", FINGERPRINT_MD5, &fingerprint);
	assert_string_equal(fingerprint.items[3], "md5");
	assert_string_equal(fingerprint.items[5], "/key.pub");
}

/* ssh-keygen itself, about a key whose fingerprints are known. */
static void reads_what_ssh_keygen_prints(void **state)
{
	static const struct {
		enum fingerprint_hash hash;
		const char *expected;
	} cases[] = {
		{ FINGERPRINT_MD5, "bc:b8:5b:5b:1c:99:c3:f2:35:be:ed:3e:2e:10:80:e2" },
		{ FINGERPRINT_SHA256, "SHA256:Z3mkEM4BXvJG0WqS9mN7buaOQY6f9xD7+lOWeiL1uWo" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		char fingerprint[FINGERPRINT_SIZE];
		AUTO_ARGUMENTS struct arguments argv = ARGUMENTS_INIT;
		AUTO_TEXT struct text output = TEXT_INIT(4096);
		struct error error = ERROR_INIT;
		ssh_keygen_fingerprint(TEST_FIXTURES "/keys/ed25519.pub", cases[i].hash, &argv);
		assert_int_equal(capture(arguments_list(&argv), &output), 0);
		assert_int_equal(ssh_keygen_read_fingerprint(text_string(&output), cases[i].hash, fingerprint, &error),
				 0);
		assert_string_equal(fingerprint, cases[i].expected);
	}
}

static void refuses_other_output(void **state)
{
	static const char *const bad[] = {
		"",
		"256",
		"256 ",
		"/key.pub is not a public key file.",
		"256 SHA256:Z3mkEM4BXvJG0WqS9mN7buaOQY6f9xD7+lOWeiL1uWo c (ED25519)",
		"256 MD5:aa:bb c (ED25519)",
		"256 MD5:00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:fg c (ED25519)",
		"256 MD5:00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff:00 c (ED25519)",
		"256 MD5:00112:2:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff:0 c (ED25519)",
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
		char fingerprint[FINGERPRINT_SIZE] = "untouched";
		struct error error = ERROR_INIT;
		assert_int_equal(ssh_keygen_read_fingerprint(bad[i], FINGERPRINT_MD5, fingerprint, &error), -1);
		assert_string_equal(fingerprint, "untouched");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(builds_the_commands),
		cmocka_unit_test(reads_what_ssh_keygen_prints),
		cmocka_unit_test(refuses_other_output),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
