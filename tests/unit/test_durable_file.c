/* Files: whole or not at all, torn tails mended, nothing followed that should not be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"
#include "system/durable_file.h"

struct place {
	struct system *system;
	char directory[64];
};

static int set_up(void **state)
{
	struct place *place = memory_new(sizeof(*place));
	snprintf(place->directory, sizeof(place->directory), "/tmp/ccc-test-file.XXXXXX");
	place->system = system_new();
	*state = place;
	return mkdtemp(place->directory) ? 0 : -1;
}

static int tear_down(void **state)
{
	struct place *place = *state;
	struct error error = ERROR_INIT;
	int result = directory_remove_tree(place->system, place->directory, &error);
	result |= access(place->directory, F_OK) == 0;
	system_free(place->system);
	free(place);
	return result;
}

/* DIRECTORY/name; caller frees. */
static char *in(const struct place *place, const char *name)
{
	struct text path;
	text_init(&path, 4096);
	text_addf(&path, "%s/%s", place->directory, name);
	return text_take(&path);
}

static void assert_content(const struct place *place, const char *path, const char *expected)
{
	AUTO_TEXT struct text text = TEXT_INIT(1 << 20);
	struct error error = ERROR_INIT;
	assert_int_equal(file_read(place->system, path, &text, &error), 0);
	assert_string_equal(text_string(&text), expected);
}

static void add_name(void *data, const char *name)
{
	text_addf(data, "%s ", name);
}

static void assert_names(const struct place *place, const char *expected)
{
	AUTO_TEXT struct text names = TEXT_INIT(4096);
	struct error error = ERROR_INIT;
	assert_int_equal(directory_list(place->system, place->directory, add_name, &names, &error), 0);
	assert_string_equal(text_string(&names), expected);
}

static void write_plainly(const char *path, const char *content)
{
	FILE *file = fopen(path, "we");
	assert_non_null(file);
	fputs(content, file);
	assert_int_equal(fclose(file), 0);
}

static void test_replace(void **state)
{
	const struct place *place = *state;
	AUTO_FREE char *path = in(place, "file");
	struct error error = ERROR_INIT;
	struct file_facts facts;
	mode_t mask = umask(0);
	assert_int_equal(file_replace(place->system, path, "one\n", 4, 0600, &error), 0);
	assert_content(place, path, "one\n");
	umask(0777);
	assert_int_equal(file_replace(place->system, path, "two", 3, 0640, &error), 0);
	umask(mask);
	assert_content(place, path, "two");
	assert_int_equal(file_look(place->system, path, &facts, &error), 0);
	assert_true(facts.exists && facts.is_regular && !facts.is_directory);
	assert_int_equal(facts.mode, 0640);
	assert_int_equal(facts.size, 3);
	assert_int_equal(facts.owner, geteuid());
	assert_names(place, "file ");
}

static void test_failed_replace_leaves_nothing(void **state)
{
	const struct place *place = *state;
	AUTO_FREE char *directory = in(place, "file"), *inner = in(place, "file/inner"),
		       *nowhere = in(place, "no/where");
	struct error error = ERROR_INIT;
	assert_int_equal(directory_make(place->system, directory, 0700, &error), 0);
	assert_int_equal(file_replace(place->system, inner, "x", 1, 0600, &error), 0);
	assert_int_equal(file_replace(place->system, directory, "y", 1, 0600, &error),
			 -1); /* rename onto a directory */
	assert_int_equal(error.kind, ERROR_STATE);
	assert_int_equal(error.errnum, EISDIR);
	assert_names(place, "file ");
	assert_int_equal(file_replace(place->system, nowhere, "y", 1, 0600, &error), -1);
	assert_int_equal(error.errnum, ENOENT);
}

/* Killed at any moment, a writer leaves the old or the new content, and only temporaries beside it. */
static void test_killed_writer(void **state)
{
	const struct place *place = *state;
	AUTO_FREE char *path = in(place, "file"), *old = memory_new(100001), *new = memory_new(100001);
	struct error error = ERROR_INIT;
	memset(old, 'o', 100000);
	memset(new, 'n', 100000);
	for (int round = 0; round < 20; round++) {
		AUTO_TEXT struct text text = TEXT_INIT(1 << 20);
		assert_int_equal(file_replace(place->system, path, old, 100000, 0600, &error), 0);
		pid_t pid = fork();
		if (pid == 0)
			for (int i = 0;; i++)
				file_replace(place->system, path, i % 2 ? old : new, 100000, 0600, &error);
		usleep((useconds_t)(round * 700));
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		assert_int_equal(file_read(place->system, path, &text, &error), 0);
		assert_true(strcmp(text_string(&text), old) == 0 || strcmp(text_string(&text), new) == 0);
	}
	assert_int_equal(directory_sweep_temporaries(place->system, place->directory, &error), 0);
	assert_names(place, "file ");
}

static void test_sweep_takes_temporaries_only(void **state)
{
	const struct place *place = *state;
	static const char *const names[] = { ".file.12345678.tmp", "file.tmp", ".hidden", "file" };
	struct error error = ERROR_INIT;
	for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
		AUTO_FREE char *path = in(place, names[i]);
		write_plainly(path, "x");
	}
	assert_int_equal(directory_sweep_temporaries(place->system, place->directory, &error), 0);
	assert_names(place, ".hidden file file.tmp ");
}

static void test_read_has_a_maximum(void **state)
{
	const struct place *place = *state;
	AUTO_FREE char *path = in(place, "file"), *missing = in(place, "missing");
	AUTO_TEXT struct text text;
	struct error error = ERROR_INIT;
	struct file_facts facts;
	write_plainly(path, "12345");
	text_init(&text, 5);
	assert_int_equal(file_read(place->system, path, &text, &error), 0);
	text_release(&text);
	text_init(&text, 4);
	assert_int_equal(file_read(place->system, path, &text, &error), -1);
	assert_int_equal(error.errnum, EFBIG);
	assert_int_equal(file_read(place->system, missing, &text, &error), -1);
	assert_int_equal(error.errnum, ENOENT);
	assert_int_equal(file_look(place->system, missing, &facts, &error), 0);
	assert_false(facts.exists);
}

static void test_append_mends_a_torn_tail(void **state)
{
	static const struct {
		const char *before, *after;
	} cases[] = {
		{ "", "new\n" },
		{ "whole\n", "whole\nnew\n" },
		{ "whole\ntorn", "whole\nnew\n" },
		{ "torn from the start", "new\n" },
		{ "\n", "\nnew\n" },
	};
	const struct place *place = *state;
	AUTO_FREE char *path = in(place, "lines");
	struct error error = ERROR_INIT;
	struct file_facts facts;
	assert_int_equal(file_append_lines(place->system, path, "new\n", 4, &error), 0);
	assert_content(place, path, "new\n");
	assert_int_equal(file_look(place->system, path, &facts, &error), 0);
	assert_int_equal(facts.mode, 0600);
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		write_plainly(path, cases[i].before);
		assert_int_equal(file_append_lines(place->system, path, "new\n", 4, &error), 0);
		assert_content(place, path, cases[i].after);
	}
}

static void test_append_mends_a_tail_longer_than_a_block(void **state)
{
	const struct place *place = *state;
	AUTO_FREE char *path = in(place, "lines"), *content = memory_new(20001);
	struct error error = ERROR_INIT;
	memset(content, 't', 20000);
	for (size_t newline = 11800; newline < 11820;
	     newline++) { /* across the border of a 4096-byte block from the end */
		char expected[8192 + 4096] = "";
		content[newline] = '\n';
		write_plainly(path, content);
		assert_int_equal(file_append_lines(place->system, path, "new\n", 4, &error), 0);
		memcpy(expected, content, newline + 1);
		memcpy(expected + newline + 1, "new\n", 5);
		assert_content(place, path, expected);
		content[newline] = 't';
	}
}

static void test_append_follows_no_link(void **state)
{
	const struct place *place = *state;
	AUTO_FREE char *target = in(place, "target"), *link = in(place, "link");
	struct error error = ERROR_INIT;
	write_plainly(target, "mine\n");
	assert_int_equal(symlink(target, link), 0);
	assert_int_equal(file_append_lines(place->system, link, "new\n", 4, &error), -1);
	assert_int_equal(error.errnum, ELOOP);
	assert_content(place, target, "mine\n");
}

/* P7: a write that is cut short (full disk; here: a limit) leaves the file as it was. */
static void test_append_without_room(void **state)
{
	const struct place *place = *state;
	AUTO_FREE char *path = in(place, "lines"), *fresh = in(place, "fresh");
	struct error error = ERROR_INIT;
	struct rlimit before, small = { 8, 8 };
	write_plainly(path, "whole\n");
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small.rlim_max = before.rlim_max;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	int appended = file_append_lines(place->system, path, "a long line\n", 12, &error);
	int replaced = file_replace(place->system, fresh, "a long line\n", 12, 0600, &error);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(appended, -1);
	assert_int_equal(replaced, -1);
	assert_int_equal(error.kind, ERROR_STATE);
	assert_int_equal(error.errnum, EFBIG);
	assert_content(place, path, "whole\n");
	assert_names(place, "lines ");
}

static void test_directories(void **state)
{
	const struct place *place = *state;
	AUTO_FREE char *path = in(place, "dir"), *file = in(place, "file"), *link = in(place, "link");
	struct error error = ERROR_INIT;
	struct file_facts facts;
	mode_t mask = umask(0);
	assert_int_equal(directory_make(place->system, path, 0700, &error), 0);
	assert_int_equal(directory_make(place->system, path, 0755, &error), 0);
	umask(mask);
	assert_int_equal(file_look(place->system, path, &facts, &error), 0);
	assert_true(facts.is_directory);
	assert_int_equal(facts.mode, 0700); /* what was there keeps its mode */
	assert_int_equal(symlink(path, link), 0);
	assert_int_equal(directory_make(place->system, link, 0700, &error), 0);
	write_plainly(file, "x");
	assert_int_equal(chmod(file, 0640), 0);
	assert_int_equal(directory_make(place->system, file, 0700, &error), -1);
	assert_int_equal(error.errnum, EEXIST);
	assert_int_equal(file_look(place->system, file, &facts, &error), 0);
	assert_int_equal(facts.mode, 0640);
}

static void test_remove_tree_follows_no_link(void **state)
{
	const struct place *place = *state;
	AUTO_FREE char *keep = in(place, "keep"), *kept = in(place, "keep/kept"), *tree = in(place, "tree"),
		       *deep = in(place, "tree/deep"), *file = in(place, "tree/deep/file"),
		       *link = in(place, "tree/link"), *missing = in(place, "missing");
	struct error error = ERROR_INIT;
	assert_int_equal(directory_make(place->system, keep, 0700, &error), 0);
	assert_int_equal(directory_make(place->system, tree, 0700, &error), 0);
	assert_int_equal(directory_make(place->system, deep, 0700, &error), 0);
	write_plainly(kept, "kept");
	write_plainly(file, "x");
	assert_int_equal(symlink(keep, link), 0);
	assert_int_equal(directory_remove_tree(place->system, tree, &error), 0);
	assert_names(place, "keep ");
	assert_content(place, kept, "kept");
	assert_int_equal(directory_remove_tree(place->system, missing, &error), 0);
	assert_int_equal(file_remove(place->system, missing, &error), 0);
	assert_int_equal(file_remove(place->system, kept, &error), 0);
	assert_int_not_equal(access(kept, F_OK), 0);
	assert_int_equal(file_remove(place->system, keep, &error), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_replace, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_failed_replace_leaves_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_killed_writer, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_sweep_takes_temporaries_only, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_read_has_a_maximum, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_append_mends_a_torn_tail, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_append_mends_a_tail_longer_than_a_block, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_append_follows_no_link, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_append_without_room, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_directories, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_remove_tree_follows_no_link, set_up, tear_down),
	};
	return cmocka_run_group_tests_name("durable_file", tests, NULL, NULL);
}
