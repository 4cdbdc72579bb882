#ifndef DRILL_WORLD_H
#define DRILL_WORLD_H
/*
 * One run's world: virtual time with what is to happen in it, the operator's machine
 * (disk, clock, processes), the simulated cloud and the machines in it. Nothing
 * here knows the product; system.c, loop.c, http.c and child.c stand behind the
 * product's headers and lead here.
 *
 * Everything happens in one thread: an event runs to its end, or a process runs until it
 * waits. Which of several things that are due at once comes first is drawn.
 */
#include <stdbool.h>
#include <stdint.h>

#include "core/sim.h"
#include "disk.h"
#include "draw.h"

#define STATE_DIRECTORY "/state"
#define STATE_PATH      STATE_DIRECTORY "/instances.json"
#define HISTORY_PATH    STATE_DIRECTORY "/history.jsonl"
/* The folder of a box into which its parameters are built, and of one that has them from the user data. */
#define BOX_FOLDER        "/box"
#define SHARED_BOX_FOLDER "/shared"
#define REPAIRS           16
#define TOKEN_ENDPOINT    "http://127.0.0.1/v1"

struct event;
struct flight;
struct host;
struct job;
struct oracle;
struct process;
struct story;
struct store_path;

typedef void event_fn(void *data);

struct world {
	int64_t now_ms; /* true time, as everybody would agree on */
	struct event **events;
	size_t event_count, event_capacity;
	uint64_t sequence;

	struct draw timing;  /* latencies, and who comes first */
	struct draw entropy; /* what the product draws: ids, nonces, jitter */
	struct draw decay;   /* what a power cut leaves */

	/* the operator's machine */
	struct disk *disk;
	struct process *processes, *running;
	void *scheduler;        /* its context, while a process runs */
	int64_t clock_error_ms; /* the machine's clock minus true time */
	bool power_cut_due;     /* by the process that just stopped */
	unsigned switching;     /* in a thousand: how often a process is put aside at an effect */
	struct job *jobs;
	event_fn *overtake;       /* what comes in between (MISHAP_OVERTAKEN); it is given the world */
	struct process *watched;  /* whose effects are counted, */
	unsigned watched_effects; /* how many it had: of the kind that its mishap counts */

	/* the cloud */
	struct sim *sim;
	struct flight *flights; /* requests and answers on their way */
	bool network_is_down;
	int64_t slow_until_ms;  /* requests take up to a minute and a half till then */
	int64_t blind_until_ms; /* lists and looks show no server till then, if that is plainly wrong, */
	int64_t young_hidden_ms, young_hidden_until_ms; /* and none of that age till then (cloud_hiding.h) */
	struct host *hosts;
	unsigned next_trouble;  /* enum host_trouble, of the next machines that boot, */
	unsigned next_troubles; /* so many */
	struct store_path *store_paths;

	bool box_is_shared; /* CCC_BOX is the one that has its parameters from the user data */

	struct copy {
		char *bytes; /* NULL: none was made */
		size_t length;
	} state_copy, history_copy; /* that the operator made some time (loss.c) */

	struct oracle *oracle;
	struct story *story;
	unsigned repairs[REPAIRS]; /* that fsck made, by their kind (enum fix) */
};

struct world *world_new(uint64_t seed, int64_t now_ms);
void world_free(struct world *world);

/* Calls fn in delay_ms of true time. The event is the caller's to cancel until it ran. */
struct event *world_after(struct world *world, int64_t delay_ms, event_fn *fn, void *data);
void event_cancel(struct event *event); /* NULL is fine */

/* Lets everything up to and including that time happen. */
void world_run_until(struct world *world, int64_t until_ms);
/* Lets things happen until no process and no job is left, at most so long. False: some still are. */
bool world_run_processes(struct world *world, int64_t at_most_ms);

/* Ends every process and job, and leaves on the disk what was synced and some of the rest. */
void world_power_cut(struct world *world);

/* The machine's clock is wrong by so much from now on. */
void world_set_clock(struct world *world, int64_t error_ms);

/* Takes what the cloud wants to happen to its machines to the hosts. */
void world_pass_on_host_events(struct world *world);
#endif
