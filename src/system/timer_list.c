#include "system/timer_list.h"

#include <stdlib.h>

#include "base/memory.h"

struct timer *timer_list_add(struct timer **list, int64_t due_ms, loop_timer_fn *fn, void *data)
{
	struct timer *timer = memory_new(sizeof(*timer));
	struct timer **link = list;
	*timer = (struct timer){ list, NULL, due_ms, fn, data };
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
	for (struct timer **link = timer->list; *link; link = &(*link)->next)
		if (*link == timer) {
			*link = timer->next;
			free(timer);
			return;
		}
}

static void free_first(struct timer **list)
{
	struct timer *timer = *list;
	*list = timer->next;
	free(timer);
}

void timer_list_fire(struct timer **list)
{
	loop_timer_fn *fn = (*list)->fn;
	void *data = (*list)->data;
	free_first(list);
	fn(data);
}

void timer_list_clear(struct timer **list)
{
	while (*list)
		free_first(list);
}
