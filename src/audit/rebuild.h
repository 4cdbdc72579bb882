#ifndef AUDIT_REBUILD_H
#define AUDIT_REBUILD_H
/* Records that come back. What they rest on was judged by audit.h; the caller releases them. */
#include "audit/past.h"
#include "cloud/cloud.h"

/* Which server a record is of, and where it answers: its id, addresses and the ids of those. */
void rebuild_address(const struct cloud_server *server, struct record *record);
/* The same, and what was ordered: its type and location. */
void rebuild_server(const struct cloud_server *server, struct record *record);

/* Of a server that neither state nor history knows, from its labels: an adopted one. `earlier` is the newest
 * life of the same id, or NULL: its lines stay apart from the new ones by their revision. One that is `cut_off`
 * was suspended, and stays so. */
void rebuild_adopted(const struct cloud_server *server, const struct life *earlier, bool cut_off, int64_t now,
		     struct record *ret);

/* Of a server that should be gone: the record of its life, with the goal gone and nothing done for it yet, so that
 * the engine decides, deletes and proves all over. */
int rebuild_leaked(const struct life *life, const struct cloud_server *server, struct record *ret, struct error *err);
#endif
