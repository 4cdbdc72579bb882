#ifndef DRILL_DRAW_H
#define DRILL_DRAW_H
/* Chance from a seed: the same draws in the same order give the same run. */
#include <stdbool.h>
#include <stdint.h>

struct draw {
	uint64_t state;
};

void draw_init(struct draw *draw, uint64_t seed, uint64_t stream); /* streams of one seed don't disturb each other */
uint64_t draw_next(struct draw *draw);
uint64_t draw_below(struct draw *draw, uint64_t bound);                    /* 0 <= result < bound; bound > 0 */
int64_t draw_between(struct draw *draw, int64_t minimum, int64_t maximum); /* both included */
bool draw_chance(struct draw *draw, unsigned in_a_thousand);
#endif
