#ifndef LIFECYCLE_PARAMETERS_H
#define LIFECYCLE_PARAMETERS_H
/* What a box is to know of its instance: id, keys, an upper bound of the expiry; no e-mail. It is one object, in the
 * instance's file instance.json, which is built into the box or goes along in the server's user data. */
#include "base/text.h"
#include "lifecycle/run.h"

/* Writes instance.json as things are now. */
int parameters_write(struct activity *activity, struct error *err);

/* Gives the user data of the instance's server, with what instance.json says where the box takes it from there.
 * What is larger than a server takes is ERROR_REFUSED. The caller wipes ret, which holds the bootstrap host key. */
int parameters_user_data(struct activity *activity, bool takes_user_data, struct text *ret, struct error *err);
#endif
