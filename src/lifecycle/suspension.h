#ifndef LIFECYCLE_SUSPENSION_H
#define LIFECYCLE_SUSPENSION_H
/*
 * A machine is cut off from the network and kept as it is, or given back. The record says
 * what is wanted, the engine brings it about and sees it. Paid time goes on meanwhile.
 */
#include "store/store.h"
#include "system/loop.h"

struct suspension {
	const char *id;
	const char *reason; /* for people, or NULL */
};

/* Doing it again changes the reason alone. ERROR_REFUSED: it was not handed over, or is at its end. */
int suspension_begin(struct loop *loop, struct store *store, const struct suspension *suspension, struct error *err);

/* Doing it again is fine until the network was seen to be as usual. ERROR_REFUSED: it is not suspended, or adopted
 * and not accepted. */
int suspension_end(struct loop *loop, struct store *store, const char *id, struct error *err);
#endif
