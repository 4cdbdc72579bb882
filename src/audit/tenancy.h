#ifndef AUDIT_TENANCY_H
#define AUDIT_TENANCY_H
/* Whose machine had an address, and when, from the history: for ever, whatever became of the machine. */
#include "audit/past.h"

struct tenancy {
	const struct life *life; /* borrowed from the past */
	int64_t from;            /* when the server was asked for: it can't be older */
	int64_t until;           /* when its delete was confirmed: it can't be younger; 0: not yet */
};

/* Those who had `address` (IPv4, or any IPv6 address inside the /64 of a machine), oldest first;
 * with `at` >= 0 only those who may have had it then. ERROR_REFUSED: it is no address. The caller frees *ret. */
int tenancy_list(const struct past *past, const char *address, int64_t at, struct tenancy **ret, size_t *ret_count,
		 struct error *err);
#endif
