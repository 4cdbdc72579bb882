#ifndef LIFECYCLE_STEPS_H
#define LIFECYCLE_STEPS_H
/*
 * The life of an instance as a table. A step is done when the facts say so; it is
 * started when it is not done, its goal is the record's and all that it needs is
 * done. Nothing else decides what happens next.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "instance/record.h"

/* P1: a create that was not answered has taken effect, or never will, this long after it was sent. */
#define SETTLE_SECONDS 600

/* What failed is tried again after this at the latest. */
#define RETRY_SECONDS_MAXIMUM INT64_C(3600)

struct activity;

enum step_id {
	/* goal: running */
	STEP_PREPARE,  /* host keys */
	STEP_EVALUATE, /* the box has no error with this instance's parameters */
	STEP_CREATE,   /* the server */
	STEP_BUILD,    /* the box, beside create and boot */
	STEP_REBUILD,  /* the base system once more, when the kexec came back in it */
	STEP_BOOT,     /* first answer over SSH */
	STEP_INSTALL,  /* NixOS */
	STEP_ROTATE,   /* the host key, of a box that has the bootstrap one still */
	STEP_VERIFY,   /* it is this box, it works; the clock starts */
	STEP_ANNOUNCE, /* box and label know the expiry */
	STEP_KEYS,     /* the box takes the user's keys as they are now */
	STEP_FIREWALL, /* the network is cut, or as usual, as is wanted */
	/* goal: gone */
	STEP_DECIDE, /* the point of no return */
	STEP_FIND,   /* a server whose create was never answered */
	STEP_DELETE,
	STEP_PROVE,  /* absence */
	STEP_FORGET, /* files and record */
	STEP_COUNT
};

#define NEEDS(step) (1u << (step))

struct step {
	const char *name;
	const char *doing; /* for people: "creating the server" */
	enum goal goal;
	unsigned needs;
	bool (*done)(const struct record *record);
	void (*start)(struct activity *activity);
	int64_t deadline_ms;
};

extern const struct step steps[STEP_COUNT];

unsigned steps_done(const struct record *record); /* NEEDS() of each that is done */

/* All that the step needs is in `done`. */
bool step_is_founded(enum step_id id, unsigned done);

/* Founded, wanted by the record's goal, and not done. */
bool step_can_begin(enum step_id id, const struct record *record, unsigned done);

void step_prepare(struct activity *activity);
void step_evaluate(struct activity *activity);
void step_create(struct activity *activity);
void step_build(struct activity *activity);
void step_rebuild(struct activity *activity);
void step_boot(struct activity *activity);
void step_install(struct activity *activity);
void step_rotate(struct activity *activity);
void step_verify(struct activity *activity);
void step_announce(struct activity *activity);
void step_keys(struct activity *activity);
void step_firewall(struct activity *activity);
void step_decide(struct activity *activity);
void step_find(struct activity *activity);
void step_delete(struct activity *activity);
void step_prove(struct activity *activity);
void step_forget(struct activity *activity);
#endif
