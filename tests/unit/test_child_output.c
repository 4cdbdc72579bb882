/* What a child may print, inherit and see: capped, escaped, and nothing that was not given. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "system/child.h"
#include "system/clock.h"
#include "system/durable_file.h"
#include "system/lock.h"

struct world {
	struct system *system;
	struct loop *loop;
	struct child *child;
	char log[64];
	bool ended, timed_out, ticked;
	int exit_status, signal;
	size_t line_count, longest_line;
	struct text output, tail;
};

static int set_up(void **state)
{
	struct world *world = memory_new(sizeof(*world));
	world->system = system_new();
	world->loop = loop_new(world->system);
	snprintf(world->log, sizeof(world->log), "/tmp/ccc-test-log.XXXXXX");
	close(mkstemp(world->log));
	text_init(&world->output, (size_t)1 << 24);
	text_init(&world->tail, 4096);
	*state = world;
	return unlink(world->log); /* the name is ours; who writes makes the file */
}

static int tear_down(void **state)
{
	struct world *world = *state;
	unlink(world->log);
	text_release(&world->output);
	text_release(&world->tail);
	loop_free(world->loop);
	system_free(world->system);
	free(world);
	return 0;
}

static void on_line(void *data, const char *line)
{
	struct world *world = data;
	world->line_count++;
	if (strlen(line) > world->longest_line)
		world->longest_line = strlen(line);
	for (; *line; line++)
		assert_false((unsigned char)*line < 0x20 || *line == 0x7f);
}

static void on_end(void *data, const struct child_result *result)
{
	struct world *world = data;
	world->ended = true;
	world->child = NULL;
	world->timed_out = result->timed_out;
	world->exit_status = result->exit_status;
	world->signal = result->signal;
	text_add_string(&world->output, result->output);
	text_add_string(&world->tail, result->tail);
}

static void start(struct world *world, const char *const *argv, size_t output_maximum, int lease_fd)
{
	static const char *const environment[] = { "B=two words", "A=1", "PATH=/usr/bin:/bin", NULL };
	struct error error = ERROR_INIT;
	struct child_order order = {
		.guard = TEST_GUARD,
		.argv = argv,
		.path = "/nonexistent::/usr/bin:/bin",
		.environment = environment,
		.lease_fd = lease_fd,
		.deadline_ms = 60000,
		.log_path = world->log,
		.output_maximum = output_maximum,
		.on_line = on_line,
		.on_exit = on_end,
		.data = world,
	};
	assert_int_equal(child_start(world->loop, &order, &world->child, &error), 0);
}

static void finish(struct world *world)
{
	struct error error = ERROR_INIT;
	while (!world->ended)
		assert_int_equal(loop_turn(world->loop, &error), 0);
}

static void run_shell(struct world *world, const char *script, size_t output_maximum)
{
	const char *const argv[] = { "sh", "-c", script, NULL };
	start(world, argv, output_maximum, -1);
	finish(world);
}

static void read_log(const struct world *world, struct text *ret)
{
	struct error error = ERROR_INIT;
	assert_int_equal(file_read(world->system, world->log, ret, &error), 0);
}

static void test_environment_is_exactly_what_was_given(void **state)
{
	struct world *world = *state;
	const char *const argv[] = { "env", NULL };
	assert_int_equal(setenv("HCLOUD_TOKEN", "secret", 1), 0);
	start(world, argv, 4096, -1);
	finish(world);
	assert_string_equal(text_string(&world->output), "B=two words\nA=1\nPATH=/usr/bin:/bin\n");
}

/* Nothing but /dev/null and the two pipes: no lease, no lock, no socket of ours. */
static void test_descriptors_are_not_inherited(void **state)
{
	struct world *world = *state;
	const char *const argv[] = { "sh", "-c",
				     "for fd in $(seq 0 200); do [ ! -e /proc/$$/fd/$fd ] || echo $fd; done; "
				     "readlink /proc/$$/fd/0",
				     NULL };
	struct lock *lease = NULL;
	struct error error = ERROR_INIT;
	char path[] = "/tmp/ccc-test-lease.XXXXXX";
	AUTO_CLOSE int made = mkstemp(path);
	AUTO_CLOSE int leaked = fcntl(made, F_DUPFD, 100); /* without close-on-exec, as a careless library would */
	assert_true(leaked >= 100);
	assert_int_equal(lock_try(world->system, path, &lease, &error), 0);
	start(world, argv, 4096, lock_descriptor(lease));
	finish(world);
	assert_int_equal(lock_remove(lease, &error), 0);
	assert_string_equal(text_string(&world->output), "0\n1\n2\n/dev/null\n");
}

static void test_no_shell_reads_the_arguments(void **state)
{
	struct world *world = *state;
	const char *const argv[] = { "printf", "<%s>", "$HOME; `id` 'x", "", "*", NULL };
	start(world, argv, 4096, -1);
	finish(world);
	assert_string_equal(text_string(&world->output), "<$HOME; `id` 'x><><*>");
}

static void test_output_is_apart_log_is_together(void **state)
{
	struct world *world = *state;
	AUTO_TEXT struct text log = TEXT_INIT(4096);
	struct stat facts;
	run_shell(world, "printf 'raw\\033[1m\\n'; sleep 0.1; echo wrong >&2; sleep 0.1; printf 'no newline'", 4096);
	assert_string_equal(text_string(&world->output), "raw\x1b[1m\nno newline");
	assert_string_equal(text_string(&world->tail), "raw\\x1b[1m | wrong | no newline");
	read_log(world, &log);
	assert_string_equal(text_string(&log), "raw\\x1b[1m\nwrong\nno newline\n");
	assert_int_equal(stat(world->log, &facts), 0);
	assert_int_equal(facts.st_mode & 07777, 0600);
	assert_int_equal(world->line_count, 3);
	world->ended = false;
	run_shell(world, "echo second", 4096);
	text_clear(&log);
	read_log(world, &log);
	assert_non_null(strstr(text_string(&log), "no newline\nsecond\n"));
}

static void test_result_and_lines_are_capped(void **state)
{
	struct world *world = *state;
	run_shell(world, "printf 'first\\n'; head -c 100000 /dev/zero | tr '\\0' x; printf '\\nlast\\n'", 1000);
	assert_int_equal(world->output.length, 1000);
	assert_int_equal(strncmp(text_string(&world->output), "first\nxxx", 9), 0);
	assert_int_equal(world->line_count, 3);
	assert_int_equal(world->longest_line, 4096);
	assert_true(world->tail.length < 4096);
	assert_non_null(strstr(text_string(&world->tail), " | last"));
}

/* The last words of a program are told even when they are one very long line. */
static void test_long_last_line_is_cut_not_left_out(void **state)
{
	struct world *world = *state;
	run_shell(world, "printf 'error: '; head -c 5000 /dev/zero | tr '\\0' x; exit 1", 0);
	assert_int_equal(strncmp(text_string(&world->tail), "error: xxx", 10), 0);
}

static void test_log_is_capped_with_a_note(void **state)
{
	struct world *world = *state;
	static const char note[] = "\n[the rest is not kept]\n";
	AUTO_TEXT struct text log = TEXT_INIT((size_t)16 << 20);
	run_shell(world,
		  "yes 0123456789012345678901234567890123456789012345678901234567890123456789 | head -c 12000000", 0);
	assert_int_equal(world->exit_status, 0); /* a full log ends nobody's work */
	read_log(world, &log);
	assert_true(log.length >= (size_t)8 << 20 && log.length < ((size_t)8 << 20) + 8192);
	assert_string_equal(text_string(&log) + log.length - strlen(note), note);
}

static void stop_it(void *data)
{
	struct world *world = data;
	world->ticked = true;
	child_stop(world->child);
}

/* Endless output hinders neither timers nor a stop. */
static void test_stop_among_endless_output(void **state)
{
	struct world *world = *state;
	const char *const argv[] = { "yes", NULL };
	int64_t begin = clock_monotonic_ms(world->system);
	start(world, argv, 10, -1);
	loop_after(world->loop, 100, stop_it, world);
	finish(world);
	assert_true(world->ticked);
	assert_false(world->timed_out);
	assert_int_equal(world->exit_status, -1);
	assert_true(world->signal > 0);
	assert_true(clock_monotonic_ms(world->system) - begin < 10000);
}

static void test_unloadable_program_is_told(void **state)
{
	struct world *world = *state;
	char path[] = "/tmp/ccc-test-program.XXXXXX";
	const char *const argv[] = { path, NULL };
	int fd = mkstemp(path);
	assert_int_equal(write(fd, "#!/nonexistent/interpreter\n", 27), 27);
	assert_int_equal(fchmod(fd, 0700), 0);
	close(fd);
	start(world, argv, 10, -1);
	finish(world);
	unlink(path);
	assert_int_equal(world->exit_status, 127);
	assert_string_equal(text_string(&world->tail), "cannot be executed: No such file or directory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_environment_is_exactly_what_was_given, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_descriptors_are_not_inherited, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_no_shell_reads_the_arguments, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_output_is_apart_log_is_together, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_result_and_lines_are_capped, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_long_last_line_is_cut_not_left_out, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_log_is_capped_with_a_note, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_stop_among_endless_output, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_unloadable_program_is_told, set_up, tear_down),
	};
	return cmocka_run_group_tests_name("child_output", tests, NULL, NULL);
}
