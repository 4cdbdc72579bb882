#ifndef LIFECYCLE_ENDING_H
#define LIFECYCLE_ENDING_H
/* The operator's word that instances are to be gone: all of those named, or none
 * when one of them does not exist. The engine then brings them there. */
#include "store/store.h"
#include "system/loop.h"

int ending_commit(struct loop *loop, struct store *store, char *const *ids, size_t count, struct error *err);
#endif
