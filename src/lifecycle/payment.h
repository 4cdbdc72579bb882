#ifndef LIFECYCLE_PAYMENT_H
#define LIFECYCLE_PAYMENT_H
/* Where in the fleet a payment was counted: it counts for one instance (P4). */
#include "store/store.h"

struct payment_use {
	char instance[INSTANCE_ID_SIZE]; /* "": for none */
	bool gone;                       /* that one is only in the history */
};

/* Looks through the records of `state`, then through the history for instances that are gone. One that was never
 * handed over bought nothing: its payment is still good. NULL is no reference and never found. */
int payment_find(struct store *store, const struct snapshot *state, const char *reference, struct payment_use *ret,
		 struct error *err);
#endif
