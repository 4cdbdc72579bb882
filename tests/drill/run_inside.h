#ifndef DRILL_RUN_INSIDE_H
#define DRILL_RUN_INSIDE_H
/* The frame of every run: what random lives (run.c) and fixed ones (scene.c) have in common. */
#include "run.h"

#define HOUR_MS     (INT64_C(3600) * 1000)
#define PATIENCE_MS (6 * HOUR_MS) /* no process takes longer */

struct oracle;

struct world *run_open_world(uint64_t seed, struct story *story);
void run_close_world(struct world *world, struct verdict *ret);
/* Does it, and waits for its end. */
void run_insist(struct world *world, const struct errand *errand, const struct mishap *mishap);
/* No trouble any more. */
void run_heal(struct world *world);

/* Sweeps with nothing wrong, until after that time and for as long as they could ever need. */
void run_sweep_to_the_end(struct world *world, int64_t (*last)(const struct oracle *oracle));
/* Those, and the judgement. */
void run_let_it_end(struct world *world);
/* After a loss: `init --adopt` and `fsck --fix`, and what must be so then (see oracle_judges_the_taking_over). */
void run_take_over(struct world *world, bool folders);
/* And `fsck --fix --yes` at last, so that nothing is left. */
void run_end_with_a_yes(struct world *world);
#endif
