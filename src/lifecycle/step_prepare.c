/*
 * prepare: the two host keys of an instance (P6). The bootstrap key is planted
 * through cloud-init and is as public as user data is, so it is only trusted until
 * the installed system answers with the lasting key, which travels over the pinned
 * connection. Private halves are removed as soon as the server has them.
 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "lifecycle/paths.h"
#include "lifecycle/run.h"
#include "programs/ssh_keygen.h"
#include "system/durable_file.h"

struct host_keys {
	char bootstrap[128], lasting[128];
};

static int read_public_key(struct activity *activity, const char *name, char *ret, size_t size, struct error *err)
{
	AUTO_FREE char *path = activity_path(activity, name);
	AUTO_TEXT struct text content = TEXT_INIT(4096);
	if (file_read(loop_system(activity_parts(activity)->loop), path, &content, err) < 0)
		return -1;
	/* "type base64 comment": the comment is ours and not kept */
	const char *line = text_string(&content);
	size_t type = strcspn(line, " ");
	size_t length = type + 1 + strcspn(line + type + (line[type] != '\0'), " \n");
	if (strncmp(line, "ssh-ed25519 ", 12) != 0 || length >= size)
		return error_set(err, ERROR_FAILED, 0, "'%s' holds no ed25519 key", path);
	memcpy(ret, line, length);
	ret[length] = '\0';
	return 0;
}

static int change_prepared(struct record *record, struct activity *activity, struct error *err)
{
	const struct host_keys *keys = activity->memory;
	(void)err;
	text_copy(record->bootstrap_host_key, sizeof(record->bootstrap_host_key), keys->bootstrap);
	text_copy(record->host_key, sizeof(record->host_key), keys->lasting);
	return 0;
}

/* ssh-keygen syncs nothing: what the record is about to name must survive a power cut. */
static int save_keys(struct activity *activity, struct error *err)
{
	static const char *const names[] = { PATH_BOOTSTRAP_KEY, PATH_BOOTSTRAP_KEY ".pub", PATH_HOST_KEY,
					     PATH_HOST_KEY ".pub" };
	for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
		AUTO_FREE char *path = activity_path(activity, names[i]);
		if (file_adopt(loop_system(activity_parts(activity)->loop), path, path, err) < 0)
			return -1;
	}
	return 0;
}

static void both_made(struct activity *activity)
{
	struct error error = ERROR_INIT;
	struct host_keys *keys = memory_new(sizeof(*keys));
	activity->memory = keys;
	if (save_keys(activity, &error) < 0 ||
	    read_public_key(activity, PATH_BOOTSTRAP_KEY ".pub", keys->bootstrap, sizeof(keys->bootstrap), &error) <
		    0 ||
	    read_public_key(activity, PATH_HOST_KEY ".pub", keys->lasting, sizeof(keys->lasting), &error) < 0)
		activity_fail(activity, &error);
	else
		activity_commit(activity, change_prepared, "prepared", "", NULL);
}

static void generate(struct activity *activity, const char *name,
		     void (*done)(struct activity *, const struct child_result *))
{
	AUTO_FREE char *path = activity_path(activity, name);
	AUTO_ARGUMENTS struct arguments argv = ARGUMENTS_INIT;
	ssh_keygen_generate(path, activity_record(activity)->server_name, &argv);
	activity_child(activity, &(struct activity_program){ .argv = &argv, .deadline_ms = 30000, .done = done });
}

static void lasting_made(struct activity *activity, const struct child_result *result)
{
	struct error error = ERROR_INIT;
	if (result->exit_status == 0) {
		both_made(activity);
		return;
	}
	child_error("ssh-keygen", result, &error);
	activity_fail(activity, &error);
}

static void bootstrap_made(struct activity *activity, const struct child_result *result)
{
	struct error error = ERROR_INIT;
	if (result->exit_status == 0) {
		generate(activity, PATH_HOST_KEY, lasting_made);
		return;
	}
	child_error("ssh-keygen", result, &error);
	activity_fail(activity, &error);
}

/* Keys that a crashed run left were never used: nothing is sent before they are recorded. */
static int make_folders(struct activity *activity, struct error *err)
{
	static const char *const folders[] = { PATH_EXTRA, PATH_EXTRA "/etc", PATH_EXTRA "/etc/ssh" };
	struct system *system = loop_system(activity_parts(activity)->loop);
	AUTO_FREE char *extra = activity_path(activity, PATH_EXTRA);
	AUTO_FREE char *key = activity_path(activity, PATH_BOOTSTRAP_KEY);
	AUTO_FREE char *public_key = activity_path(activity, PATH_BOOTSTRAP_KEY ".pub");
	if (store_make_instance_directory(activity_parts(activity)->store, activity_record(activity)->id, err) < 0 ||
	    directory_remove_tree(system, extra, err) < 0 || file_remove(system, key, err) < 0 ||
	    file_remove(system, public_key, err) < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_LENGTH(folders); i++) {
		AUTO_FREE char *path = activity_path(activity, folders[i]);
		if (directory_make(system, path, 0755, err) < 0)
			return -1;
	}
	return 0;
}

void step_prepare(struct activity *activity)
{
	struct error error = ERROR_INIT;
	if (make_folders(activity, &error) < 0)
		activity_fail(activity, &error);
	else
		generate(activity, PATH_BOOTSTRAP_KEY, bootstrap_made);
}
