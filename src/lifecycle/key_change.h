#ifndef LIFECYCLE_KEY_CHANGE_H
#define LIFECYCLE_KEY_CHANGE_H
/* The user's keys become others, all that was asked for at once or nothing. The record
 * is what counts: the box is told by the engine, now or, when it can't be reached, by a
 * later sweep. */
#include <stdbool.h>

#include "store/store.h"
#include "system/loop.h"

struct key_change {
	const char *id;
	const json_t *added;        /* "type base64" each; borrowed */
	const char *const *removed; /* fingerprints, NULL at the end; borrowed */
	/* What came of it: the box can be told now. Else it is not handed over yet or suspended, and told then. */
	bool tell;
};

/* ERROR_NOT_FOUND: no such instance, or it has no such key; ERROR_REFUSED: a key is there
 * already, none would be left, or the instance is at its end. */
int key_change_commit(struct loop *loop, struct store *store, struct key_change *change, struct error *err);
#endif
