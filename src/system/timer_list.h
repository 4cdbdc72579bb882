#ifndef SYSTEM_TIMER_LIST_H
#define SYSTEM_TIMER_LIST_H
/*
 * The timers of a loop: soonest first, equal ones in the order they were made. Apart
 * from loop.c, so that any loop that waits in another way keeps the same order;
 * loop_cancel() is here too. A list begins as NULL and stays where it is.
 */
#include "system/loop.h"

struct timer {
	struct timer **list;
	struct timer *next;
	int64_t due_ms; /* monotonic */
	loop_timer_fn *fn;
	void *data;
};

struct timer *timer_list_add(struct timer **list, int64_t due_ms, loop_timer_fn *fn, void *data);
void timer_list_fire(struct timer **list); /* takes the first one off, then calls it; there must be one */
void timer_list_clear(struct timer **list);
#endif
