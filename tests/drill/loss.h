#ifndef DRILL_LOSS_H
#define DRILL_LOSS_H
/*
 * What is lost on the operator's machine or in the project, or comes back there, as a table:
 * all of it leads to a repair of `ccc fsck --fix`. An item of the plan (ITEM_LOSS) names a row.
 */
#include <stdbool.h>
#include <stddef.h>

#include "draw.h"

struct item;
struct world;

enum loss {
	LOSS_OF_DIRECTORY,
	LOSS_OF_STATE_AND_HISTORY,
	LOSS_OF_STATE,
	LOSS_OF_RECORD, /* of one user */
	LOSS_OF_KNOWN_HOSTS,
	LOSS_FOLDERS_BACK, /* folders of instances that ended come back */
	LOSS_OF_KEY,       /* and the next: from the project */
	LOSS_OF_FIREWALL,
	LOSS_LATE_SERVER, /* a server of an instance that ended comes */
	LOSS_OLD_STATE,   /* instances.json is put back from the copy that was made earlier */
	LOSS_OLD_COPIES,  /* and the history too */
	LOSSES
};

void loss_draw(struct item *item, struct draw *draw);
void loss_describe(const struct item *item, char *ret, size_t size);
/* There is no state after it: the fleet has to be taken over with `init --adopt`. */
bool loss_takes_state(const struct item *item);
bool loss_takes_history(const struct item *item);
/* Nothing happens unless loss_makes_copies() was called before. */
bool loss_needs_copies(const struct item *item);

/* As a nightly backup does. */
void loss_makes_copies(struct world *world);
/* The state that is there is an old one: it is moved away, as ccc proposes. */
void loss_moves_away(struct world *world);

void loss_happens(struct world *world, const struct item *item);
#endif
