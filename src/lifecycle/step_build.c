/*
 * build: the box with this instance's parameters, by nix-build, beside create and
 * boot. instance.json holds keys, id and an upper bound of the expiry; the true one
 * is written into the box once it is known (P4).
 */
#include <stdlib.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "fleet/names.h"
#include "lifecycle/paths.h"
#include "programs/nix_build.h"
#include "system/durable_file.h"

#define BUILD_MS         (55 * INT64_C(60000))
#define EXPIRY_ALLOWANCE (4 * 3600)

struct built_paths {
	char system[256], disko[256];
};

static int change_built(struct record *record, struct activity *activity, struct error *err)
{
	const struct built_paths *paths = activity->memory;
	(void)err;
	record->built_at = activity_now(activity);
	text_copy(record->system_path, sizeof(record->system_path), paths->system);
	text_copy(record->disko_path, sizeof(record->disko_path), paths->disko);
	return 0;
}

static void on_built(struct activity *activity, const struct child_result *result)
{
	struct error error = ERROR_INIT;
	struct built_paths *paths = memory_new(sizeof(*paths));
	activity->memory = paths;
	if (result->exit_status != 0)
		child_error("nix-build", result, &error);
	else
		(void)nix_build_read_paths(result->output, paths->system, sizeof(paths->system), paths->disko,
					   sizeof(paths->disko), &error);
	if (error.kind != ERROR_NONE) {
		error_wrap(&error, "cannot build the box '%s'", activity_parts(activity)->settings->box);
		activity_fail(activity, &error);
		return;
	}
	activity_commit(activity, change_built, "built", paths->system, NULL);
}

static json_t *operator_keys(struct activity *activity, struct error *err)
{
	AUTO_FREE char *path = fleet_operator_public_key_path(activity_parts(activity)->store);
	AUTO_TEXT struct text line;
	text_init(&line, 4096);
	if (file_read(loop_system(activity_parts(activity)->loop), path, &line, err) < 0)
		return NULL;
	const char *key = text_string(&line);
	const char *blob = strchr(key, ' ');
	size_t length = blob ? (size_t)(blob - key) + 1 + strcspn(blob + 1, " \n") : strlen(key);
	json_t *keys = json_array();
	json_array_append_new(keys, json_stringn(key, length));
	return keys;
}

static int write_instance_file(struct activity *activity, const char *path, struct error *err)
{
	const struct record *record = activity_record(activity);
	json_t *keys = operator_keys(activity, err);
	if (!keys)
		return -1;
	AUTO_JSON json_t *object = json_object();
	json_object_set_new(object, "instanceId", json_string(record->id));
	json_object_set_new(object, "expiresAt",
			    json_integer(record->created_at + record->paid_seconds + EXPIRY_ALLOWANCE));
	json_object_set(object, "sshKeys", record->ssh_keys);
	json_object_set_new(object, "operatorKeys", keys);
	AUTO_FREE char *content = json_format(object, true);
	return file_replace(loop_system(activity_parts(activity)->loop), path, content, strlen(content), 0600, err);
}

void step_build(struct activity *activity)
{
	struct error error = ERROR_INIT;
	AUTO_FREE char *instance_file = activity_path(activity, PATH_INSTANCE_FILE);
	AUTO_FREE char *result = activity_path(activity, PATH_RESULT);
	AUTO_ARGUMENTS struct arguments argv = ARGUMENTS_INIT;
	if (write_instance_file(activity, instance_file, &error) < 0) {
		activity_fail(activity, &error);
		return;
	}
	nix_build_command(activity_parts(activity)->settings->box, instance_file, result, &argv);
	activity_child(activity, &argv, NULL, BUILD_MS, NULL, on_built);
}
