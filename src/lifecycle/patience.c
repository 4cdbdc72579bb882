#include "lifecycle/patience.h"

#include "lifecycle/steps.h"

int64_t patience_seconds(const struct record *record)
{
	unsigned done = 0;
	int64_t longest_ms = 0;
	for (unsigned i = 0; i < STEP_COUNT; i++)
		if (steps[i].done(record))
			done |= NEEDS(i);
	for (unsigned i = 0; i < STEP_COUNT; i++)
		if (steps[i].goal == record->goal && !(done & NEEDS(i)) && (steps[i].needs & done) == steps[i].needs &&
		    steps[i].deadline_ms > longest_ms)
			longest_ms = steps[i].deadline_ms;
	return longest_ms / 1000;
}
