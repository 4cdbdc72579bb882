#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "programs/nixos_anywhere.h"
#include "words.h"

static void builds_the_command(void **state)
{
	struct nixos_anywhere_order order = {
		.address = "127.1.2.3",
		.user = "root",
		.identity = "/key",
		.disko_script = "/nix/store/d",
		.toplevel = "/nix/store/s",
	};
	static const char *const shortest[] = { "nixos-anywhere", "--build-on",     "local", "--store-paths",
						"/nix/store/d",   "/nix/store/s",   "-i",    "/key",
						"--target-host",  "root@127.1.2.3", NULL };
	static const char *const longest[] = {
		"nixos-anywhere", "--build-on", "local",         "--store-paths",  "/nix/store/d",
		"/nix/store/s",   "-i",         "/key",          "--kexec",        "/kexec.tar.gz",
		"--extra-files",  "/extra",     "--target-host", "root@127.1.2.3", NULL
	};
	AUTO_ARGUMENTS struct arguments without = ARGUMENTS_INIT, with = ARGUMENTS_INIT;
	(void)state;
	nixos_anywhere_command(&order, &without);
	expect_words(&without, shortest);
	order.kexec = "/kexec.tar.gz";
	order.extra_files = "/extra";
	nixos_anywhere_command(&order, &with);
	expect_words(&with, longest);
}

static const struct {
	const char *line, *name;
	int64_t limit_s;
} cases[] = {
	{ "### Uploading install SSH keys ###", "connecting", 300 },
	{ "### Gathering machine facts ###", "looking at the machine", 600 },
	{ "### Switching system into kexec ###", "booting the installer", 900 },
	{ "### Formatting hard drive with disko ###", "partitioning the disk", 300 },
	{ "### Uploading the system closure ###", "copying the system", 2400 },
	{ "### Copying extra files ###", "copying the host key", 120 },
	{ "### Installing NixOS ###", "installing", 600 },
	{ "### Rebooting ###", "rebooting", 300 },
	{ "### Waiting for the machine to become unreachable due to reboot ###", "rebooting", 300 },
	{ "### Done! ###", "installed", 60 },
};

static void knows_the_phases_and_their_limits(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		const struct nixos_anywhere_phase *phase = nixos_anywhere_phase(cases[i].line);
		assert_non_null(phase);
		assert_string_equal(phase->name, cases[i].name);
		assert_int_equal(phase->limit_s, cases[i].limit_s);
	}
	assert_null(nixos_anywhere_start.mark);
	assert_int_equal(nixos_anywhere_start.limit_s, 60);
}

static void a_new_mark_has_a_limit_and_other_lines_are_none(void **state)
{
	static const char *const nothing[] = {
		"",         "###",      "### ###",         "###  ",          "copying path '/nix/store/x'",
		"### half", "half ###", "  ### Done! ###", "#### Done! ####"
	};
	(void)state;
	const struct nixos_anywhere_phase *unknown = nixos_anywhere_phase("### Brewing coffee ###");
	assert_non_null(unknown);
	assert_null(unknown->mark);
	assert_int_equal(unknown->limit_s, 600);
	for (size_t i = 0; i < ARRAY_LENGTH(nothing); i++)
		assert_null(nixos_anywhere_phase(nothing[i]));
}

static void knows_when_the_machine_fell_back(void **state)
{
	(void)state;
	assert_true(nixos_anywhere_fell_back(
		"### Gathering machine facts ### | aborted: Failed to kexec into NixOS installer"));
	assert_true(nixos_anywhere_fell_back("kexec_file_load failed: Address not available | Kexec failed"));
	assert_false(nixos_anywhere_fell_back("### Switching system into kexec ### | Host key verification failed."));
	assert_false(nixos_anywhere_fell_back(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(builds_the_command),
		cmocka_unit_test(knows_the_phases_and_their_limits),
		cmocka_unit_test(a_new_mark_has_a_limit_and_other_lines_are_none),
		cmocka_unit_test(knows_when_the_machine_fell_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
