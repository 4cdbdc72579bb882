#ifndef AUDIT_LEFTOVERS_H
#define AUDIT_LEFTOVERS_H
/* What a life that is over left in the project: a pure comparison of a look before it and one after it. */
#include "audit/observed.h"
#include "instance/record.h"

enum leftover_kind { LEFTOVER_SERVER, LEFTOVER_PRIMARY_IP, LEFTOVER_SSH_KEY, LEFTOVER_FIREWALL, LEFTOVER_SNAPSHOT };
#define LEFTOVER_KINDS 5
extern const char *const leftover_names[LEFTOVER_KINDS]; /* "servers", ... */

typedef void leftover_fn(void *data, const char *what);

/* Says what there is of that kind after it and was not before it, and belongs to the instance or to nobody whom
 * one could name: a server with its id, name or label, an address that it had or that no server has, any key and
 * snapshot, any firewall but the one given (0: none), by which the fleet cuts machines off and that may come at
 * any time. Servers of others, and their addresses, come and go meanwhile. Gives how many things of that kind
 * there are after it. */
size_t leftovers_find(enum leftover_kind kind, const struct record *record, int64_t isolation,
		      const struct observed *before, const struct observed *after, leftover_fn *fn, void *data);
#endif
