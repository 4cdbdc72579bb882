#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "programs/ssh_keygen.h"

static void builds_the_commands(void **state)
{
	static const char *const expected[] = { "ssh-keygen", "-q", "-t",        "ed25519", "-N",
						"",           "-C", "cc-abc123", "-f",      "/key" };
	AUTO_ARGUMENTS struct arguments generate = ARGUMENTS_INIT;
	(void)state;
	ssh_keygen_generate("/key", "cc-abc123", &generate);
	assert_int_equal(generate.count, ARRAY_LENGTH(expected));
	for (size_t i = 0; i < ARRAY_LENGTH(expected); i++)
		assert_string_equal(generate.items[i], expected[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(builds_the_commands),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
