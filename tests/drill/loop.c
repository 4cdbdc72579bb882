/* Behind system/loop.h, clock.h, random.h and system.h: virtual time. Nothing is watched
 * here: what a descriptor would tell is delivered. */
#include "loop.h"

#include <stdlib.h>

#include "base/memory.h"
#include "owner.h"
#include "system/clock.h"
#include "system/random.h"

struct timer {
	struct loop *loop;
	struct timer *next;
	int64_t due_ms;
	loop_timer_fn *fn;
	void *data;
};

struct loop {
	struct system *system;
	struct timer *timers; /* soonest first */
};

struct loop *loop_new(struct system *system)
{
	struct loop *loop = memory_new(sizeof(*loop));
	loop->system = system;
	return loop;
}

void loop_free(struct loop *loop)
{
	while (loop && loop->timers)
		loop_cancel(loop->timers);
	free(loop);
}

struct system *loop_system(struct loop *loop)
{
	return loop->system;
}

struct timer *loop_after(struct loop *loop, int64_t delay_ms, loop_timer_fn *fn, void *data)
{
	struct timer *timer = memory_new(sizeof(*timer));
	struct timer **link = &loop->timers;
	*timer = (struct timer){ loop, NULL, clock_monotonic_ms(loop->system) + (delay_ms > 0 ? delay_ms : 0), fn,
				 data };
	while (*link && (*link)->due_ms <= timer->due_ms)
		link = &(*link)->next;
	timer->next = *link;
	*link = timer;
	return timer;
}

void loop_cancel(struct timer *timer)
{
	if (!timer)
		return;
	for (struct timer **link = &timer->loop->timers; *link; link = &(*link)->next)
		if (*link == timer) {
			*link = timer->next;
			free(timer);
			return;
		}
}

static bool run_due_timer(struct loop *loop)
{
	struct timer *timer = loop->timers;
	if (!timer || timer->due_ms > clock_monotonic_ms(loop->system))
		return false;
	loop_timer_fn *fn = timer->fn;
	void *data = timer->data;
	loop->timers = timer->next;
	free(timer);
	fn(data);
	return true;
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
	run_due_timer(loop);
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
