#ifndef DRILL_SCENE_INSIDE_H
#define DRILL_SCENE_INSIDE_H
/* What the scenes (scene.c) and what is played there (scene_play.c) have in common. */
#include "run_inside.h"
#include "scene.h"

#define MORE_THAN_LABELLED 48 /* h: the label has to be raised */

struct scene {
	const char *name;
	enum errand_kind kind;
	void (*prepare)(struct world *world);
	enum lost lost; /* so that the fleet has to be taken over in the end */
};

const struct scene *scene_at(size_t scene);

/* Both wait for its end. */
void scene_types(struct world *world, enum errand_kind kind, unsigned user);
void scene_provisions(struct world *world, unsigned user, bool keep, const struct mishap *mishap);
#endif
