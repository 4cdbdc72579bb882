#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/stat.h>

#include "base/memory.h"
#include "capture.h"
#include "programs/ssh_wrapper.h"

/* A directory of its own with a blank, a quote and a '%' in its name. */
struct place {
	char directory[64], real[96], wrapper[96], script[128], known_hosts[96], path[160];
	struct system *machine;
};

static int make_place(void **state)
{
	struct place *place = memory_new(sizeof(*place));
	snprintf(place->directory, sizeof(place->directory), "/tmp/it's a 100%% test.XXXXXX");
	assert_non_null(mkdtemp(place->directory));
	snprintf(place->real, sizeof(place->real), "%s/real", place->directory);
	snprintf(place->wrapper, sizeof(place->wrapper), "%s/bin", place->directory);
	snprintf(place->script, sizeof(place->script), "%s/ssh", place->wrapper);
	snprintf(place->known_hosts, sizeof(place->known_hosts), "%s/known", place->directory);
	snprintf(place->path, sizeof(place->path), "relative::%s:/nowhere", place->real);
	place->machine = system_new();
	*state = place;
	return 0;
}

static int remove_place(void **state)
{
	struct place *place = *state;
	AUTO_TEXT struct text output = TEXT_INIT(64);
	const char *const remove[] = { "rm", "-rf", "--", place->directory, NULL };
	assert_int_equal(capture(remove, &output), 0);
	system_free(place->machine);
	memory_free_pointer(&place);
	return 0;
}

/* A real ssh that prints what it was given, a word a line. */
static void make_fake_ssh(const struct place *place)
{
	char file[128];
	assert_int_equal(mkdir(place->real, 0700), 0);
	snprintf(file, sizeof(file), "%s/ssh", place->real);
	FILE *script = fopen(file, "w");
	assert_non_null(script);
	fputs("#!/bin/sh\nprintf '%s\\n' \"$@\"\nexit 9\n", script);
	assert_int_equal(fclose(script), 0);
	assert_int_equal(chmod(file, 0700), 0);
}

static struct ssh_target target_at(const struct place *place)
{
	return (struct ssh_target){
		.alias = "cc-abc123",
		.address = "127.1.2.3",
		.user = "root",
		.identity = "/unused",
		.known_hosts = place->known_hosts,
		.connect_timeout_s = 10,
	};
}

static void pins_come_before_what_the_caller_says(void **state)
{
	const struct place *place = *state;
	struct ssh_target target = target_at(place);
	struct error error = ERROR_INIT;
	AUTO_ARGUMENTS struct arguments expected = ARGUMENTS_INIT;
	AUTO_TEXT struct text lines = TEXT_INIT(65536), output = TEXT_INIT(65536);
	const char *const call[] = {
		place->script, "-o", "StrictHostKeyChecking=no", "-T", "root@127.1.2.3", "echo 'a  b'", "", NULL
	};
	make_fake_ssh(place);
	assert_int_equal(ssh_wrapper_write(place->machine, place->wrapper, place->path, &target, &error), 0);
	ssh_pins(&target, &expected);
	for (size_t i = 1; call[i]; i++)
		arguments_add(&expected, call[i]);
	for (size_t i = 0; i < expected.count; i++)
		text_addf(&lines, "%s\n", expected.items[i]);
	assert_int_equal(capture(call, &output), 9);
	assert_string_equal(text_string(&output), text_string(&lines));
}

/* OpenSSH obeys the first of two: so what nixos-anywhere says does not count. */
static void openssh_obeys_the_pins(void **state)
{
	static const char *const expected[] = { "stricthostkeychecking true",
						"hostkeyalias cc-abc123",
						"batchmode yes",
						"identitiesonly yes",
						"globalknownhostsfile /dev/null",
						"hostkeyalgorithms ssh-ed25519",
						"user root",
						"hostname 127.1.2.3" };
	const struct place *place = *state;
	struct ssh_target target = target_at(place);
	struct error error = ERROR_INIT;
	char line[160];
	AUTO_TEXT struct text output = TEXT_INIT(65536);
	const char *const call[] = { place->script,
				     "-o",
				     "IdentitiesOnly=no",
				     "-o",
				     "UserKnownHostsFile=/dev/null",
				     "-o",
				     "StrictHostKeyChecking=no",
				     "-o",
				     "GlobalKnownHostsFile=/else",
				     "-G",
				     "root@127.1.2.3",
				     NULL };
	assert_int_equal(ssh_wrapper_write(place->machine, place->wrapper, getenv("PATH"), &target, &error), 0);
	assert_int_equal(capture(call, &output), 0);
	for (size_t i = 0; i < ARRAY_LENGTH(expected); i++) {
		snprintf(line, sizeof(line), "%s\n", expected[i]);
		if (!strstr(text_string(&output), line))
			fail_msg("no '%s' in:\n%s", expected[i], text_string(&output));
	}
	snprintf(line, sizeof(line), "userknownhostsfile %s\n", place->known_hosts);
	assert_non_null(strstr(text_string(&output), line));
}

static void writes_it_again_over_an_older_one(void **state)
{
	const struct place *place = *state;
	struct ssh_target target = target_at(place);
	struct error error = ERROR_INIT;
	struct stat status;
	make_fake_ssh(place);
	assert_int_equal(ssh_wrapper_write(place->machine, place->wrapper, place->path, &target, &error), 0);
	assert_int_equal(ssh_wrapper_write(place->machine, place->wrapper, place->path, &target, &error), 0);
	assert_int_equal(stat(place->script, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0700);
}

static void says_when_there_is_no_ssh(void **state)
{
	const struct place *place = *state;
	struct ssh_target target = target_at(place);
	struct error error = ERROR_INIT;
	assert_int_equal(ssh_wrapper_write(place->machine, place->wrapper, place->path, &target, &error), -1);
	assert_non_null(strstr(error.message, "no ssh in PATH"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(pins_come_before_what_the_caller_says, make_place, remove_place),
		cmocka_unit_test_setup_teardown(openssh_obeys_the_pins, make_place, remove_place),
		cmocka_unit_test_setup_teardown(writes_it_again_over_an_older_one, make_place, remove_place),
		cmocka_unit_test_setup_teardown(says_when_there_is_no_ssh, make_place, remove_place),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
