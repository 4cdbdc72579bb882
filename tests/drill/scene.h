#ifndef DRILL_SCENE_H
#define DRILL_SCENE_H
/*
 * Fixed lives of a small fleet, one a row: how it got where it is, and one errand, in which a mishap
 * is met at each of its effects in turn. Then it is typed again, or the end of everybody is.
 */
#include "run.h"

size_t scene_count(void);
const char *scene_name(size_t scene);
/* SIZE_MAX: there is none of that name. */
size_t scene_find(const char *name);

enum sequel {
	SEQUEL_AGAIN, /* whoever typed it types it again, and what was promised is kept to its end */
	SEQUEL_END,   /* everybody's end is asked for instead, and nobody is left soon after */
	SEQUELS
};

/* Whether that sequel of that mishap is worth a life: after SEQUEL_END there is nothing to lose. */
bool scene_has(size_t scene, enum mishap_kind mishap, enum sequel sequel);

void scene_play(size_t scene, const struct mishap *mishap, enum sequel sequel, struct story *story,
		struct verdict *ret);
#endif
