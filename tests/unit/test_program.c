/* Programs are found in absolute directories of a search path, and only if they can be executed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "system/program.h"

/* first/ has a "tool" that can't be executed and a folder "folder"; second/ has a tool that can. */
struct place {
	char directory[64], first[80], second[80], plain[96], folder[96], tool[96], path[200];
};

static void make_file(const char *path, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, mode);
	assert_true(fd >= 0);
	assert_int_equal(close(fd), 0);
}

static int make_place(void **state)
{
	struct place *place = memory_new(sizeof(*place));
	snprintf(place->directory, sizeof(place->directory), "/tmp/ccc-test-program.XXXXXX");
	assert_non_null(mkdtemp(place->directory));
	snprintf(place->first, sizeof(place->first), "%s/first", place->directory);
	snprintf(place->second, sizeof(place->second), "%s/second", place->directory);
	snprintf(place->plain, sizeof(place->plain), "%s/tool", place->first);
	snprintf(place->folder, sizeof(place->folder), "%s/folder", place->first);
	snprintf(place->tool, sizeof(place->tool), "%s/tool", place->second);
	snprintf(place->path, sizeof(place->path), "relative::%s:%s:/nowhere", place->first, place->second);
	assert_int_equal(mkdir(place->first, 0700) + mkdir(place->second, 0700) + mkdir(place->folder, 0700), 0);
	make_file(place->plain, 0600);
	make_file(place->tool, 0700);
	*state = place;
	return 0;
}

static int remove_place(void **state)
{
	struct place *place = *state;
	assert_int_equal(unlink(place->plain) + unlink(place->tool) + rmdir(place->folder), 0);
	assert_int_equal(rmdir(place->first) + rmdir(place->second) + rmdir(place->directory), 0);
	free(place);
	return 0;
}

static void passes_what_cannot_be_executed(void **state)
{
	const struct place *place = *state;
	AUTO_FREE char *found = program_find(place->path, "tool");
	assert_non_null(found);
	assert_string_equal(found, place->tool);
	assert_null(program_find(place->path, "folder"));
	assert_null(program_find(place->path, "no-such-program"));
	assert_null(program_find("", "tool"));
	assert_null(program_find(NULL, "tool"));
}

static void searches_absolute_directories_only(void **state)
{
	const struct place *place = *state;
	assert_int_equal(chdir(place->directory), 0);
	assert_null(program_find("second:./second:", "tool"));
	assert_int_equal(chdir(place->second), 0);
	assert_null(program_find("::", "tool"));
	assert_int_equal(chdir("/"), 0);
}

static void takes_a_path_as_it_is(void **state)
{
	const struct place *place = *state;
	AUTO_FREE char *found = program_find(NULL, place->tool);
	assert_non_null(found);
	assert_string_equal(found, place->tool);
	assert_null(program_find(place->path, place->plain));
	assert_null(program_find(place->path, place->folder));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(passes_what_cannot_be_executed, make_place, remove_place),
		cmocka_unit_test_setup_teardown(searches_absolute_directories_only, make_place, remove_place),
		cmocka_unit_test_setup_teardown(takes_a_path_as_it_is, make_place, remove_place),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
