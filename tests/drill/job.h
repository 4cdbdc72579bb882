#ifndef DRILL_JOB_H
#define DRILL_JOB_H
/*
 * A program that a process runs, together with the guard above it: it outlives a
 * killed parent for as long as the guard takes to end it, and holds the lease till then.
 * What the program does comes in steps, between which time passes and it may be ended.
 */
#include "base/text.h"
#include "disk.h"
#include "world.h"

struct child;
struct child_order;
struct process;
struct program;

struct job {
	struct world *world;
	struct job *next;
	struct process *parent; /* NULL: gone, or no longer interested */
	struct child *child;    /* the parent's handle */
	const struct program *program;
	char **argv;
	size_t argument_count;
	char *path;
	struct disk_lock *lease;
	struct event *next_step, *deadline, *end;
	unsigned stage; /* of the program: counts its steps */
	char *input;    /* what it reads, or NULL */
	struct text output, error;
	int exit_status;
	bool timed_out;
};

/* Starts the program of that name; NULL when there is none. All of the order is copied. */
struct job *job_start(struct process *parent, struct child *child, const struct child_order *order);

/* The parent is gone, or asked for the end: the guard ends it soon, and tells a parent that is left. */
void job_stop(struct job *job);
void job_lose_parent(struct job *job);
void jobs_lose_parent(struct world *world, const struct process *parent);

void job_end(struct job *job); /* at once, telling nobody */

/* A line of output, told to the parent as it comes. */
void job_say(struct job *job, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* What stands behind that option, or NULL; words that begin so ("Name=") likewise. */
const char *job_option(const struct job *job, const char *option);
const char *job_word(const struct job *job, const char *beginning);
#endif
