#ifndef FLEET_DRIVER_H
#define FLEET_DRIVER_H
/* By which way Hetzner is asked: CCC_CLOUD. */
#include "base/text.h"
#include "cloud/cloud.h"
#include "fleet/settings.h"
#include "system/loop.h"

/* "hetzner": by ourselves, with HCLOUD_TOKEN. "hcloud": by the program of that name, whose context has the token; one
 * in the environment too is ERROR_USAGE, as nobody could say which project is meant. Caller: cloud_free(). */
int driver_open(struct loop *loop, const struct settings *settings, struct cloud **ret, struct error *err);

bool driver_is_hcloud(const struct settings *settings);

/* Of the program: where it is, which version it says it is, and the context that it uses. One that does not exist, for
 * which the program itself would take another, is an error. */
int driver_hcloud_context(struct loop *loop, const struct settings *settings, struct text *ret, struct error *err);
int driver_hcloud_version(struct loop *loop, const struct settings *settings, struct text *ret, struct error *err);
#endif
