#ifndef FLEET_ANCHOR_H
#define FLEET_ANCHOR_H
#include "cloud/cloud.h"
#include "store/store.h"
#include "system/loop.h"

/* Judges the answer to a look at the anchor: 0 only when it was seen, by recorded
 * id and fleet label, so that the token is one of this fleet's project. Otherwise
 * the error says whether the token is another project's or nothing could be told. */
int anchor_check(const struct fleet_identity *fleet, const struct cloud_reply *reply, struct error *err);

/* ERROR_REMOTE: this firewall, by id or name, is there without the fleet's labels, and what puts them back. */
int anchor_lacks_labels(const char *firewall, const char *fleet, struct error *err);

/* Looks at it, turning the loop meanwhile, and judges the answer. */
int anchor_look(struct loop *loop, struct cloud *cloud, const struct fleet_identity *fleet, struct error *err);
#endif
