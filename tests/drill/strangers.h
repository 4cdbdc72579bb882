#ifndef DRILL_STRANGERS_H
#define DRILL_STRANGERS_H
#include "world.h"

/* Other people have servers, firewalls, keys and snapshots in our project, some with our kind of name, some with the
 * labels of another fleet. Takes a minute; the oracle remembers how they are then. */
void strangers_come(struct world *world);
#endif
