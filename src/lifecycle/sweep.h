#ifndef LIFECYCLE_SWEEP_H
#define LIFECYCLE_SWEEP_H
/*
 * What cron calls: finds what time has made due and what is unfinished. The engine
 * then works on it; every instance is on its own there, so that one bad one never
 * stops the others (P8).
 *
 *     sweep_begin -> engine_take of each id, engine_run -> sweep_end
 */
#include <stdbool.h>

#include "base/arguments.h"
#include "cloud/cloud.h"
#include "store/store.h"
#include "system/loop.h"

struct sweep {
	int64_t began;
	struct arguments ids;     /* to be worked on */
	struct arguments waiting; /* what failed before and is not tried again yet */
	bool looked;              /* Hetzner was asked */
	bool recorded;            /* there was nothing to do: the end is recorded already */
	size_t held_back;         /* over by a clock that can't be trusted: left alone, see `why` */
	struct error why;         /* of what was held back */

	/* whom sweep_begin() asked, and by whose clock; borrowed, for sweep_end() */
	const struct cloud *cloud;
	struct system *system;
};

#define SWEEP_INIT { .ids = ARGUMENTS_INIT, .waiting = ARGUMENTS_INIT, .why = ERROR_INIT }

/* Asks Hetzner for the fleet's anchor and for its clock, if there is an instance, and changes nothing. */
int sweep_look(struct loop *loop, struct store *store, struct cloud *cloud, struct sweep *sweep, struct error *err);

/* sweep_look(), then sets the goals that time has set and collects what there is to do. Before anything
 * is ended by time the clock is compared with Hetzner's (P8). ERROR_REMOTE when the fleet's anchor could not
 * be seen: a token that died must show before a machine should have gone. Without an instance nobody is asked. */
int sweep_begin(struct loop *loop, struct store *store, struct cloud *cloud, struct sweep *sweep, struct error *err);

/* Records that the sweep came to its end: every instance was tried, whatever came of it. */
int sweep_end(struct loop *loop, struct store *store, const struct sweep *sweep, struct error *err);
void sweep_release(struct sweep *sweep);

/* What time says to a record: the reason to end it, or NULL. */
const char *sweep_reason(const struct record *record, int64_t now);

/* sweep_look() saw that the clock may end somebody. */
bool sweep_clock_agrees(const struct sweep *sweep);

/* There is something to be done for this record now. */
bool sweep_is_due(const struct record *record, int64_t now);
/* There is, and it failed: it is tried again when it is due. */
bool sweep_waits(const struct record *record, int64_t now);
#endif
