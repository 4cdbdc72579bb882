/* The guard by itself, run as child.c runs it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "system/guard.h"

/* Starts `ccc --guard 3 4 -1 5000 PROGRAM ...` with `descriptors` as the limit of open
 * files, ends it if told so, and gives its own wait status. */
static int run_guard(const char *program, rlim_t descriptors, int number, struct guard_status *ret)
{
	int life[2], status[2], ended;
	memset(ret, 0xff, sizeof(*ret));
	assert_int_equal(pipe2(life, O_CLOEXEC), 0);
	assert_int_equal(pipe2(status, O_CLOEXEC), 0);
	pid_t pid = fork();
	if (pid == 0) {
		struct rlimit limit = { descriptors, descriptors };
		int high[2] = { fcntl(life[0], F_DUPFD_CLOEXEC, 64), fcntl(status[1], F_DUPFD_CLOEXEC, 64) };
		setsid();
		dup2(open("/dev/null", O_RDWR | O_CLOEXEC), 0);
		dup2(0, 1);
		dup2(0, 2);
		dup2(high[0], 3);
		dup2(high[1], 4);
		if (close_range(5, ~0U, 0) < 0 || setrlimit(RLIMIT_NOFILE, &limit) < 0)
			_exit(99);
		/* The leak checker of a sanitized build needs more descriptors than we leave it. */
		setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
		execl(TEST_GUARD, "ccc", "--guard", "3", "4", "-1", "5000", program, "sleep", "60", (char *)NULL);
		_exit(98);
	}
	close(life[0]);
	close(status[1]);
	if (number) {
		usleep(300000);
		kill(pid, number);
		usleep(300000);
		assert_int_equal(waitpid(pid, &ended, WNOHANG), 0); /* the signal was for ccc, not for it */
		close(life[1]);
	}
	assert_int_equal(read(status[0], ret, sizeof(*ret)), sizeof(*ret));
	if (!number)
		close(life[1]);
	close(status[0]);
	assert_int_equal(waitpid(pid, &ended, 0), pid);
	return ended;
}

/* Without a program there is no process to end: above all not "process -1" or "group 0". */
static void test_guard_that_cannot_start_a_program(void **state)
{
	struct guard_status status;
	(void)state;
	int ended = run_guard("/bin/sleep", 6, 0, &status);
	assert_true(WIFEXITED(ended));
	assert_int_equal(WEXITSTATUS(ended), 0);
	assert_int_equal(status.exec_errno, EMFILE);
	assert_int_equal(status.exit_status, -1);
}

static void test_missing_program(void **state)
{
	struct guard_status status;
	(void)state;
	run_guard("/nonexistent", 1024, 0, &status);
	assert_int_equal(status.exec_errno, ENOENT);
	assert_int_equal(status.timed_out, 0);
}

static void test_signals_do_not_end_it_before_its_work_is_done(void **state)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct guard_status status;
		int ended = run_guard("/bin/sleep", 1024, numbers[i], &status);
		assert_true(WIFEXITED(ended));
		assert_int_equal(status.signal, SIGTERM); /* from the guard, when the pipe closed */
		assert_int_equal(status.timed_out, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_guard_that_cannot_start_a_program),
		cmocka_unit_test(test_missing_program),
		cmocka_unit_test(test_signals_do_not_end_it_before_its_work_is_done),
	};
	return cmocka_run_group_tests_name("guard", tests, NULL, NULL);
}
