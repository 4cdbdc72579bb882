#ifndef LIFECYCLE_PLAUSIBLE_H
#define LIFECYCLE_PLAUSIBLE_H
#include "lifecycle/run.h"

/* A list that lacks most of the servers that we are not ending is rather wrong than true, so no
 * record may be dropped because of it: -1 then, with what the operator can do. */
int plausible_list(struct activity *activity, const struct cloud_reply *list, struct error *err);
#endif
