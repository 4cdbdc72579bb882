/* The state directory: made, checked, opened, read. */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "store/layout.h"
#include "system/durable_file.h"

char *layout_path(const char *directory, const char *format, ...)
{
	struct text path;
	va_list args;
	text_init(&path, 4096);
	text_add_string(&path, directory);
	text_add_string(&path, "/");
	va_start(args, format);
	text_vaddf(&path, format, args);
	va_end(args);
	return text_take(&path);
}

static int make_folders(struct system *system, const char *directory, struct error *err)
{
	static const char *const names[] = { "keys", "locks", "instances" };
	if (directory_make(system, directory, 0700, err) < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
		AUTO_FREE char *path = layout_path(directory, "%s", names[i]);
		if (directory_make(system, path, 0700, err) < 0)
			return -1;
	}
	return 0;
}

static void count_name(void *data, const char *name)
{
	(void)name;
	++*(size_t *)data;
}

/* What a lost state left belongs to machines that may run: it is taken over, or nothing is begun beside it. */
static int check_remains(struct system *system, const char *directory, struct error *err)
{
	AUTO_FREE char *folders = layout_path(directory, "instances");
	AUTO_FREE char *history_path = layout_path(directory, "history.jsonl");
	struct history_end end;
	struct file_facts facts;
	size_t count = 0;
	if (history_look_at_end(system, history_path, &end, err) < 0 || file_look(system, folders, &facts, err) < 0 ||
	    (facts.exists && directory_list(system, folders, count_name, &count, err) < 0))
		return -1;
	if (!end.exists && !count)
		return 0;
	return error_set(err, ERROR_STATE, 0,
			 "'%s' has lost its instances.json, and %s of a fleet is left in it, whose machines may run: "
			 "put a copy of that file back, or rebuild it with 'ccc init --adopt --fleet %s' and then 'ccc "
			 "fsck --fix'%s; another fleet is made by 'ccc -C DIRECTORY init --another'",
			 directory, end.exists ? "the history" : "a folder", *end.fleet ? end.fleet : "ID",
			 *end.fleet ? ""
				    : " (the ID follows 'ccc-' in the name of its firewall: hcloud firewall list)");
}

/* A directory that is there for something else, as a home or '/', is not made a fleet's. */
int store_check_new(struct system *system, const char *directory, const char *adopted, struct error *err)
{
	struct file_facts facts;
	if (file_look(system, directory, &facts, err) < 0)
		return -1;
	if (facts.exists && facts.is_directory && (facts.mode & 077))
		return error_set(
			err, ERROR_STATE, 0,
			"'%s' is open to other users (mode %04o) and no state directory of ccc; name one that is "
			"not there yet, and 'ccc init' makes it",
			directory, (unsigned)facts.mode);
	return facts.exists && !adopted ? check_remains(system, directory, err) : 0;
}

int store_lock_init(struct system *system, const char *directory, struct lock **ret, struct error *err)
{
	AUTO_FREE char *path = layout_path(directory, "init.lock");
	if (make_folders(system, directory, err) < 0 || lock_try(system, path, ret, err) < 0)
		return -1;
	if (*ret)
		return 0;
	return error_set(err, ERROR_STATE, 0, "another 'ccc init' is at work in '%s'; wait until it is done",
			 directory);
}

int store_create(struct system *system, const char *directory, const char *fleet_id, int64_t anchor, int64_t now,
		 struct error *err)
{
	AUTO_FREE char *state_path = layout_path(directory, "instances.json");
	AUTO_FREE char *history_path = layout_path(directory, "history.jsonl");
	struct snapshot empty = { .fleet = { .created_at = now, .adopted_at = anchor ? now : 0, .anchor = anchor } };
	struct file_facts facts;
	struct history_end end;
	if (make_folders(system, directory, err) < 0 || file_look(system, state_path, &facts, err) < 0)
		return -1;
	if (facts.exists)
		return error_set(err, ERROR_STATE, 0, "'%s' exists already", state_path);
	text_copy(empty.fleet.id, sizeof(empty.fleet.id), fleet_id);
	if (history_look_at_end(system, history_path, &end, err) < 0)
		return -1;
	empty.commit = end.commit;
	if (history_check_age(&empty, &end, directory, err) < 0)
		return -1;
	AUTO_FREE char *content = snapshot_format(&empty);
	return file_replace(system, state_path, content, strlen(content), 0600, err);
}

/* P5, P7: a state that others can read or write is not ours alone any more. */
static int check_private(const char *path, const struct file_facts *facts, const char *mode, struct error *err)
{
	mode_t reading = facts->is_directory ? 0500 : 0400;
	if (facts->owner != geteuid())
		return error_set(err, ERROR_STATE, 0,
				 "'%s' belongs to user %u and you are user %u; run ccc as its owner", path,
				 (unsigned)facts->owner, (unsigned)geteuid());
	if (facts->mode & 077)
		return error_set(err, ERROR_STATE, 0, "'%s' is open to other users (mode %04o); run: chmod %s '%s'",
				 path, (unsigned)facts->mode, mode, path);
	if ((facts->mode & reading) != reading)
		return error_set(err, ERROR_STATE, 0, "'%s' is closed to its owner (mode %04o); run: chmod %s '%s'",
				 path, (unsigned)facts->mode, mode, path);
	return 0;
}

static int look_at_directory(struct system *system, const char *directory, struct file_facts *ret, struct error *err)
{
	if (file_look(system, directory, ret, err) < 0) {
		struct error cause = *err;
		return error_set(err, ERROR_STATE, 0,
				 "%s; run ccc as the user whose state it is, or name another directory with -C",
				 cause.message);
	}
	if (!ret->exists)
		return error_set(err, ERROR_STATE, 0,
				 "there is no state in '%s'; name its directory with -C or CCC_STATE_DIR, or run 'ccc "
				 "init' first: it makes one, or says how one that was lost comes back",
				 directory);
	if (!ret->is_directory)
		return error_set(
			err, ERROR_STATE, 0,
			"'%s' is no directory, and links are not followed; name the directory itself with -C or "
			"CCC_STATE_DIR",
			directory);
	return 0;
}

/* What is inside can't be seen: it may be anything. */
static int refuse_closed(const char *directory, const struct file_facts *facts, struct error *err)
{
	if (facts->owner != geteuid())
		return check_private(directory, facts, "0700", err);
	return error_set(err, ERROR_STATE, 0,
			 "'%s' is closed to its owner (mode %04o), so what it holds is not known; if it is ccc's state "
			 "directory, run: chmod 0700 '%s'",
			 directory, (unsigned)facts->mode, directory);
}

static int check_state_file(struct store *store, struct error *err)
{
	struct file_facts facts;
	if (file_look(store->system, store->state_path, &facts, err) < 0)
		return -1;
	if (!facts.exists && check_remains(store->system, store->directory, err) < 0)
		return -1;
	if (!facts.exists)
		return error_set(err, ERROR_STATE, 0,
				 "'%s' is no state directory of ccc: it has no instances.json; name one with -C or "
				 "CCC_STATE_DIR, or make one with 'ccc init'",
				 store->directory);
	if (!facts.is_regular)
		return error_set(err, ERROR_STATE, 0, "'%s' is not a regular file", store->state_path);
	if (facts.size > (int64_t)STATE_MAXIMUM)
		return error_set(err, ERROR_STATE, EFBIG, "'%s' has %lld bytes, more than any state that ccc writes",
				 store->state_path, (long long)facts.size);
	return check_private(store->state_path, &facts, "0600", err);
}

static struct store *store_new(struct system *system, const char *directory)
{
	struct store *store = memory_new(sizeof(*store));
	store->system = system;
	store->directory = memory_copy_string(directory);
	store->state_path = layout_path(directory, "instances.json");
	store->history_path = layout_path(directory, "history.jsonl");
	store->lock_path = layout_path(directory, "state.lock");
	store->reserve_path = layout_path(directory, "reserve");
	return store;
}

int store_open(struct system *system, const char *directory, struct store **ret, struct error *err)
{
	struct file_facts facts;
	if (look_at_directory(system, directory, &facts, err) < 0)
		return -1;
	struct store *store = store_new(system, directory);
	/* Only a directory that holds a state is to be closed to others. */
	int result = check_state_file(store, err);
	if (result == 0)
		result = check_private(directory, &facts, "0700", err);
	else if (err->errnum == EACCES)
		result = refuse_closed(directory, &facts, err);
	if (result < 0) {
		store_close(store);
		return -1;
	}
	*ret = store;
	return 0;
}

int store_open_history(struct system *system, const char *directory, struct store **ret, struct error *err)
{
	struct file_facts state, history, facts;
	AUTO_FREE char *state_path = layout_path(directory, "instances.json");
	AUTO_FREE char *history_path = layout_path(directory, "history.jsonl");
	struct error ignored = ERROR_INIT;
	if (file_look(system, state_path, &state, &ignored) < 0 ||
	    file_look(system, history_path, &history, &ignored) < 0 || state.exists || !history.exists)
		return store_open(system, directory, ret, err);
	if (look_at_directory(system, directory, &facts, err) < 0 || check_private(directory, &facts, "0700", err) < 0)
		return -1;
	*ret = store_new(system, directory);
	return 0;
}

void store_close(struct store *store)
{
	if (!store)
		return;
	free(store->directory);
	free(store->state_path);
	free(store->history_path);
	free(store->lock_path);
	free(store->reserve_path);
	free(store->latest_bytes);
	snapshot_release(&store->latest);
	free(store);
}

const char *store_directory(const struct store *store)
{
	return store->directory;
}

void store_remember(struct store *store, char *bytes, size_t length, struct snapshot *snapshot)
{
	free(store->latest_bytes);
	snapshot_release(&store->latest);
	store->latest_bytes = bytes;
	store->latest_length = length;
	store->latest = *snapshot;
	*snapshot = (struct snapshot){ 0 };
}

static bool is_latest(const struct store *store, const struct text *content)
{
	return store->latest_bytes && store->latest_length == content->length &&
	       memcmp(store->latest_bytes, text_string(content), content->length) == 0;
}

/* Names the way out, with the fleet's id when the history tells it. */
static int damaged(const struct store *store, struct error *err)
{
	struct error cause = *err, ignored = ERROR_INIT;
	struct history_end end = { 0 };
	(void)history_look_at_end(store->system, store->history_path, &end, &ignored);
	return error_set(
		err, ERROR_STATE, 0,
		"%s; nothing was changed: put a good copy in its place, or move it away and rebuild it with 'ccc "
		"init --adopt --fleet %s' and then 'ccc fsck --fix'",
		cause.message, *end.fleet ? end.fleet : "ID");
}

int store_read(struct store *store, struct snapshot *ret, struct error *err)
{
	struct snapshot snapshot;
	AUTO_TEXT struct text content = TEXT_INIT(STATE_MAXIMUM);
	if (check_state_file(store, err) < 0 || file_read(store->system, store->state_path, &content, err) < 0)
		return -1;
	if (is_latest(store, &content)) {
		snapshot_copy(ret, &store->latest);
		return 0;
	}
	if (snapshot_parse(text_string(&content), content.length, &snapshot, err) < 0) {
		error_wrap(err, "cannot use '%s'", store->state_path);
		return damaged(store, err);
	}
	size_t length = content.length;
	store_remember(store, text_take(&content), length, &snapshot);
	snapshot_copy(ret, &store->latest);
	return 0;
}

/* The history first: a state that is read after it lacks at most the one commit that is being written. */
int store_check_age(struct store *store, struct error *err)
{
	struct history_end end;
	struct snapshot state;
	if (history_look_at_end(store->system, store->history_path, &end, err) < 0 ||
	    store_read(store, &state, err) < 0)
		return -1;
	int result = history_check_age(&state, &end, store->directory, err);
	snapshot_release(&state);
	return result;
}

int store_lease(struct store *store, const char *id, struct lock **ret, struct error *err)
{
	AUTO_FREE char *path = layout_path(store->directory, "locks/%s", id);
	return lock_try(store->system, path, ret, err);
}

char *store_instance_path(const struct store *store, const char *id, const char *name)
{
	return layout_path(store->directory, *name ? "instances/%s/%s" : "instances/%s%s", id, name);
}

int store_make_instance_directory(struct store *store, const char *id, struct error *err)
{
	AUTO_FREE char *path = store_instance_path(store, id, "");
	return directory_make(store->system, path, 0700, err);
}
