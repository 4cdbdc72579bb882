/* Commits: all changes of a transaction become durable, or none. */
#include <errno.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "instance/status.h"
#include "store/layout.h"
#include "system/durable_file.h"

/* A change that waits for the commit. */
struct noted {
	char id[INSTANCE_ID_SIZE];
	char event[32];
	char detail[512];
	int64_t revision; /* that the record has with it */
	bool removed;
};

struct transaction {
	struct store *store;
	struct lock *lock;
	struct snapshot before, after;
	struct noted *noted;
	size_t noted_count;
	bool begins; /* it adds an instance */
};

/* The end of the history is read again only when its length is another than the one that we know. */
static int check_age(const struct transaction *transaction, struct error *err)
{
	struct store *store = transaction->store;
	struct file_facts facts;
	if (file_look(store->system, store->history_path, &facts, err) < 0)
		return -1;
	if (facts.size != store->end_size) {
		if (history_look_at_end(store->system, store->history_path, &store->end, err) < 0)
			return -1;
		store->end_size = facts.size;
		store->unsaved = true;
	}
	return history_check_age(&transaction->before, &store->end, store->directory, err);
}

int store_begin(struct store *store, struct transaction **ret, struct error *err)
{
	struct lock *lock = NULL;
	*ret = NULL;
	if (lock_try(store->system, store->lock_path, &lock, err) < 0)
		return -1;
	if (!lock)
		return 0;
	struct transaction *transaction = memory_new(sizeof(*transaction));
	transaction->store = store;
	transaction->lock = lock;
	/* Under the lock nobody else has a temporary file: what is there is a crash's. */
	if (directory_sweep_temporaries(store->system, store->directory, err) < 0 ||
	    store_read(store, &transaction->before, err) < 0 || check_age(transaction, err) < 0) {
		transaction_abort(transaction);
		return -1;
	}
	snapshot_copy(&transaction->after, &transaction->before);
	*ret = transaction;
	return 0;
}

int store_stays_locked(const struct store *store, int64_t waited_ms, struct error *err)
{
	char holder[64] = "a process that this one can't see";
	(void)lock_holder(store->system, store->lock_path, holder, sizeof(holder));
	return error_set(err, ERROR_STATE, 0,
			 "the state in '%s' has been locked for more than %lld s by %s, which holds '%s'; wait for it "
			 "or end it, then try again",
			 store->directory, (long long)(waited_ms / 1000), holder, store->lock_path);
}

struct snapshot *transaction_state(struct transaction *transaction)
{
	return &transaction->after;
}

struct record *transaction_find(struct transaction *transaction, const char *id)
{
	return snapshot_find(&transaction->after, id);
}

struct record *transaction_add(struct transaction *transaction, const struct record *record)
{
	struct snapshot *state = &transaction->after;
	transaction->begins = true;
	state->records = memory_grow(state->records, state->count + 1, sizeof(*state->records));
	record_copy(&state->records[state->count], record);
	return &state->records[state->count++];
}

static struct noted *note(struct transaction *transaction, struct record *record, const char *event, const char *detail)
{
	transaction->noted = memory_grow(transaction->noted, transaction->noted_count + 1, sizeof(*transaction->noted));
	struct noted *noted = &transaction->noted[transaction->noted_count++];
	*noted = (struct noted){ 0 };
	text_copy(noted->id, sizeof(noted->id), record->id);
	noted->revision = ++record->revision;
	text_copy(noted->event, sizeof(noted->event), event);
	text_copy(noted->detail, sizeof(noted->detail), detail);
	return noted;
}

void transaction_note(struct transaction *transaction, struct record *record, const char *event, const char *detail)
{
	note(transaction, record, event, detail);
}

void transaction_remove(struct transaction *transaction, struct record *record, const char *event)
{
	note(transaction, record, event, "")->removed = true;
}

static void drop_removed(struct transaction *transaction)
{
	struct snapshot *state = &transaction->after;
	for (size_t i = 0; i < transaction->noted_count; i++) {
		if (!transaction->noted[i].removed)
			continue;
		struct record *record = snapshot_find(state, transaction->noted[i].id);
		if (!record)
			continue;
		record_release(record);
		size_t index = (size_t)(record - state->records);
		state->count--;
		memmove(record, record + 1, (state->count - index) * sizeof(*record));
	}
}

/* What the commit writes: lines for the history, and the new state. */
struct writing {
	struct text lines;
	char *state;
};

static void prepare(struct transaction *transaction, int64_t now, struct writing *ret)
{
	text_init(&ret->lines, STATE_MAXIMUM);
	if (transaction->noted_count)
		transaction->after.commit++;
	for (size_t i = 0; i < transaction->noted_count; i++) {
		const struct noted *noted = &transaction->noted[i];
		struct record *after = snapshot_find(&transaction->after, noted->id);
		const struct record *before = snapshot_find(&transaction->before, noted->id);
		text_copy(after->status, sizeof(after->status), status_of(after, now));
		const struct history_line line = {
			.at = now,
			.revision = noted->revision,
			.commit = transaction->after.commit,
			.fleet = transaction->after.fleet.id,
			.event = noted->event,
			.detail = noted->detail,
		};
		AUTO_FREE char *written = history_format_line(before, after, &line);
		text_addf(&ret->lines, "%s\n", written);
	}
	drop_removed(transaction);
	ret->state = snapshot_format(&transaction->after);
}

/* All see a state whose directory was not synced, and a power cut takes it back. A line after that would be the
 * second that it lacks, which only an old copy does. Another sync would not do: a failed one lost what it was for. */
static int save_seen(struct store *store, struct error *err)
{
	if (!store->unsaved)
		return 0;
	if (file_replace(store->system, store->state_path, store->latest_bytes, store->latest_length, 0600, err) < 0)
		return -1;
	store->unsaved = false;
	return 0;
}

/* History first: a line whose state was never written is superseded by the next of its revision. */
static int write_all(struct store *store, const struct writing *writing, struct error *err)
{
	if (writing->lines.overflowed)
		return error_set(err, ERROR_STATE, EFBIG, "too many changes in one commit");
	if (writing->lines.length && (save_seen(store, err) < 0 ||
				      file_append_lines(store->system, store->history_path,
							text_string(&writing->lines), writing->lines.length, err) < 0))
		return -1;
	return file_replace(store->system, store->state_path, writing->state, strlen(writing->state), 0600, err);
}

static bool disk_is_full(const struct error *error)
{
	return error->errnum == ENOSPC || error->errnum == EDQUOT;
}

/* Begins nothing on a full disk, and brings to its end what is under way. */
static int write_with_reserve(struct transaction *transaction, const struct writing *writing, struct error *err)
{
	struct store *store = transaction->store;
	if (transaction->begins && reserve_ensure(store, strlen(writing->state), err) < 0)
		return -1;
	if (write_all(store, writing, err) == 0) {
		struct error ignored = ERROR_INIT; /* there will be a next commit to try it again */
		(void)reserve_ensure(store, strlen(writing->state), &ignored);
		return 0;
	}
	if (!disk_is_full(err) || transaction->begins || !reserve_give_up(store))
		return -1;
	return write_all(store, writing, err);
}

static void know_own_lines(const struct transaction *transaction)
{
	struct store *store = transaction->store;
	struct file_facts facts;
	struct error ignored = ERROR_INIT; /* then the next commit looks */
	if (!transaction->noted_count || file_look(store->system, store->history_path, &facts, &ignored) < 0)
		return;
	store->end_size = facts.size;
	store->end = (struct history_end){ .exists = true, .commit = transaction->after.commit };
	text_copy(store->end.fleet, sizeof(store->end.fleet), transaction->after.fleet.id);
}

int transaction_commit(struct transaction *transaction, int64_t now, struct error *err)
{
	struct writing writing;
	prepare(transaction, now, &writing);
	int result = write_with_reserve(transaction, &writing, err);
	if (result < 0)
		error_wrap(err, "cannot save the state in '%s'%s", transaction->store->directory,
			   disk_is_full(err) ? ", whose disk is full; free some room" : "");
	else {
		know_own_lines(transaction);
		store_remember(transaction->store, writing.state, strlen(writing.state), &transaction->after);
		writing.state = NULL;
	}
	text_release(&writing.lines);
	free(writing.state);
	transaction_abort(transaction);
	return result;
}

static void sweep_lease(void *data, const char *name)
{
	struct transaction *transaction = data;
	struct error ignored = ERROR_INIT;
	struct lock *lease;
	if (transaction_find(transaction, name) || store_lease(transaction->store, name, &lease, &ignored) < 0)
		return;
	if (lease) /* else somebody is at its end just now, and removes it */
		(void)lock_remove(lease, &ignored);
}

void transaction_sweep_leases(struct transaction *transaction)
{
	AUTO_FREE char *path = layout_path(transaction->store->directory, "locks");
	struct error ignored = ERROR_INIT;
	(void)directory_list(transaction->store->system, path, sweep_lease, transaction, &ignored);
}

void transaction_abort(struct transaction *transaction)
{
	if (!transaction)
		return;
	snapshot_release(&transaction->before);
	snapshot_release(&transaction->after);
	free(transaction->noted);
	lock_release(transaction->lock);
	free(transaction);
}
