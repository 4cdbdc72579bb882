#ifndef DRILL_FLIGHT_H
#define DRILL_FLIGHT_H
/* Requests on their way through the network (http.c), as the rest of the world sees them. */
#include "world.h"

/* The sender is gone: what is on its way still arrives, and no answer is told. */
void flights_lose_sender(struct world *world, const struct process *process);
void flights_free(struct world *world);
#endif
