#ifndef LIFECYCLE_EXTENSION_H
#define LIFECYCLE_EXTENSION_H
/* Paid time is added to what is left, never to now while time is left; after the
 * point of no return it is refused rather than taken and lost (P4). */
#include <stdbool.h>

#include "store/store.h"
#include "system/loop.h"

struct extension {
	const char *id;
	const char *reference; /* of the payment, or NULL; the same one counts once, for one instance of the fleet */
	int64_t hours;
	/* What came of it: */
	bool counted_before;             /* this payment was, so nothing was added, */
	char counted_at[TIMESTAMP_SIZE]; /* and when that was */
	/* Filled when the history can't be read: then a payment that was used for an instance that is gone is not
	 * known, and is counted. Time that was paid and refused would end a machine. */
	struct error unsearched;
	bool handed_over; /* the clock runs: the box is to be told the new expiry */
};

/* What the commit would refuse, changing nothing. */
int extension_check(struct store *store, struct extension *extension, struct error *err);
int extension_commit(struct loop *loop, struct store *store, struct extension *extension, struct error *err);
#endif
