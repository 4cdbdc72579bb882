#ifndef DRILL_PROCESS_H
#define DRILL_PROCESS_H
/*
 * A virtual process: the product's code on a stack of its own, which runs until it waits
 * in loop_turn(), is put aside at an effect, ends, or is killed there. What it had is gone
 * then, as with a real one: memory, descriptors, locks that no child inherited.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "disk.h"
#include "world.h"

/* What goes wrong in a process. */
enum mishap_kind {
	MISHAP_NONE,
	MISHAP_KILL,                     /* SIGKILL just before the effect */
	MISHAP_POWER_CUT,                /* the whole machine */
	MISHAP_EIO,                      /* this call of the disk fails */
	MISHAP_ENOSPC,                   /* this call finds no room */
	MISHAP_FULL,                     /* from this call on the disk is full */
	MISHAP_INTERRUPT,                /* Ctrl-C */
	MISHAP_DRAWN = MISHAP_INTERRUPT, /* the last that random lives have */
	MISHAP_UNSAVED,   /* SIGKILL when a new state is in its place and not saved there, from `at` on */
	MISHAP_OVERTAKEN, /* it is put aside for a while, and the world's `overtake` is called */
	MISHAP_KINDS
};

struct mishap {
	enum mishap_kind kind;
	unsigned at; /* the n-th effect of the process, from 1; of EIO, ENOSPC and FULL the n-th effect on the disk */
};

const char *mishap_name(enum mishap_kind kind); /* as stories tell it */
const char *mishap_word(enum mishap_kind kind); /* on the command line */

/* The product's entry: gives the exit code. */
typedef int process_fn(struct process *process, void *data);

struct system {
	struct process *process;
};

struct delivery;
struct loop;

struct process {
	struct world *world;
	struct process *next;
	char name[48];
	process_fn *fn;
	void *data;
	void *context, *stack;
	struct owner *memory;
	struct disk_process *files;
	struct system system;
	struct mishap mishap;
	unsigned effects, disk_effects;
	unsigned unanswered; /* requests and children that will call back */
	struct delivery *deliveries, **last_delivery;
	struct event *wake;
	void (*interrupt)(void *data); /* what Ctrl-C does to it, or NULL: it dies */
	void *interrupt_data;
	bool dying, ended, aside;
	int exit_code; /* 137 when killed */
	struct error error;
	void (*on_end)(struct process *process, void *data);
	void *end_data;
};

/* Starts one; it first runs when the world goes on. `data` is the world's and stays the caller's. */
struct process *process_start(struct world *world, const char *name, process_fn *fn, void *data,
			      const struct mishap *mishap);

/* To be called before every effect, from inside the running process: 0, or the errno with which
 * a call of the disk must fail. Does not return when the process dies here. */
int process_effect(struct process *process, const char *what, const char *detail, bool of_disk);

/* Waits until something is delivered, or that time has come. */
void process_wait(struct process *process, int64_t until_ms);

/* From outside: fn(data) will be called by loop_turn(); `drop` instead when the process
 * is gone before. */
void process_deliver(struct process *process, void (*fn)(void *data), void (*drop)(void *data), void *data);
/* Takes the oldest delivery; false: there is none. */
bool process_take_delivery(struct process *process, void (**fn)(void *data), void **data);

/* From outside, between events. */
void process_kill(struct process *process);

struct process *process_current(void); /* NULL while the world itself runs */
#endif
