#include "world.h"

#include <stdlib.h>

#include "flight.h"
#include "host.h"
#include "job.h"
#include "oracle.h"
#include "owner.h"
#include "process.h"
#include "story.h"

#define STREAM_TIMING  1
#define STREAM_ENTROPY 2
#define STREAM_DECAY   3

struct event {
	int64_t at_ms;
	uint64_t order; /* among those of one time */
	event_fn *fn;   /* NULL: cancelled */
	void *data;
};

/* --- the queue: a binary heap, soonest first ------------------------------------- */

static bool is_before(const struct event *left, const struct event *right)
{
	return left->at_ms != right->at_ms ? left->at_ms < right->at_ms : left->order < right->order;
}

static void push(struct world *world, struct event *event)
{
	if (world->event_count == world->event_capacity) {
		world->event_capacity = world->event_capacity ? 2 * world->event_capacity : 64;
		world->events = owner_world_reallocarray(world->events, world->event_capacity, sizeof(struct event *));
	}
	size_t at = world->event_count++;
	while (at > 0 && is_before(event, world->events[(at - 1) / 2])) {
		world->events[at] = world->events[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	world->events[at] = event;
}

static struct event *pop(struct world *world)
{
	struct event *first = world->events[0], *last = world->events[--world->event_count];
	size_t at = 0;
	for (;;) {
		size_t child = 2 * at + 1;
		if (child >= world->event_count)
			break;
		if (child + 1 < world->event_count && is_before(world->events[child + 1], world->events[child]))
			child++;
		if (!is_before(world->events[child], last))
			break;
		world->events[at] = world->events[child];
		at = child;
	}
	world->events[at] = last;
	return first;
}

struct event *world_after(struct world *world, int64_t delay_ms, event_fn *fn, void *data)
{
	struct event *event = owner_world_malloc(sizeof(*event));
	/* Of those due at once any may come first, unless nothing is to be mixed: then in the order asked for. */
	uint64_t place = world->switching ? draw_below(&world->timing, 8) : 0;
	*event = (struct event){ world->now_ms + (delay_ms > 0 ? delay_ms : 0), ++world->sequence + place, fn, data };
	push(world, event);
	return event;
}

void event_cancel(struct event *event)
{
	if (event)
		event->fn = NULL;
}

static void happen(struct world *world)
{
	struct event *event = pop(world);
	event_fn *fn = event->fn;
	void *data = event->data;
	if (event->at_ms > world->now_ms)
		world->now_ms = event->at_ms;
	free(event);
	if (fn)
		fn(data);
}

void world_run_until(struct world *world, int64_t until_ms)
{
	while (world->event_count && world->events[0]->at_ms <= until_ms)
		happen(world);
	if (world->now_ms < until_ms)
		world->now_ms = until_ms;
}

bool world_run_processes(struct world *world, int64_t at_most_ms)
{
	int64_t until_ms = world->now_ms + at_most_ms;
	while ((world->processes || world->jobs) && world->event_count && world->events[0]->at_ms <= until_ms)
		happen(world);
	return !world->processes && !world->jobs;
}

/* --- its parts -------------------------------------------------------------------- */

static uint64_t decay_below(void *data, uint64_t bound)
{
	return draw_below(data, bound);
}

struct world *world_new(uint64_t seed, int64_t now_ms)
{
	struct world *world = calloc(1, sizeof(*world));
	struct sim_options options = sim_default_options();
	world->now_ms = now_ms;
	draw_init(&world->timing, seed, STREAM_TIMING);
	draw_init(&world->entropy, seed, STREAM_ENTROPY);
	draw_init(&world->decay, seed, STREAM_DECAY);
	world->disk = disk_new(&(struct disk_random){ decay_below, &world->decay });
	options.seed = seed;
	options.projects = 2;
	world->sim = sim_new(&options, now_ms);
	return world;
}

void world_free(struct world *world)
{
	while (world->processes)
		process_kill(world->processes);
	while (world->jobs)
		job_end(world->jobs);
	flights_free(world);
	hosts_free(world);
	sim_free(world->sim);
	disk_free(world->disk);
	while (world->event_count)
		free(pop(world));
	free(world->events);
	free(world->state_copy.bytes);
	free(world->history_copy.bytes);
	free(world);
}

void world_power_cut(struct world *world)
{
	world->power_cut_due = false;
	story_tell(world, "the power is cut");
	while (world->processes)
		process_kill(world->processes);
	while (world->jobs)
		job_end(world->jobs);
	disk_power_cut(world->disk, &(struct disk_random){ decay_below, &world->decay });
	oracle_sees_power_cut(world->oracle);
}

void world_set_clock(struct world *world, int64_t error_ms)
{
	oracle_looks(world->oracle); /* what was stamped so far was stamped by the old one */
	world->clock_error_ms = error_ms;
	story_tell(world, "the machine's clock is now wrong by %lld s", (long long)(error_ms / 1000));
}

void world_pass_on_host_events(struct world *world)
{
	struct sim_host_event event;
	while (sim_take_host_event(world->sim, &event)) {
		host_obey(world, &event);
		sim_host_event_release(&event);
	}
}
