/* Locks between processes: one holder, freed with its last one, never on a file that is gone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"
#include "system/lock.h"

struct place {
	struct system *system;
	char directory[64], path[80], other[80];
};

static int set_up(void **state)
{
	struct place *place = memory_new(sizeof(*place));
	snprintf(place->directory, sizeof(place->directory), "/tmp/ccc-test-lock.XXXXXX");
	if (!mkdtemp(place->directory))
		return -1;
	snprintf(place->path, sizeof(place->path), "%s/lock", place->directory);
	snprintf(place->other, sizeof(place->other), "%s/other", place->directory);
	place->system = system_new();
	*state = place;
	return 0;
}

static int tear_down(void **state)
{
	struct place *place = *state;
	unlink(place->path);
	unlink(place->other);
	int result = rmdir(place->directory);
	system_free(place->system);
	free(place);
	return result;
}

static struct lock *take(const struct place *place)
{
	struct lock *lock = NULL;
	struct error error = ERROR_INIT;
	assert_int_equal(lock_try(place->system, place->path, &lock, &error), 0);
	return lock;
}

static void test_one_holder(void **state)
{
	const struct place *place = *state;
	struct stat facts;
	struct lock *lock = take(place);
	assert_non_null(lock);
	assert_null(take(place));
	assert_int_equal(stat(place->path, &facts), 0);
	assert_int_equal(facts.st_mode & 07777, 0600);
	assert_true(fcntl(lock_descriptor(lock), F_GETFD) & FD_CLOEXEC);
	lock_release(lock);
	lock_release(NULL);
	lock = take(place);
	assert_non_null(lock);
	lock_release(lock);
}

/* The lease of an instance lives as long as the last one that inherited it. */
static void test_inherited_lock_outlives_its_maker(void **state)
{
	const struct place *place = *state;
	struct lock *lock = take(place);
	assert_non_null(lock);
	pid_t pid = fork();
	if (pid == 0)
		for (;;)
			pause();
	lock_release(lock);
	assert_null(take(place));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	lock = take(place);
	assert_non_null(lock);
	lock_release(lock);
}

static void assert_holder(const struct place *place, pid_t pid, const char *known)
{
	char holder[64], expected[64];
	snprintf(expected, sizeof(expected), "process %d %s", (int)pid, known);
	assert_true(lock_holder(place->system, place->path, holder, sizeof(holder)));
	assert_string_equal(holder, expected);
}

/* Who waits in vain is told whom to look at. */
static void test_holder_has_a_name(void **state)
{
	const struct place *place = *state;
	char holder[64];
	int ready[2], status;
	assert_false(lock_holder(place->system, place->path, holder, sizeof(holder)));
	lock_release(take(place));
	assert_false(lock_holder(place->system, place->path, holder, sizeof(holder)));
	struct lock *lock = take(place);
	assert_holder(place, getpid(), "(test_lock)");
	lock_release(lock);
	assert_int_equal(pipe(ready), 0);
	pid_t pid = fork(), heir;
	if (pid == 0) { /* it leaves the lock to its own child, and ends */
		lock = take(place);
		heir = fork();
		if (heir == 0)
			for (;;)
				pause();
		_exit(write(ready[1], &heir, sizeof(heir)) != sizeof(heir));
	}
	assert_int_equal(read(ready[0], &heir, sizeof(heir)), sizeof(heir));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_holder(place, pid, "or what it started");
	kill(heir, SIGKILL);
	close(ready[0]);
	close(ready[1]);
}

static void test_removal_frees_the_name(void **state)
{
	const struct place *place = *state;
	struct error error = ERROR_INIT;
	struct lock *lock = take(place);
	assert_int_equal(lock_remove(lock, &error), 0);
	assert_int_equal(access(place->path, F_OK), -1);
	lock = take(place);
	assert_non_null(lock);
	lock_release(lock);
}

/* Many processes take, remove and take again: at no time do two hold it. */
static void test_removal_races(void **state)
{
	const struct place *place = *state;
	pid_t pids[4];
	for (size_t i = 0; i < ARRAY_LENGTH(pids); i++) {
		pids[i] = fork();
		if (pids[i] != 0)
			continue;
		struct error error = ERROR_INIT;
		struct lock *lock;
		for (int won = 0; won < 200;) {
			if (lock_try(place->system, place->path, &lock, &error) < 0)
				_exit(1);
			if (!lock)
				continue;
			int fd = open(place->other, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
			if (fd < 0)
				_exit(2); /* somebody else is inside */
			close(fd);
			unlink(place->other);
			if (lock_remove(lock, &error) < 0)
				_exit(3);
			won++;
		}
		_exit(0);
	}
	for (size_t i = 0; i < ARRAY_LENGTH(pids); i++) {
		int status;
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 0);
	}
}

static void test_link_and_missing_directory_are_refused(void **state)
{
	const struct place *place = *state;
	struct lock *lock = NULL;
	struct error error = ERROR_INIT;
	assert_int_equal(symlink(place->other, place->path), 0);
	assert_int_equal(lock_try(place->system, place->path, &lock, &error), -1);
	assert_int_equal(error.errnum, ELOOP);
	assert_int_equal(access(place->other, F_OK), -1);
	assert_int_equal(lock_try(place->system, "/nonexistent/lock", &lock, &error), -1);
	assert_int_equal(error.kind, ERROR_STATE);
	assert_int_equal(error.errnum, ENOENT);
	assert_null(lock);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_one_holder, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_inherited_lock_outlives_its_maker, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_holder_has_a_name, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_removal_frees_the_name, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_removal_races, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_link_and_missing_directory_are_refused, set_up, tear_down),
	};
	return cmocka_run_group_tests_name("lock", tests, NULL, NULL);
}
