/* Children below the real guard (the binary under test): nothing outlives us or its time. */
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
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "system/child.h"
#include "system/lock.h"

struct outcome {
	bool ended, timed_out;
	int exit_status, signal;
	char output[4096], tail[1024], lines[4096];
};

static void on_line(void *data, const char *line)
{
	struct outcome *outcome = data;
	size_t used = strlen(outcome->lines);
	snprintf(outcome->lines + used, sizeof(outcome->lines) - used, "%s;", line);
}

static void on_exit_of_child(void *data, const struct child_result *result)
{
	struct outcome *outcome = data;
	outcome->ended = true;
	outcome->timed_out = result->timed_out;
	outcome->exit_status = result->exit_status;
	outcome->signal = result->signal;
	text_copy(outcome->output, sizeof(outcome->output), result->output);
	text_copy(outcome->tail, sizeof(outcome->tail), result->tail);
}

/* A script with every '@' replaced by this process's number: `sleep 7771.@` is then a
 * command that no other run has, one that was cut off least of all. */
static const char *own(const char *script, struct text *ret)
{
	for (; *script; script++)
		if (*script == '@')
			text_addf(ret, "%d", (int)getpid());
		else
			text_add(ret, script, 1);
	return text_string(ret);
}

static const char *input; /* of what is started, or NULL */

static int start(struct loop *loop, const char *script, int64_t deadline_ms, int lease_fd, struct outcome *outcome,
		 struct child **ret, struct error *err)
{
	static const char *const environment[] = { "PATH=/usr/bin:/bin", "ONLY=this", NULL };
	AUTO_TEXT struct text command = TEXT_INIT(1024);
	const char *const argv[] = { "sh", "-c", own(script, &command), NULL };
	struct child_order order = {
		.guard = TEST_GUARD,
		.argv = argv,
		.path = "/usr/bin:/bin",
		.environment = environment,
		.input_path = input,
		.lease_fd = lease_fd,
		.deadline_ms = deadline_ms,
		.output_maximum = 4095,
		.on_line = on_line,
		.on_exit = on_exit_of_child,
		.data = outcome,
	};
	*outcome = (struct outcome){ 0 };
	return child_start(loop, &order, ret, err);
}

static void run(const char *script, int64_t deadline_ms, struct outcome *outcome)
{
	struct system *system = system_new();
	struct loop *loop = loop_new(system);
	struct child *child;
	struct error error = ERROR_INIT;
	assert_int_equal(start(loop, script, deadline_ms, -1, outcome, &child, &error), 0);
	while (!outcome->ended)
		assert_int_equal(loop_turn(loop, &error), 0);
	loop_free(loop);
	system_free(system);
}

/* Whether a `sleep` of ours of so many seconds runs. */
static bool is_running(const char *seconds)
{
	char pattern[64];
	int status;
	snprintf(pattern, sizeof(pattern), "^sleep %s[.]%d$", seconds, (int)getpid());
	pid_t pid = fork();
	if (pid == 0) {
		dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
		execl("/usr/bin/pgrep", "pgrep", "-f", pattern, (char *)NULL);
		_exit(2);
	}
	waitpid(pid, &status, 0);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) < 2);
	return WEXITSTATUS(status) == 0;
}

static void pause_ms(long ms)
{
	struct timespec time = { ms / 1000, ms % 1000 * 1000000 };
	nanosleep(&time, NULL);
}

static bool starts(const char *seconds)
{
	for (int i = 0; i < 100 && !is_running(seconds); i++)
		pause_ms(50);
	return is_running(seconds);
}

static bool ends_within(const char *word, int ms)
{
	for (; ms > 0; ms -= 50) {
		if (!is_running(word))
			return true;
		pause_ms(50);
	}
	return false;
}

static void test_status_output_and_environment(void **state)
{
	struct outcome outcome;
	(void)state;
	run("printf 'a\\033b\\n'; echo wrong >&2; env | sort; exit 3", 10000, &outcome);
	assert_int_equal(outcome.exit_status, 3);
	assert_false(outcome.timed_out);
	assert_non_null(strstr(outcome.lines, "a\\x1bb;"));
	assert_non_null(strstr(outcome.tail, "wrong"));
	assert_non_null(strstr(outcome.output, "ONLY=this\n"));
	assert_null(strstr(outcome.output, "HOME="));
}

static void test_signal_is_told(void **state)
{
	struct outcome outcome;
	(void)state;
	run("kill -KILL $$", 10000, &outcome);
	assert_int_equal(outcome.exit_status, -1);
	assert_int_equal(outcome.signal, SIGKILL);
}

static void test_deadline_ends_the_whole_tree(void **state)
{
	struct outcome outcome;
	(void)state;
	run("sleep 7771.@ & setsid sleep 7772.@ & wait", 300, &outcome);
	assert_true(outcome.timed_out);
	assert_false(is_running("7771"));
	assert_false(is_running("7772"));
}

static void test_leftovers_end_with_the_program(void **state)
{
	struct outcome outcome;
	(void)state;
	run("setsid sleep 7773.@ >/dev/null 2>&1 & exit 0", 10000, &outcome);
	assert_int_equal(outcome.exit_status, 0);
	assert_false(is_running("7773"));
}

static void test_nothing_is_read_unless_it_is_named(void **state)
{
	struct outcome outcome;
	(void)state;
	run("wc -c", 10000, &outcome);
	assert_string_equal(outcome.output, "0\n");
	input = "/proc/self/comm";
	run("read -r name && echo \"<$name>\" && cat | wc -c", 10000, &outcome);
	assert_string_equal(outcome.output, "<test_child>\n0\n");
	input = NULL;
}

static void test_missing_input(void **state)
{
	struct outcome outcome;
	struct error error = ERROR_INIT;
	struct child *child;
	struct system *system = system_new();
	struct loop *loop = loop_new(system);
	(void)state;
	input = "/nonexistent/key";
	assert_int_equal(start(loop, "true", 10000, -1, &outcome, &child, &error), -1);
	assert_int_equal(error.errnum, ENOENT);
	assert_non_null(strstr(error.message, "cannot read '/nonexistent/key'"));
	input = NULL;
	loop_free(loop);
	system_free(system);
}

static void test_missing_program(void **state)
{
	const char *const argv[] = { "no-such-program-here", NULL };
	const char *const environment[] = { NULL };
	struct child_order order = { .guard = TEST_GUARD,
				     .argv = argv,
				     .path = "/usr/bin:/bin",
				     .environment = environment,
				     .lease_fd = -1,
				     .deadline_ms = 1000,
				     .on_exit = on_exit_of_child };
	struct error error = ERROR_INIT;
	struct child *child;
	struct system *system = system_new();
	struct loop *loop = loop_new(system);
	(void)state;
	assert_int_equal(child_start(loop, &order, &child, &error), -1);
	assert_int_equal(error.errnum, ENOENT);
	assert_non_null(strstr(error.message, "no-such-program-here"));
	loop_free(loop);
	system_free(system);
}

/* P7: ccc is killed; its child goes, and until then the lease stays taken. */
static void test_killed_parent(void **state)
{
	char path[] = "/tmp/ccc-test-lease.XXXXXX";
	struct error error = ERROR_INIT;
	struct system *system = system_new();
	struct lock *lock = NULL;
	AUTO_TEXT struct text script = TEXT_INIT(1024);
	(void)state;
	own("trap '' TERM; setsid sleep 7774.@ & sleep 7776.@", &script); /* before the fork: our number */
	close(mkstemp(path));
	pid_t parent = fork();
	if (parent == 0) {
		struct loop *loop = loop_new(system);
		struct outcome outcome;
		struct child *child;
		if (lock_try(system, path, &lock, &error) < 0 || !lock ||
		    start(loop, text_string(&script), 60000, lock_descriptor(lock), &outcome, &child, &error) < 0)
			_exit(1);
		while (loop_turn(loop, &error) == 0)
			;
		_exit(1);
	}
	assert_true(starts("7774"));
	assert_true(starts("7776"));
	kill(parent, SIGKILL);
	waitpid(parent, NULL, 0);
	for (int i = 0; i < 500 && !lock; i++) {
		assert_int_equal(lock_try(system, path, &lock, &error), 0);
		pause_ms(20);
	}
	assert_non_null(lock);
	assert_false(is_running("7774"));
	assert_false(is_running("7776"));
	assert_int_equal(lock_remove(lock, &error), 0);
	system_free(system);
}

static void test_abandoned_child_ends(void **state)
{
	struct outcome outcome;
	struct error error = ERROR_INIT;
	struct child *child;
	struct system *system = system_new();
	struct loop *loop = loop_new(system);
	(void)state;
	assert_int_equal(start(loop, "sleep 7775.@", 60000, -1, &outcome, &child, &error), 0);
	assert_true(starts("7775"));
	child_abandon(child);
	assert_true(ends_within("7775", 5000));
	assert_false(outcome.ended);
	loop_free(loop);
	system_free(system);
}

/* Its whole input at once, more than a pipe holds, and then the end; in no file. */
static void test_input(void **state)
{
	static const char *const argv[] = { "sh", "-c", "wc -c; readlink /proc/self/fd/0", NULL };
	static const char *const environment[] = { "PATH=/usr/bin:/bin", NULL };
	struct outcome outcome = { 0 };
	struct error error = ERROR_INIT;
	struct child *child;
	struct system *system = system_new();
	struct loop *loop = loop_new(system);
	AUTO_FREE char *bytes = memory_new(300001);
	struct child_order order = {
		.guard = TEST_GUARD,
		.argv = argv,
		.path = "/usr/bin:/bin",
		.environment = environment,
		.input = memset(bytes, 'x', 300000),
		.lease_fd = -1,
		.deadline_ms = 10000,
		.output_maximum = 4095,
		.on_exit = on_exit_of_child,
		.data = &outcome,
	};
	(void)state;
	assert_int_equal(child_start(loop, &order, &child, &error), 0);
	while (!outcome.ended)
		assert_int_equal(loop_turn(loop, &error), 0);
	assert_string_equal(outcome.output, "300000\n/memfd:input (deleted)\n");
	loop_free(loop);
	system_free(system);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_status_output_and_environment),
		cmocka_unit_test(test_signal_is_told),
		cmocka_unit_test(test_deadline_ends_the_whole_tree),
		cmocka_unit_test(test_leftovers_end_with_the_program),
		cmocka_unit_test(test_nothing_is_read_unless_it_is_named),
		cmocka_unit_test(test_missing_input),
		cmocka_unit_test(test_missing_program),
		cmocka_unit_test(test_killed_parent),
		cmocka_unit_test(test_abandoned_child_ends),
		cmocka_unit_test(test_input),
	};
	return cmocka_run_group_tests_name("child", tests, NULL, NULL);
}
