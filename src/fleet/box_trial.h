#ifndef FLEET_BOX_TRIAL_H
#define FLEET_BOX_TRIAL_H
#include "fleet/settings.h"
#include "system/loop.h"

/* Builds the box for an instance that is none, as `provision` would, and gives how long it took. What was
 * built stays in the Nix store until garbage is collected there; nothing else is left. */
int box_trial(struct loop *loop, const struct settings *settings, int64_t *ret_ms, struct error *err);
#endif
