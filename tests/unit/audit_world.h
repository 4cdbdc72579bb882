#ifndef TESTS_AUDIT_WORLD_H
#define TESTS_AUDIT_WORLD_H
/*
 * A fleet in order: instance abc123 runs on server 42, the history says the same, and
 * somebody else's server 7 is in the project too. Tests change one thing of it.
 */
#include "audit/audit.h"

#define FLEET "0123abcd"
#define NOW   INT64_C(1800000000)
#define NONCE "00112233445566778899aabbccddeeff"

struct audit_world {
	struct record records[4], earlier[4]; /* the state after and before the look */
	size_t record_count, earlier_count;
	struct past past;
	struct observed observed;
	struct audit_input input;
	struct findings findings;
	struct foreign foreign;
};

/* One change, and what must be found then. */
struct audit_case {
	const char *name;
	void (*change)(struct audit_world *world); /* NULL: none */
	const char *found;                         /* all kinds, in the order of the table */
	long long monthly;                         /* of the first, in millionths */
	enum fix fix;                              /* of the first */
	const char *says;                          /* in its detail or advice; NULL: whatever */
};

/* Runs the cases, and makes sure that each kind of [first, end) was found in one. */
void audit_world_check(const struct audit_case *cases, size_t count, enum finding_kind first, enum finding_kind end);

void audit_world_open(struct audit_world *world);
void audit_world_close(struct audit_world *world);

/* Compares, and gives the names of the kinds found, by blanks. */
const char *audit_world_compare(struct audit_world *world);

/* Both readings of the state change alike, and the history is told of it. */
void audit_world_change(struct audit_world *world, void (*change)(struct record *record));
void audit_world_forget(struct audit_world *world); /* the instance ended: only the history knows it */

/* A line of the history that leaves the record as it is. */
void audit_world_tell(struct audit_world *world, const struct record *record, const char *event);

struct cloud_server *audit_world_server(struct audit_world *world, int64_t id);     /* aborts when it is not there */
struct cloud_server *audit_world_add_server(struct audit_world *world, int64_t id); /* a copy of 42 with another id */
void audit_world_drop_server(struct audit_world *world, int64_t id, enum presence look);
/* Firewall 10 is there, cuts off, and is the only one that the server has. */
void audit_world_isolate(struct audit_world *world, int64_t id);
struct record *audit_world_add_record(struct audit_world *world, const char *id); /* to both readings, not told */
#endif
