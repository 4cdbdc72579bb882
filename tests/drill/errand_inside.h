#ifndef DRILL_ERRAND_INSIDE_H
#define DRILL_ERRAND_INSIDE_H
/* What the errands share. */
#include "cloud/hetzner/hetzner.h"
#include "errand.h"
#include "fleet/settings.h"
#include "lifecycle/engine.h"
#include "loop.h"
#include "store/store.h"

/* What a command has open. */
struct desk {
	struct process *process;
	const struct errand *errand;
	struct loop *loop;
	struct store *store;
	struct cloud *cloud;
	struct engine *engine;
	struct settings settings;
};

int errand_init(struct desk *desk, struct error *err);
int errand_adopt(struct desk *desk, struct error *err);
int errand_fsck(struct desk *desk, struct error *err);
int errand_fsck_yes(struct desk *desk, struct error *err);
int errand_health(struct desk *desk, struct error *err);

/* Works on those that nobody else holds; gives the first error. */
int errand_work(struct desk *desk, char *const *ids, size_t count, struct error *err);
#endif
