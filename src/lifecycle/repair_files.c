#include "lifecycle/repair_files.h"

#include <stdbool.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "lifecycle/commit.h"
#include "lifecycle/paths.h"
#include "programs/ssh.h"
#include "system/durable_file.h"

/* The lease of an instance, and its record as of then: nobody else begins or ends it while it is held. */
struct hold {
	struct lock *lease;
	struct snapshot state;
	const struct record *record; /* or NULL */
};

static int take(struct store *store, const char *id, struct hold *ret, struct error *err)
{
	if (store_lease(store, id, &ret->lease, err) < 0)
		return -1;
	if (!ret->lease)
		return error_set(err, ERROR_STATE, 0, "instance '%s' is in the hands of another ccc", id);
	if (store_read(store, &ret->state, err) < 0) {
		lock_release(ret->lease);
		return -1;
	}
	ret->record = snapshot_find(&ret->state, id);
	return 0;
}

/* A lease file of no instance goes with the lease. */
static int give_back(struct hold *hold, struct error *err)
{
	bool of_instance = hold->record != NULL;
	snapshot_release(&hold->state);
	if (!of_instance)
		return lock_remove(hold->lease, err);
	lock_release(hold->lease);
	return 0;
}

int repair_known_hosts(struct loop *loop, struct store *store, const char *id, struct error *err)
{
	struct hold hold;
	struct error ignored = ERROR_INIT;
	AUTO_FREE char *path = store_instance_path(store, id, PATH_KNOWN_HOSTS);
	AUTO_TEXT struct text line = TEXT_INIT(4096);
	int result = 0;
	if (take(store, id, &hold, err) < 0)
		return -1;
	if (hold.record && *hold.record->host_key) {
		ssh_known_hosts_line(hold.record->server_name, hold.record->host_key, &line);
		result = store_make_instance_directory(store, id, err);
		if (result == 0)
			result = file_replace(loop_system(loop), path, text_string(&line), line.length, 0600, err);
	}
	(void)give_back(&hold, &ignored);
	return result;
}

int repair_remove_folder(struct loop *loop, struct store *store, const char *id, struct error *err)
{
	struct hold hold;
	AUTO_FREE char *path = store_instance_path(store, id, "");
	if (take(store, id, &hold, err) < 0)
		return -1;
	int result = hold.record ? 0 : directory_remove_tree(loop_system(loop), path, err);
	struct error ignored = ERROR_INIT;
	int given_back = give_back(&hold, result < 0 ? &ignored : err);
	return result < 0 ? result : given_back;
}

int repair_remove_lock(struct store *store, const char *id, struct error *err)
{
	struct hold hold;
	return take(store, id, &hold, err) < 0 ? -1 : give_back(&hold, err);
}

static int change_nothing(struct transaction *transaction, void *data, struct error *err)
{
	(void)transaction;
	(void)data;
	(void)err;
	return 0;
}

static int sweep_folder(struct loop *loop, struct store *store, const char *id, struct error *err)
{
	struct hold hold;
	struct error ignored = ERROR_INIT;
	AUTO_FREE char *path = store_instance_path(store, id, "");
	if (take(store, id, &hold, err) < 0)
		return -1;
	int result = directory_sweep_temporaries(loop_system(loop), path, err);
	(void)give_back(&hold, &ignored);
	return result;
}

/* Beside the state they are swept by every commit, under the state lock. */
int repair_sweep(struct loop *loop, struct store *store, const char *name, struct error *err)
{
	char id[256];
	if (sscanf(name, "instances/%255[^/]/", id) == 1)
		return sweep_folder(loop, store, id, err);
	return commit_now(loop, store, change_nothing, NULL, err);
}
