/*
 * build: the box with this instance's parameters, by nix-build, beside create and
 * boot. instance.json holds keys, id and an upper bound of the expiry; the true one
 * is written into the box once it is known (P4).
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "fleet/names.h"
#include "fleet/tools.h"
#include "lifecycle/paths.h"
#include "programs/nix_build.h"
#include "system/durable_file.h"

#define BUILD_MS         (55 * INT64_C(60000))
#define EXPIRY_ALLOWANCE (4 * 3600)

struct built {
	char system[256], disko[256];
	char keys[]; /* those of the user that were built in, as JSON */
};

static int change_built(struct record *record, struct activity *activity, struct error *err)
{
	const struct built *built = activity->memory;
	json_t *keys = json_parse(built->keys, strlen(built->keys), err);
	if (!keys)
		return -1;
	json_decref(record->box_ssh_keys);
	record->box_ssh_keys = keys;
	record->built_at = activity_now(activity);
	text_copy(record->system_path, sizeof(record->system_path), built->system);
	text_copy(record->disko_path, sizeof(record->disko_path), built->disko);
	return 0;
}

static void on_built(struct activity *activity, const struct child_result *result)
{
	struct error error = ERROR_INIT;
	struct built *built = activity->memory;
	if (result->exit_status != 0)
		child_error("nix-build", result, &error);
	else
		(void)nix_build_read_paths(result->output, built->system, sizeof(built->system), built->disko,
					   sizeof(built->disko), &error);
	if (error.kind != ERROR_NONE) {
		error_wrap(&error, "cannot build the box '%s'", activity_parts(activity)->settings->box);
		activity_fail(activity, &error);
		return;
	}
	activity_commit(activity, change_built, "built", built->system, NULL);
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
	/* A box of another making need not know what is not asked for. */
	if (activity_parts(activity)->settings->operator_confined)
		json_object_set_new(object, "operatorAccess", json_string("commands"));
	AUTO_FREE char *content = json_format(object, true);
	return file_replace(loop_system(activity_parts(activity)->loop), path, content, strlen(content), 0600, err);
}

/* What the box is built with now; the record may get other keys meanwhile. */
static void remember_keys(struct activity *activity)
{
	AUTO_FREE char *keys = json_format(activity_record(activity)->ssh_keys, false);
	size_t size = strlen(keys) + 1;
	struct built *built = memory_new(sizeof(*built) + size);
	memcpy(built->keys, keys, size);
	activity->memory = built;
}

void step_build(struct activity *activity)
{
	struct error error = ERROR_INIT;
	AUTO_FREE char *instance_file = activity_path(activity, PATH_INSTANCE_FILE);
	AUTO_FREE char *result = activity_path(activity, PATH_RESULT);
	AUTO_ARGUMENTS struct arguments argv = ARGUMENTS_INIT;
	if (tools_check_box(loop_system(activity_parts(activity)->loop), activity_parts(activity)->settings, &error) <
	    0) {
		activity_lacks(activity, &error);
		return;
	}
	if (write_instance_file(activity, instance_file, &error) < 0) {
		activity_fail(activity, &error);
		return;
	}
	remember_keys(activity);
	nix_build_command(activity_parts(activity)->settings->box, instance_file, result, &argv);
	activity_child(activity, &argv, NULL, BUILD_MS, NULL, on_built);
}
