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

static void knows_the_phases(void **state)
{
	static const struct {
		const char *line, *phase;
	} cases[] = {
		{ "### Uploading install SSH keys ###", "connecting" },
		{ "### Gathering machine facts ###", "looking at the machine" },
		{ "### Switching system into kexec ###", "booting the installer" },
		{ "### Formatting hard drive with disko ###", "partitioning the disk" },
		{ "### Uploading the system closure ###", "copying the system" },
		{ "### Copying extra files ###", "copying the host key" },
		{ "### Installing NixOS ###", "installing" },
		{ "### Rebooting ###", "rebooting" },
		{ "### Waiting for the machine to become unreachable due to reboot ###", "rebooting" },
		{ "### Done! ###", "installed" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		const char *phase = nixos_anywhere_phase(cases[i].line);
		assert_non_null(phase);
		assert_string_equal(phase, cases[i].phase);
	}
}

static void passes_new_marks_through_and_drops_other_lines(void **state)
{
	static const char *const nothing[] = {
		"",         "###",      "### ###",         "###  ",          "copying path '/nix/store/x'",
		"### half", "half ###", "  ### Done! ###", "#### Done! ####"
	};
	(void)state;
	assert_string_equal(nixos_anywhere_phase("### Brewing coffee ###"), "### Brewing coffee ###");
	for (size_t i = 0; i < ARRAY_LENGTH(nothing); i++)
		assert_null(nixos_anywhere_phase(nothing[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(builds_the_command),
		cmocka_unit_test(knows_the_phases),
		cmocka_unit_test(passes_new_marks_through_and_drops_other_lines),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
