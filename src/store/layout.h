#ifndef STORE_LAYOUT_H
#define STORE_LAYOUT_H
/* What the files of this folder share: the state directory's layout and formats. */
#include "store/store.h"

#define STATE_VERSION   1
#define STATE_MAXIMUM   ((size_t)64 << 20) /* bytes of instances.json that are read */
#define HISTORY_MAXIMUM ((size_t)1 << 30)

/* Which fleet's history it is and up to which commit: by its newest line that can be read. */
struct history_end {
	bool exists;               /* there is a history, */
	char fleet[FLEET_ID_SIZE]; /* "": but no line tells whose; an older ccc wrote it */
	int64_t commit;
};

struct store {
	struct system *system;
	char *directory;
	char *state_path, *history_path, *lock_path, *reserve_path;
	/* What was read or written last: the same bytes need not be understood again. */
	char *latest_bytes; /* NULL: nothing yet */
	size_t latest_length;
	struct snapshot latest;
	int64_t end_size; /* of the history of which `end` is known */
	struct history_end end;
	bool unsaved; /* the last commit was not ours: who made it may have died before its state was durable */
};

int snapshot_parse(const char *bytes, size_t length, struct snapshot *ret, struct error *err);
char *snapshot_format(const struct snapshot *snapshot); /* caller frees */

void snapshot_copy(struct snapshot *ret, const struct snapshot *snapshot); /* ret is released by the caller */

/* Keeps what was committed as the latest; both become the store's. */
void store_remember(struct store *store, char *bytes, size_t length, struct snapshot *snapshot);

char *layout_path(const char *directory, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Makes sure that the reserve is there and large enough for a state of that size. */
int reserve_ensure(struct store *store, size_t state_size, struct error *err);
/* Frees its room; false when there is none (any more). */
bool reserve_give_up(struct store *store);

/* The formatted line of history for a record that goes from `before` (NULL: new) to `after`; caller frees. The
 * line's instance and set are theirs. */
char *history_format_line(const struct record *before, const struct record *after, const struct history_line *line);

/* Looks at the newest line that can be read. */
int history_look_at_end(struct system *system, const char *path, struct history_end *ret, struct error *err);

/* ERROR_STATE with the way out when the state is of another fleet than this history, or older than it by more than
 * the one commit that a crash between the two leaves. */
int history_check_age(const struct snapshot *state, const struct history_end *end, const char *directory,
		      struct error *err);

/* store_history() on bytes. `state` tells what took effect; NULL: all of it. A last line without its newline is still
 * being written: it is left out. */
int history_parse(const char *bytes, size_t length, const char *id, const struct snapshot *state,
		  void (*each)(void *data, const struct history_line *line), void *data, struct error *err);
#endif
