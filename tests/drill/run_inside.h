#ifndef DRILL_RUN_INSIDE_H
#define DRILL_RUN_INSIDE_H
/* The frame of every run: what random lives (run.c) and fixed ones (scene.c) have in common. */
#include "run.h"

#define HOUR_MS     (INT64_C(3600) * 1000)
#define PATIENCE_MS (6 * HOUR_MS) /* no process takes longer */

struct world *run_open_world(uint64_t seed, struct story *story);
void run_close_world(struct world *world, struct verdict *ret);
/* Does it, and waits for its end. */
void run_insist(struct world *world, const struct errand *errand, const struct mishap *mishap);

enum lost { NOTHING_LOST, RECORDS_LOST, HISTORY_LOST /* and the records too */ };
/* After a loss: `init --adopt` and `fsck --fix`, and what must be so then (see oracle_judges_the_taking_over). */
void run_take_over(struct world *world, enum lost lost);
/* That, the sweeps with nothing wrong, and the judgement; after a loss `fsck --fix --yes` too, so that nothing is
 * left. */
void run_let_it_end(struct world *world, enum lost lost);
#endif
