#ifndef LIFECYCLE_REPAIR_H
#define LIFECYCLE_REPAIR_H
/*
 * Mends what an inspection found, one finding at a time: by commits, by files of the state
 * directory, by registering anew. It deletes nothing at Hetzner: what has to go there gets a
 * goal, and the engine brings it there like any other (P2, P3).
 */
#include "base/arguments.h"
#include "lifecycle/inspection.h"

struct repair { /* all borrowed but `ids` */
	struct loop *loop;
	struct store *store;
	struct cloud *cloud;
	const struct inspection *inspection;
	struct arguments ids; /* whose goal was set: for the engine */
};

/* Does the finding's fix. Everything is looked at once more under the lock: what was taken up
 * by somebody else meanwhile is left to them, and no error. Whether a fix needs the operator's word is the
 * caller's to ask. */
int repair_make(struct repair *repair, const struct finding *finding, struct error *err);
void repair_release(struct repair *repair);
#endif
