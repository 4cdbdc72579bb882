/*
 * evaluate: the box with this instance's parameters, by nix-instantiate, before anything
 * is paid for; `build` builds what came of it. instance.json holds keys, id and an upper
 * bound of the expiry; the true one is written into the box once it is known (P4).
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "fleet/names.h"
#include "fleet/tools.h"
#include "lifecycle/paths.h"
#include "programs/nix_error.h"
#include "programs/nix_instantiate.h"
#include "system/durable_file.h"

#define EVALUATE_MS      (15 * INT64_C(60000)) /* the first time it fetches nixpkgs */
#define EXPIRY_ALLOWANCE (4 * 3600)

struct evaluation {
	struct nix_error reason;
	char keys[]; /* those of the user that the box has then, as JSON */
};

static int change_evaluated(struct record *record, struct activity *activity, struct error *err)
{
	const struct evaluation *evaluation = activity->memory;
	json_t *keys = json_parse(evaluation->keys, strlen(evaluation->keys), err);
	if (!keys)
		return -1;
	json_decref(record->box_ssh_keys);
	record->box_ssh_keys = keys;
	record->evaluated_at = activity_now(activity);
	return 0;
}

static void on_line(void *data, const char *line)
{
	struct activity *activity = data;
	struct evaluation *evaluation = activity->memory;
	nix_error_line(&evaluation->reason, line);
}

static void on_evaluated(struct activity *activity, const struct child_result *result)
{
	const struct evaluation *evaluation = activity->memory;
	struct error error = ERROR_INIT;
	if (result->exit_status == 0) {
		activity_commit(activity, change_evaluated, "evaluated", "", NULL);
		return;
	}
	if (*evaluation->reason.text && result->exit_status > 0)
		error_set(&error, ERROR_FAILED, 0, "%s", evaluation->reason.text);
	else
		child_error("nix-instantiate", result, &error);
	error_wrap(&error, "the box '%s' can't be evaluated", activity_parts(activity)->settings->box);
	activity_fail(activity, &error);
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

/* What the box gets now; the record may get other keys meanwhile. */
static void remember_keys(struct activity *activity)
{
	AUTO_FREE char *keys = json_format(activity_record(activity)->ssh_keys, false);
	size_t size = strlen(keys) + 1;
	struct evaluation *evaluation = memory_new(sizeof(*evaluation) + size);
	memcpy(evaluation->keys, keys, size);
	activity->memory = evaluation;
}

void step_evaluate(struct activity *activity)
{
	struct error error = ERROR_INIT;
	const struct engine_parts *parts = activity_parts(activity);
	AUTO_FREE char *instance_file = activity_path(activity, PATH_INSTANCE_FILE);
	AUTO_FREE char *derivation = activity_path(activity, PATH_DERIVATION);
	AUTO_ARGUMENTS struct arguments argv = ARGUMENTS_INIT;
	if (tools_check_box(loop_system(parts->loop), parts->settings, &error) < 0) {
		activity_lacks(activity, &error);
		return;
	}
	if (write_instance_file(activity, instance_file, &error) < 0) {
		activity_fail(activity, &error);
		return;
	}
	remember_keys(activity);
	nix_instantiate_command(parts->settings->box, instance_file, derivation, &argv);
	activity_child(activity, &argv, NULL, EVALUATE_MS, on_line, on_evaluated);
}
