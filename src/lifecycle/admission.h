#ifndef LIFECYCLE_ADMISSION_H
#define LIFECYCLE_ADMISSION_H
/*
 * The first transaction of an instance: a request that is acceptable becomes a
 * record, complete and durable, before anything is asked of anybody (P1).
 */
#include "store/store.h"
#include "system/loop.h"

struct admission {
	/* The request: e-mail, size, keys, locations, keep_on_failure. admission_commit() adds what makes it a
	 * record. The caller initialises and releases it. */
	struct record request;
	const char *reference; /* of the payment, or NULL */
	int64_t hours;
	int64_t max_servers; /* of the fleet; 0: no limit */

	/* What came of it: the same payment was counted for this instance already; else "" */
	char existing[INSTANCE_ID_SIZE];
	char counted_at[TIMESTAMP_SIZE]; /* and when */
	/* or the lease of the new record, taken before the record can be seen, so that no reaper gets in
	 * between. The caller's. */
	struct lock *lease;
};

/* ERROR_REFUSED: the user has a server already, the payment was used for one that is
 * gone, or the fleet has as many servers as it may have; ERROR_STATE: the fleet is not registered. Nothing was written
 * then. */
int admission_commit(struct loop *loop, struct store *store, struct admission *admission, struct error *err);

/* Asks the state the same questions and writes nothing; `existing` is filled, no lease is taken. */
int admission_check(struct loop *loop, struct store *store, struct admission *admission, struct error *err);
#endif
