#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "programs/nix_build.h"
#include "programs/nix_instantiate.h"
#include "words.h"

#define SYSTEM "/nix/store/0123456789abcdfghijklmnpqrsvwxyz-nixos-system-cc-abc123-26.05"
#define DISKO  "/nix/store/zyxwvsrqpnmlkjihgfdcba9876543210-disko"

static void builds_the_commands(void **state)
{
	static const char *const evaluating[] = {
		"nix-instantiate", "/box", "--argstr",    "instanceFile", "/state/instance.json", "-A",
		"toplevel",        "-A",   "diskoScript", "--add-root",   "/state/derivation",    NULL
	};
	static const char *const building[] = { "nix-build",  "/state/derivation", "/state/derivation-2",
						"--out-link", "/state/result",     NULL };
	static const char *const both[] = {
		"nix-build", "/box", "--argstr",    "instanceFile", "/state/instance.json", "-A",
		"toplevel",  "-A",   "diskoScript", "--out-link",   "/state/result",        NULL
	};
	AUTO_ARGUMENTS struct arguments first = ARGUMENTS_INIT;
	AUTO_ARGUMENTS struct arguments second = ARGUMENTS_INIT;
	AUTO_ARGUMENTS struct arguments third = ARGUMENTS_INIT;
	(void)state;
	nix_instantiate_command("/box", "/state/instance.json", "/state/derivation", &first);
	expect_words(&first, evaluating);
	nix_build_command("/state/derivation", "/state/result", &second);
	expect_words(&second, building);
	nix_build_box_command("/box", "/state/instance.json", "/state/result", &third);
	expect_words(&third, both);
}

static void reads_two_paths_in_order(void **state)
{
	char system_path[256], disko[256];
	struct error error = ERROR_INIT;
	(void)state;
	assert_int_equal(nix_build_read_paths(SYSTEM "\n" DISKO "\n", system_path, sizeof(system_path), disko,
					      sizeof(disko), &error),
			 0);
	assert_string_equal(system_path, SYSTEM);
	assert_string_equal(disko, DISKO);
}

static void refuses_all_else(void **state)
{
	static const char *const bad[] = {
		"",
		"\n",
		SYSTEM "\n",
		SYSTEM "\n" DISKO, /* cut */
		SYSTEM "\n" DISKO "\n" DISKO "\n",
		SYSTEM "\n\n" DISKO "\n",
		SYSTEM " \n" DISKO "\n",
		" " SYSTEM "\n" DISKO "\n",
		"warning: something\n" SYSTEM "\n" DISKO "\n",
		SYSTEM "\n/nix/store/zyxwvsrqpnmlkjihgfdcba987654321-short\n",
		SYSTEM "\n/nix/store/eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee-no-nix-digit\n",
		SYSTEM "\n/nix/store/zyxwvsrqpnmlkjihgfdcba9876543210\n",
		SYSTEM "\n/nix/store/zyxwvsrqpnmlkjihgfdcba9876543210-\n",
		SYSTEM "\n/nix/store/zyxwvsrqpnmlkjihgfdcba9876543210-a;b\n",
		SYSTEM "\n/nix/store/zyxwvsrqpnmlkjihgfdcba9876543210-a/../../etc\n",
		SYSTEM "\n/nix/store/zyxwvsrqpnmlkjihgfdcba9876543210-.hidden\n",
		SYSTEM "\n/gnu/store/zyxwvsrqpnmlkjihgfdcba9876543210-disko\n",
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
		char system_path[256] = "untouched", disko[256] = "untouched";
		struct error error = ERROR_INIT;
		if (nix_build_read_paths(bad[i], system_path, sizeof(system_path), disko, sizeof(disko), &error) == 0)
			fail_msg("taken: %s", bad[i]);
		assert_int_equal(error.kind, ERROR_FAILED);
		assert_string_equal(system_path, "untouched");
		assert_string_equal(disko, "untouched");
	}
}

static void refuses_what_does_not_fit(void **state)
{
	char system_path[sizeof(SYSTEM)], disko[sizeof(DISKO)];
	struct error error = ERROR_INIT;
	(void)state;
	assert_int_equal(nix_build_read_paths(SYSTEM "\n" DISKO "\n", system_path, sizeof(system_path), disko,
					      sizeof(disko), &error),
			 0);
	assert_int_equal(nix_build_read_paths(SYSTEM "\n" DISKO "\n", system_path, sizeof(system_path) - 1, disko,
					      sizeof(disko), &error),
			 -1);
	assert_int_equal(nix_build_read_paths(SYSTEM "\n" DISKO "\n", system_path, sizeof(system_path), disko,
					      sizeof(disko) - 1, &error),
			 -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(builds_the_commands),
		cmocka_unit_test(reads_two_paths_in_order),
		cmocka_unit_test(refuses_all_else),
		cmocka_unit_test(refuses_what_does_not_fit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
