/* The wait point: timers in order, and callbacks that add and remove what they like. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "system/clock.h"
#include "system/loop.h"

struct world {
	struct system *system;
	struct loop *loop;
	struct text log;
	int pipes[2][2];
	struct watch *watches[2];
	struct timer *victim;
	int runs;
};

struct note {
	struct world *world;
	const char *word;
};

static int set_up(void **state)
{
	struct world *world = memory_new(sizeof(*world));
	world->system = system_new();
	world->loop = loop_new(world->system);
	text_init(&world->log, 4096);
	*state = world;
	return pipe(world->pipes[0]) | pipe(world->pipes[1]);
}

static int tear_down(void **state)
{
	struct world *world = *state;
	loop_free(world->loop);
	loop_free(NULL);
	system_free(world->system);
	text_release(&world->log);
	for (size_t i = 0; i < 2; i++) {
		close(world->pipes[i][0]);
		close(world->pipes[i][1]);
	}
	free(world);
	return 0;
}

static void turn(struct world *world)
{
	struct error error = ERROR_INIT;
	assert_int_equal(loop_turn(world->loop, &error), 0);
}

static void write_note(void *data)
{
	struct note *note = data;
	text_add_string(&note->world->log, note->word);
}

static void test_nothing_to_wait_for(void **state)
{
	struct world *world = *state;
	struct error error = ERROR_INIT;
	assert_int_equal(loop_turn(world->loop, &error), -1);
	assert_string_equal(error.message, "nothing to wait for");
	assert_ptr_equal(loop_system(world->loop), world->system);
}

static void test_timers_fire_in_order_and_on_time(void **state)
{
	struct world *world = *state;
	struct note notes[] = { { world, "a" }, { world, "b" }, { world, "c" }, { world, "d" } };
	int64_t start = clock_monotonic_ms(world->system);
	loop_after(world->loop, 120, write_note, &notes[3]);
	loop_after(world->loop, 30, write_note, &notes[1]);
	loop_after(world->loop, 30, write_note, &notes[2]);
	loop_after(world->loop, -5, write_note, &notes[0]);
	struct timer *cancelled = loop_after(world->loop, 60, write_note, &notes[0]);
	loop_cancel(cancelled);
	loop_cancel(NULL);
	while (world->log.length < 4)
		turn(world);
	int64_t took = clock_monotonic_ms(world->system) - start;
	assert_string_equal(text_string(&world->log), "abcd");
	assert_true(took >= 120 && took < 5000);
}

static void again_at_once(void *data)
{
	struct world *world = data;
	world->runs++;
	loop_after(world->loop, 0, again_at_once, world);
}

static void on_byte(void *data, uint32_t events)
{
	struct note *note = data;
	char byte;
	int fd = note->word[0] == '0' ? note->world->pipes[0][0] : note->world->pipes[1][0];
	if (events & EPOLLIN)
		assert_int_equal(read(fd, &byte, 1), 1);
	text_add_string(&note->world->log, note->word);
}

/* A timer that starts itself anew does not keep descriptors waiting. */
static void test_busy_timer_starves_nobody(void **state)
{
	struct world *world = *state;
	struct note note = { world, "0" };
	loop_after(world->loop, 0, again_at_once, world);
	loop_watch(world->loop, world->pipes[0][0], EPOLLIN, on_byte, &note);
	assert_int_equal(write(world->pipes[0][1], "x", 1), 1);
	for (int i = 0; i < 3; i++)
		turn(world);
	assert_string_equal(text_string(&world->log), "0");
	assert_true(world->runs >= 1 && world->runs <= 6);
}

static void cancel_victim(void *data)
{
	struct world *world = data;
	loop_cancel(world->victim);
	text_add_string(&world->log, "cancelled");
}

static void test_timer_cancels_one_that_is_due_too(void **state)
{
	struct world *world = *state;
	struct note note = { world, "fired" };
	loop_after(world->loop, 0, cancel_victim, world);
	world->victim = loop_after(world->loop, 0, write_note, &note);
	turn(world);
	loop_after(world->loop, 0, write_note, &(struct note){ world, "." });
	turn(world);
	assert_string_equal(text_string(&world->log), "cancelled.");
}

/* Both are readable in the same turn; whichever comes first drops both. */
static void drop_both(void *data, uint32_t events)
{
	struct world *world = data;
	(void)events;
	world->runs++;
	for (size_t i = 0; i < 2; i++) {
		loop_unwatch(world->watches[i]);
		close(world->pipes[i][0]);
		world->pipes[i][0] = -1;
		world->watches[i] = NULL;
	}
}

static void test_callback_drops_itself_and_another(void **state)
{
	struct world *world = *state;
	struct error error = ERROR_INIT;
	for (size_t i = 0; i < 2; i++) {
		world->watches[i] = loop_watch(world->loop, world->pipes[i][0], EPOLLIN, drop_both, world);
		assert_int_equal(write(world->pipes[i][1], "x", 1), 1);
	}
	turn(world);
	assert_int_equal(world->runs, 1);
	assert_int_equal(loop_turn(world->loop, &error), -1); /* nothing is watched any more */
	loop_unwatch(NULL);
}

static void raise_flag(void *data)
{
	*(bool *)data = true;
}

static void test_until_a_flag_is_set(void **state)
{
	struct world *world = *state;
	struct note early = { world, "1" }, late = { world, "2" };
	struct error error = ERROR_INIT;
	bool flag = false;
	loop_after(world->loop, 1, write_note, &early);
	loop_after(world->loop, 10, raise_flag, &flag);
	struct timer *timer = loop_after(world->loop, 60000, write_note, &late);
	assert_int_equal(loop_until(world->loop, &flag, &error), 0);
	assert_string_equal(text_string(&world->log), "1");
	loop_cancel(timer);
	assert_int_equal(loop_until(world->loop, &flag, &error), 0); /* nothing to wait for, and no need to */
	flag = false;
	assert_int_equal(loop_until(world->loop, &flag, &error), -1);
	assert_string_equal(error.message, "nothing to wait for");
}

static void test_watch_sees_the_end_and_changes(void **state)
{
	struct world *world = *state;
	struct note note = { world, "1" }, tick = { world, "t" };
	struct watch *watch = loop_watch(world->loop, world->pipes[1][0], 0, on_byte, &note);
	assert_int_equal(write(world->pipes[1][1], "x", 1), 1);
	loop_after(world->loop, 20, write_note, &tick);
	while (world->log.length == 0)
		turn(world);
	assert_string_equal(text_string(&world->log), "t"); /* not asked for, not told */
	loop_watch_change(watch, EPOLLIN);
	turn(world);
	assert_string_equal(text_string(&world->log), "t1");
	close(world->pipes[1][1]);
	world->pipes[1][1] = -1;
	turn(world);
	assert_string_equal(text_string(&world->log), "t11");
}

static void on_signal(void *data, int number)
{
	struct world *world = data;
	text_addf(&world->log, "%s ", number == SIGUSR1 ? "one" : number == SIGUSR2 ? "two" : "?");
}

static void test_signals(void **state)
{
	struct world *world = *state;
	struct error error = ERROR_INIT;
	assert_int_equal(loop_on_signal(world->loop, SIGUSR1, on_signal, world, &error), 0);
	assert_int_equal(loop_on_signal(world->loop, SIGUSR2, on_signal, world, &error), 0);
	assert_int_equal(raise(SIGUSR1), 0);
	turn(world);
	assert_int_equal(raise(SIGUSR2), 0);
	turn(world);
	assert_string_equal(text_string(&world->log), "one two ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_nothing_to_wait_for, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_timers_fire_in_order_and_on_time, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_busy_timer_starves_nobody, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_timer_cancels_one_that_is_due_too, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_callback_drops_itself_and_another, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_until_a_flag_is_set, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_watch_sees_the_end_and_changes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_signals, set_up, tear_down),
	};
	return cmocka_run_group_tests_name("loop", tests, NULL, NULL);
}
