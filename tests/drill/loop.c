/* Behind system/loop.h, clock.h, random.h and system.h: virtual time. Nothing is watched
 * here: what a descriptor would tell is delivered. */
#include "loop.h"

#include <stdlib.h>

#include "base/memory.h"
#include "owner.h"
#include "system/clock.h"
#include "system/random.h"
#include "system/timer_list.h"

struct loop {
	struct system *system;
	struct timer *timers;
};

struct loop *loop_new(struct system *system)
{
	struct loop *loop = memory_new(sizeof(*loop));
	loop->system = system;
	return loop;
}

void loop_free(struct loop *loop)
{
	if (loop)
		timer_list_clear(&loop->timers);
	free(loop);
}

struct system *loop_system(struct loop *loop)
{
	return loop->system;
}

struct timer *loop_after(struct loop *loop, int64_t delay_ms, loop_timer_fn *fn, void *data)
{
	int64_t due_ms = clock_monotonic_ms(loop->system) + (delay_ms > 0 ? delay_ms : 0);
	return timer_list_add(&loop->timers, due_ms, fn, data);
}

int loop_turn(struct loop *loop, struct error *err)
{
	struct process *process = loop->system->process;
	void (*fn)(void *data);
	void *data;
	if (!loop->timers && !process->deliveries && !process->unanswered)
		return error_set(err, ERROR_FAILED, 0, "nothing to wait for");
	if (!loop->timers || loop->timers->due_ms > clock_monotonic_ms(loop->system))
		process_wait(process, loop->timers ? loop->timers->due_ms : -1);
	if (process_take_delivery(process, &fn, &data))
		fn(data);
	if (loop->timers && loop->timers->due_ms <= clock_monotonic_ms(loop->system))
		timer_list_fire(&loop->timers);
	return 0;
}

int64_t clock_now(struct system *system)
{
	const struct world *world = system->process->world;
	return (world->now_ms + world->clock_error_ms) / 1000;
}

int64_t clock_monotonic_ms(struct system *system)
{
	return system->process->world->now_ms;
}

void random_bytes(struct system *system, void *ret, size_t size)
{
	unsigned char *bytes = ret;
	for (size_t i = 0; i < size; i++)
		bytes[i] = (unsigned char)draw_next(&system->process->world->entropy);
}

void random_hex(struct system *system, char *ret, size_t digits)
{
	for (size_t i = 0; i < digits; i++)
		ret[i] = "0123456789abcdef"[draw_below(&system->process->world->entropy, 16)];
	ret[digits] = '\0';
}

uint64_t random_below(struct system *system, uint64_t bound)
{
	return draw_below(&system->process->world->entropy, bound);
}
