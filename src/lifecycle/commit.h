#ifndef LIFECYCLE_COMMIT_H
#define LIFECYCLE_COMMIT_H
/* One change to the state, for commands: waits for the state lock (so long at most,
 * turning the loop meanwhile), applies `change`, commits. Gives -1 with the
 * change's own error when that refuses; nothing is written then. */
#include "store/store.h"
#include "system/loop.h"

#define LOCK_PATIENCE_MS 30000 /* the engine's too */

typedef int commit_change_fn(struct transaction *transaction, void *data, struct error *err);

int commit_now(struct loop *loop, struct store *store, commit_change_fn *change, void *data, struct error *err);
#endif
