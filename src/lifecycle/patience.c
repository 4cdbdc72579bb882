#include "lifecycle/patience.h"

#include "lifecycle/steps.h"

int64_t patience_seconds(const struct record *record)
{
	unsigned done = steps_done(record);
	int64_t longest_ms = 0;
	for (unsigned i = 0; i < STEP_COUNT; i++)
		if (step_can_begin(i, record, done) && steps[i].deadline_ms > longest_ms)
			longest_ms = steps[i].deadline_ms;
	return longest_ms / 1000;
}
