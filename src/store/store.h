#ifndef STORE_STORE_H
#define STORE_STORE_H
/*
 * The state: what lives now, and every transition that led there.
 *
 * Readers take a snapshot without any lock (files are replaced whole). Writers
 * hold the state lock from store_begin() to commit or abort, see what was
 * committed last, and either all of their changes become durable or none:
 *
 *     store_begin -> transaction_find / _add / _note / _remove -> transaction_commit
 *
 * Errors are of kind ERROR_STATE; a failed begin or commit changed nothing.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "instance/history_line.h"
#include "instance/record.h"
#include "system/lock.h"
#include "system/system.h"

#define FLEET_ID_SIZE 9 /* eight hex digits */

bool fleet_id_is_valid(const char *id);

/* What all instances share. `anchor` is the shared firewall: seeing it proves
 * that the token belongs to this fleet's project (P3). */
struct fleet_identity {
	char id[FLEET_ID_SIZE];
	int64_t created_at;
	int64_t adopted_at;           /* when 'init --adopt' made this state, and no 'fsck --fix' compared it since */
	int64_t anchor;               /* id of the firewall; 0 until registered */
	int64_t ssh_key;              /* id of the operator's key; 0 until registered */
	char ssh_key_fingerprint[64]; /* MD5, as Hetzner says it */
	int64_t sweep_began_at;       /* when the last sweep of `reap` began, */
	int64_t swept_at;             /* and the last one that came to its end */
	int64_t isolation;            /* id of the firewall that cuts machines off; 0 until one was */
	int64_t rate_limit;           /* requests an hour, 0 until known, */
	int64_t rate_remaining;       /* and what was left of them */
	int64_t rate_seen_at;         /* at the end of a sweep that asked Hetzner */
};

struct snapshot {
	struct fleet_identity fleet;
	int64_t commit;         /* how many commits with lines of history led here */
	struct record *records; /* by id */
	size_t count;
	json_t *unknown;       /* members of other versions beside ours */
	json_t *fleet_unknown; /* and in "fleet" */
};

struct store;
struct transaction;

/* Whether a state may be made there, changing nothing: what is there and open to others is something else's, and what a
 * lost state left (history, folders of instances) is refused unless a fleet is `adopted` (else NULL). */
int store_check_new(struct system *system, const char *directory, const char *adopted, struct error *err);

/* Makes the directory (0700) and takes the lock by which one init at a time makes a fleet of it; held by another
 * it is ERROR_STATE. Given back by lock_release(). */
int store_lock_init(struct system *system, const char *directory, struct lock **ret, struct error *err);

/* Makes the directory (0700) and an empty state with this fleet id. `anchor` is the firewall of a fleet that exists, so
 * that no later `init` makes one elsewhere; 0: it is a new fleet. An existing state is an error, and so is another
 * fleet's history. */
int store_create(struct system *system, const char *directory, const char *fleet_id, int64_t anchor, int64_t now,
		 struct error *err);

/* Opens a directory that store_create() made; anything else is refused with the
 * way out: not initialised, a state open to others, another owner. */
int store_open(struct system *system, const char *directory, struct store **ret, struct error *err);
/* As store_open(), but also where the history is there and instances.json is lost: all that reads the state is
 * refused then. */
int store_open_history(struct system *system, const char *directory, struct store **ret, struct error *err);
void store_close(struct store *store); /* NULL is fine */
const char *store_directory(const struct store *store);

int store_read(struct store *store, struct snapshot *ret, struct error *err);
void snapshot_release(struct snapshot *snapshot);

/* ERROR_STATE with the way out when the state is an old copy: its history tells of commits that it lacks. Who only
 * shows it warns; nothing is written on it (see store_begin). */
int store_check_age(struct store *store, struct error *err);
struct record *snapshot_find(const struct snapshot *snapshot, const char *id); /* NULL: not there */

/* The lease of an instance: who holds it may act on it. 0 and *ret == NULL: another
 * process does. Given back by lock_release(), or lock_remove() once the record is gone. */
int store_lease(struct store *store, const char *id, struct lock **ret, struct error *err);

/* Path of a file below instances/<id>/; `name` may be "" for the folder. Caller frees. */
char *store_instance_path(const struct store *store, const char *id, const char *name);
int store_make_instance_directory(struct store *store, const char *id, struct error *err);

/* Takes the state lock without waiting: *ret == NULL when another process has it. A state that its history shows
 * to be an old copy is refused: what was paid since would be lost (P4). */
int store_begin(struct store *store, struct transaction **ret, struct error *err);

/* The error of who waited so long for it in vain: names the lock, and its holder where that is known. Gives -1. */
int store_stays_locked(const struct store *store, int64_t waited_ms, struct error *err);

struct snapshot *transaction_state(struct transaction *transaction); /* as committed last, with our changes */
struct record *transaction_find(struct transaction *transaction, const char *id);

/* Adds a copy of the record. Its id must be new. */
struct record *transaction_add(struct transaction *transaction, const struct record *record);

/* Says that the record was changed: its revision goes up and a line with this
 * event and what changed goes to the history. `detail` may be "". */
void transaction_note(struct transaction *transaction, struct record *record, const char *event, const char *detail);

/* Takes the record out of the state; its last line stays in the history. */
void transaction_remove(struct transaction *transaction, struct record *record, const char *event);

/* Removes lease files of instances that are not in the state: a crash between the two
 * leaves them. They are harmless, so what can't be removed stays. */
void transaction_sweep_leases(struct transaction *transaction);

/* History first, then the state; both are durable when it gives 0. `now` stamps
 * the lines and the derived status. The transaction is freed in any case. */
int transaction_commit(struct transaction *transaction, int64_t now, struct error *err);
void transaction_abort(struct transaction *transaction); /* NULL is fine */

/* Calls `each` for every line that took effect, oldest first: what a crashed commit left
 * is dropped. With `id`, only for those of one instance. */
int store_history(struct store *store, const char *id, void (*each)(void *data, const struct history_line *line),
		  void *data, struct error *err);

/* Also what the state does not know, or not any more: for comparing the two. */
int store_whole_history(struct store *store, void (*each)(void *data, const struct history_line *line), void *data,
			struct error *err);
#endif
