#ifndef LIFECYCLE_ENGINE_H
#define LIFECYCLE_ENGINE_H
/*
 * Brings instances to their goal: runs every step of the table (steps.h) whose
 * needs are done, for many instances at once, until each has reached its goal, or
 * failed, or is left for a later run. Starting again after a crash is the same as
 * starting: what was done is read from the facts in the records.
 */
#include <stdbool.h>

#include "base/error.h"
#include "cloud/cloud.h"
#include "fleet/settings.h"
#include "lifecycle/report.h"
#include "store/store.h"
#include "system/loop.h"

struct engine;

struct engine_parts { /* all borrowed for the engine's life */
	struct loop *loop;
	struct store *store;
	struct cloud *cloud;
	const struct settings *settings;
	report_fn *report;
	void *report_data;
};

enum outcome {
	OUTCOME_PENDING = 0,
	OUTCOME_REACHED,     /* the goal */
	OUTCOME_FAILED,      /* see the error; what was begun is undone, kept or left for `reap`, as the record says */
	OUTCOME_INTERRUPTED, /* left as it is, resumable */
	OUTCOME_LATER,       /* nothing more can be done now; `reap` goes on when it is time */
};

/* Frees with engine_free(); the cloud must be freed before it, since its replies
 * may still name the engine. */
struct engine *engine_new(const struct engine_parts *parts, struct error *err);
void engine_free(struct engine *engine);

/* Takes an instance by its record; *ret_taken is false when another process holds
 * its lease (it will see the goal at its next commit and obey). */
int engine_take(struct engine *engine, const char *id, bool *ret_taken, struct error *err);

/* The same with a lease that the caller took already; the engine owns it then. */
int engine_take_leased(struct engine *engine, const char *id, struct lock *lease, struct error *err);

/* Works until no instance is pending. -1 only when the loop itself failed. */
int engine_run(struct engine *engine, struct error *err);

/* Starts nothing new, ends children, lets a create request that is under way end. */
void engine_interrupt(struct engine *engine);

/* Lets it work once more after an interrupted engine_run(). Gives whether it was interrupted. */
bool engine_go_on(struct engine *engine);

/* Of an instance that was taken: how it ended, its error (or NULL) and its newest record. */
enum outcome engine_outcome(const struct engine *engine, const char *id, const struct error **ret_error,
			    const struct record **ret_record);
#endif
