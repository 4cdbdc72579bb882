#ifndef LIFECYCLE_REPAIR_FILES_H
#define LIFECYCLE_REPAIR_FILES_H
/* Files of the state directory that are missing or left over. Each is touched only while what
 * it is written under is held; what somebody else holds is left to them (ERROR_STATE). */
#include "store/store.h"
#include "system/loop.h"

int repair_known_hosts(struct loop *loop, struct store *store, const char *id, struct error *err);
int repair_remove_folder(struct loop *loop, struct store *store, const char *id, struct error *err);
int repair_remove_lock(struct store *store, const char *id, struct error *err);
int repair_sweep(struct loop *loop, struct store *store, const char *name, struct error *err); /* a temporary file */
#endif
