#ifndef LIFECYCLE_ENGINE_INSIDE_H
#define LIFECYCLE_ENGINE_INSIDE_H
/* What engine.c (what is next) and engine_commit.c (how changes become durable) share. */
#include "lifecycle/run.h"

/* A change that waits for the next commit. */
struct pending {
	struct activity *activity;
	unsigned generation;
	run_change_fn *change;
	activity_fn *after;
	bool is_failure; /* says why a run got no further: goes on when its activities have ended */
	char event[32], detail[512];
};

struct engine {
	struct engine_parts parts;
	struct fleet_identity fleet;    /* as committed last */
	struct transaction *committing; /* while changes are applied */
	struct run *runs;
	struct call *calls;
	struct pending *pending;
	size_t pending_count;
	struct timer *lock_retry, *refresh, *patience;
	int64_t lock_patience_ms; /* monotonic: when a state that is locked is waited for no more; 0: it is not */
	bool interrupted;
};

/* Commits what waits, all of it at once: once a turn of the loop. */
void engine_flush(struct engine *engine);

/* Gives every run the newest record, so that a goal set by another process is obeyed. */
void engine_show_records(struct engine *engine, const struct snapshot *state);

/* As engine_queue_commit(), of the change that records why a run got no further: it fails nothing by failing itself. */
void engine_queue_failure(struct activity *activity, run_change_fn *change, const char *event, const char *detail,
			  activity_fn *after);
#endif
