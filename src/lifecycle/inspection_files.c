/* What lies in the state directory. */
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "fleet/names.h"
#include "fleet/registration.h"
#include "lifecycle/inspection.h"
#include "lifecycle/paths.h"
#include "system/durable_file.h"

#define TEMPORARY_SUFFIX ".tmp"

struct listing {
	struct arguments *names;
	const char *folder; /* put before the names, with a '/'; "" for none */
	bool temporaries;   /* only those */
};

static bool is_temporary(const char *name)
{
	size_t length = strlen(name), suffix = strlen(TEMPORARY_SUFFIX);
	return name[0] == '.' && length > suffix && strcmp(name + length - suffix, TEMPORARY_SUFFIX) == 0;
}

static void take(void *data, const char *name)
{
	struct listing *listing = data;
	if (listing->temporaries && !is_temporary(name))
		return;
	arguments_addf(listing->names, "%s%s%s", listing->folder, *listing->folder ? "/" : "", name);
}

static char *below(const struct store *store, const char *folder)
{
	struct text path;
	text_init(&path, 4200);
	text_addf(&path, "%s/%s", store_directory(store), folder);
	return text_take(&path);
}

static int list(struct system *system, const struct store *store, const char *folder, struct listing *listing,
		struct error *err)
{
	AUTO_FREE char *path = below(store, folder);
	return directory_list(system, path, take, listing, err);
}

/* A folder that goes while we look is in nobody's way. */
static void look_into(struct system *system, const struct store *store, const char *id, struct observed_files *ret)
{
	AUTO_FREE char *known_hosts = store_instance_path(store, id, PATH_KNOWN_HOSTS);
	struct error ignored = ERROR_INIT;
	char folder[300];
	snprintf(folder, sizeof(folder), "instances/%.255s", id);
	struct listing temporaries = { &ret->temporaries, folder, true };
	if (file_is_there(system, known_hosts))
		arguments_add(&ret->pinned, id);
	(void)list(system, store, folder, &temporaries, &ignored);
}

static int look_for(struct system *system, const char *path, bool *ret, struct error *err)
{
	struct file_facts facts;
	if (file_look(system, path, &facts, err) < 0)
		return -1;
	*ret = facts.exists;
	return 0;
}

int inspection_list_files(struct system *system, const struct store *store, struct observed_files *ret,
			  struct error *err)
{
	struct listing folders = { &ret->folders, "", false }, locks = { &ret->locks, "", false };
	struct listing temporaries = { &ret->temporaries, "", true };
	if (list(system, store, "instances", &folders, err) < 0 || list(system, store, "locks", &locks, err) < 0 ||
	    list(system, store, "", &temporaries, err) < 0)
		return -1;
	for (size_t i = 0; i < ret->folders.count; i++)
		look_into(system, store, ret->folders.items[i], ret);
	AUTO_FREE char *key = fleet_operator_key_path(store);
	AUTO_FREE char *public_key = fleet_operator_public_key_path(store);
	struct error unread = ERROR_INIT;
	if (look_for(system, key, &ret->operator_key, err) < 0 ||
	    look_for(system, public_key, &ret->operator_public_key, err) < 0)
		return -1;
	if (ret->operator_public_key)
		(void)registration_read_key(system, store, ret->operator_print, &unread);
	return 0;
}

static bool has(const struct arguments *names, const char *name)
{
	for (size_t i = 0; i < names->count; i++)
		if (strcmp(names->items[i], name) == 0)
			return true;
	return false;
}

static void keep_common(struct arguments *names, const struct arguments *before)
{
	struct arguments common = ARGUMENTS_INIT;
	for (size_t i = 0; i < names->count; i++)
		if (has(before, names->items[i]))
			arguments_add(&common, names->items[i]);
	arguments_release(names);
	*names = common;
}

void inspection_keep_common(struct observed_files *files, const struct observed_files *before)
{
	keep_common(&files->folders, &before->folders);
	keep_common(&files->locks, &before->locks);
	keep_common(&files->temporaries, &before->temporaries);
}
