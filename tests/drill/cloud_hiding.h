#ifndef DRILL_CLOUD_HIDING_H
#define DRILL_CLOUD_HIDING_H
/* Answers that lack servers which are there, by their id and in lists alike: what the simulator can't, as only the
 * drill knows whom the product may take for gone. */
#include "core/sim.h"
#include "world.h"

/* No list and no look shows any server for so long, while the product can know that to be wrong. */
void cloud_hiding_all(struct world *world, int64_t for_ms);
/* For two hours neither shows a server that is younger than that and on which nobody was yet. */
void cloud_hiding_young(struct world *world, int64_t age_ms);
void cloud_hiding_ends(struct world *world);

#define HIDING_QUERY_SIZE 512
/* Puts another request in the place of one that is not to show a server; `query` is for its words. */
void cloud_hiding_applies(struct world *world, struct sim_request *request, char query[HIDING_QUERY_SIZE]);
#endif
