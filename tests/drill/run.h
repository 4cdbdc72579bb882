#ifndef DRILL_RUN_H
#define DRILL_RUN_H
/* One run: a plan happens, then everything is well again for as long as it takes, and the oracle judges. */
#include "plan.h"

struct verdict {
	char violation[512];         /* "" : none */
	uint64_t instances, seconds; /* machines handed over, and time paid for them */
	unsigned effects;            /* of the errand watched (scene.h) */
	unsigned repairs[REPAIRS];   /* that fsck made, by their kind (enum fix) */
};

/* With `story` (or NULL) what happens is told. */
void run_plan(const struct plan *plan, struct story *story, struct verdict *ret);

#endif
