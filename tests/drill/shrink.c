#include "shrink.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run.h"
#include "story.h"

/* The same promise is broken: "P4". */
static bool fails(const struct plan *plan, const char *promise)
{
	struct verdict verdict = { 0 };
	run_plan(plan, NULL, &verdict);
	return strncmp(verdict.violation, promise, 2) == 0;
}

/* Tries to leave out `size` items at a time; gives the shortest that still fails. */
static struct plan *leave_out(struct plan *plan, size_t size, const char *promise)
{
	for (size_t first = 0; first < plan->count;) {
		struct plan *shorter = plan_without(plan, first, size);
		if (shorter->count < plan->count && fails(shorter, promise)) {
			plan_free(plan);
			plan = shorter;
		} else {
			plan_free(shorter);
			first += size;
		}
	}
	return plan;
}

void shrink_and_print(const struct plan *plan, const char *promise)
{
	struct plan *shortest = plan_without(plan, 0, 0);
	struct verdict verdict = { 0 };
	char line[512];
	for (size_t size = shortest->count / 2; size > 0; size /= 2)
		shortest = leave_out(shortest, size, promise);
	shortest = leave_out(shortest, 1, promise);
	printf("  shortened from %zu items to %zu:\n", plan->count, shortest->count);
	for (size_t i = 0; i < shortest->count; i++) {
		plan_describe(&shortest->items[i], line, sizeof(line));
		printf("    %s\n", line);
	}
	struct story *story = story_new();
	run_plan(shortest, story, &verdict);
	story_print(story);
	story_free(story);
	plan_free(shortest);
}
