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
};

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
	    store_read(store, &transaction->before, err) < 0 || store_read(store, &transaction->after, err) < 0) {
		transaction_abort(transaction);
		return -1;
	}
	*ret = transaction;
	return 0;
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

static int append_history(struct transaction *transaction, int64_t now, struct error *err)
{
	AUTO_TEXT struct text lines;
	text_init(&lines, STATE_MAXIMUM);
	for (size_t i = 0; i < transaction->noted_count; i++) {
		const struct noted *noted = &transaction->noted[i];
		const struct record *after = snapshot_find(&transaction->after, noted->id);
		const struct record *before = snapshot_find(&transaction->before, noted->id);
		AUTO_FREE char *line =
			history_format_line(before, after, noted->event, noted->detail, noted->revision, now);
		text_addf(&lines, "%s\n", line);
	}
	if (!lines.length)
		return 0;
	if (lines.overflowed)
		return error_set(err, ERROR_STATE, EFBIG, "too many changes in one commit");
	return file_append_lines(transaction->store->system, transaction->store->history_path, text_string(&lines),
				 lines.length, err);
}

static int write_state(struct transaction *transaction, struct error *err)
{
	AUTO_FREE char *content = snapshot_format(&transaction->after);
	return file_replace(transaction->store->system, transaction->store->state_path, content, strlen(content), 0600,
			    err);
}

int transaction_commit(struct transaction *transaction, int64_t now, struct error *err)
{
	for (size_t i = 0; i < transaction->noted_count; i++) {
		struct record *record = snapshot_find(&transaction->after, transaction->noted[i].id);
		text_copy(record->status, sizeof(record->status), status_of(record, now));
	}
	int result = append_history(transaction, now, err);
	if (result == 0) {
		drop_removed(transaction);
		result = write_state(transaction, err);
	}
	if (result < 0)
		error_wrap(err, "cannot save the state in '%s'", transaction->store->directory);
	transaction_abort(transaction);
	return result;
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
