#ifndef LIFECYCLE_RUN_H
#define LIFECYCLE_RUN_H
/*
 * What the engine and the steps share; nobody else includes this.
 *
 * An activity is one step at work for one instance. It goes on by commits, cloud
 * calls, children and timers, each of which comes back to a function of the step.
 * When an activity ends or is cancelled, whatever it still waits for is dropped:
 * late answers never reach a step that is not at work.
 */
#include "base/arguments.h"
#include "lifecycle/engine.h"
#include "lifecycle/steps.h"
#include "system/child.h"

struct activity {
	struct run *run;
	enum step_id id;
	bool active;
	unsigned generation; /* counts starts: tells late answers from ours */
	int64_t began_ms;
	struct timer *deadline, *retry, *phase;
	void (*retry_fn)(struct activity *);
	struct child *child; /* also one that is being ended, after its activity */
	bool child_is_dropped;
	child_line_fn *child_line;
	void (*child_done)(struct activity *, const struct child_result *);
	unsigned attempts;
	struct error last; /* why the newest attempt failed: the reason given at the deadline */
	void *memory;      /* the step's own, freed when the activity ends */
};

struct run {
	struct engine *engine;
	struct run *next;
	struct record record; /* as committed last */
	struct lock *lease;
	struct activity activities[STEP_COUNT];
	enum outcome outcome;
	bool failing; /* a failure is being committed */
	struct error error;
	/* learned from the create answer; after a crash it can be done without */
	int64_t actions[8];
	size_t action_count;
	bool forgotten; /* the record left the state */
};

/* Gives 0; CHANGE_NOTHING when the newest record needs no change after all; or -1, which fails the step. */
typedef int run_change_fn(struct record *record, struct activity *activity, struct error *err);
#define CHANGE_NOTHING 1
typedef void activity_fn(struct activity *activity);
typedef void activity_reply_fn(struct activity *activity, const struct cloud_reply *reply);

/* Applies `change` to the newest record in the next commit; then, once durable, `after`
 * (may be NULL: the engine looks what is to be done next). A change that refuses fails
 * the step. */
void activity_commit(struct activity *activity, run_change_fn *change, const char *event, const char *detail,
		     activity_fn *after);

/* The pair to be passed to a cloud_ call: its reply reaches fn unless the activity ended. */
void *activity_call(struct activity *activity, activity_reply_fn *fn);
void activity_called(void *data, const struct cloud_reply *reply);

/* Calls fn after a while. One at a time for an activity. */
void activity_retry(struct activity *activity, int64_t delay_ms, activity_fn *fn);

typedef void activity_child_fn(struct activity *activity, const struct child_result *result);

struct activity_program { /* borrowed */
	const struct arguments *argv;
	const char *path_first; /* put before PATH, or NULL */
	const char *input_path; /* what it reads, or NULL */
	int64_t deadline_ms;
	child_line_fn *on_line; /* gets lines of its output, or NULL */
	activity_child_fn *done;
};

/* Runs it below a guard that holds the lease. One at a time. */
void activity_child(struct activity *activity, const struct activity_program *program);

void activity_progress(struct activity *activity, const char *format, ...) __attribute__((format(printf, 2, 3)));
void activity_warn(struct activity *activity, const char *format, ...) __attribute__((format(printf, 2, 3)));
void activity_fail(struct activity *activity, const struct error *error);
/* Nothing more can be done now although nothing failed; `reap` goes on. */
void activity_later(struct activity *activity, const struct error *why);
/* Something of the operator's own machine is missing: that must not undo what was paid for, so
 * the record keeps its goal, and `reap` goes on when it is there. */
void activity_lacks(struct activity *activity, const struct error *what);

/* Inside a run_change_fn only: the fleet's identity, which is committed with the record. */
struct fleet_identity *activity_fleet_to_change(struct activity *activity);

struct record *activity_record(struct activity *activity); /* as committed last; read only */
const struct engine_parts *activity_parts(struct activity *activity);
const struct fleet_identity *activity_fleet(struct activity *activity);

/* P2: the server has the name and the labels, the nonce too, of this activity's record. */
bool activity_owns(struct activity *activity, const struct cloud_server *server);
int64_t activity_now(struct activity *activity); /* as this machine's clock says */
/* By Hetzner's clock, once it was heard: for what must not depend on a clock that somebody sets. */
int64_t activity_true_now(struct activity *activity);
char *activity_path(struct activity *activity, const char *name); /* below instances/<id>/; caller frees */

/* The child's failure as an error: program, status or time-out, last lines. */
void child_error(const char *program, const struct child_result *result, struct error *ret);

/* For engine.c, of activity.c */
void activity_begin(struct activity *activity);
void activity_end(struct activity *activity); /* drops all that it waits for; its program takes a while to end */

/* A program of an ended activity is still there: what it uses must stay, and no second one may begin. */
bool activity_lingers(const struct activity *activity);

/* For activity.c, of engine.c */
void engine_report(struct run *run, enum report_kind kind, enum step_id step, const char *text, int64_t elapsed_ms);
void engine_queue_commit(struct activity *activity, run_change_fn *change, const char *event, const char *detail,
			 activity_fn *after);
void run_fail(struct run *run, struct activity *activity, const struct error *error);
void run_lack(struct activity *activity, const struct error *what);
void run_finish(struct run *run, enum outcome outcome, const struct error *error);
struct call **engine_calls(struct engine *engine); /* list of calls under way, to be freed with the engine */
const struct engine_parts *engine_parts_of(const struct engine *engine);
const struct fleet_identity *engine_fleet(const struct engine *engine);
struct fleet_identity *engine_fleet_to_change(struct engine *engine);
#endif
