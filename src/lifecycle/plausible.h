#ifndef LIFECYCLE_PLAUSIBLE_H
#define LIFECYCLE_PLAUSIBLE_H
#include "lifecycle/run.h"

/* A list that lacks most of the servers that we are not ending is rather wrong than true, so no
 * record may be dropped because of it: -1 then, with what the operator can do. */
int plausible_list(struct activity *activity, const struct cloud_reply *list, struct error *err);

/* P8: -1 when this machine's clock is further from Hetzner's than is tolerated; `offset` in seconds, positive
 * when ours is ahead. */
int plausible_clock(int64_t offset, struct error *err);
#endif
