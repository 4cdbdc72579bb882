#ifndef DRILL_CLOUD_FAULT_H
#define DRILL_CLOUD_FAULT_H
/* Trouble with the cloud that the simulator can't have by itself: the way there. */
#include "world.h"

/* How much later than usual a request arrives, in ms: 0, or drawn when the world's network is slow. */
int64_t cloud_fault_delay(struct world *world);
#endif
