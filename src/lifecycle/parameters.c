#include "lifecycle/parameters.h"

#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "fleet/names.h"
#include "lifecycle/paths.h"
#include "lifecycle/user_data.h"
#include "system/durable_file.h"

#define EXPIRY_ALLOWANCE (4 * 3600)

static json_t *operator_keys(struct activity *activity, struct error *err)
{
	AUTO_FREE char *path = fleet_operator_public_key_path(activity_parts(activity)->store);
	AUTO_TEXT struct text line = TEXT_INIT(4096);
	if (file_read(loop_system(activity_parts(activity)->loop), path, &line, err) < 0)
		return NULL;
	const char *key = text_string(&line);
	const char *blob = strchr(key, ' ');
	size_t length = blob ? (size_t)(blob - key) + 1 + strcspn(blob + 1, " \n") : strlen(key);
	json_t *keys = json_array();
	json_array_append_new(keys, json_stringn(key, length));
	return keys;
}

int parameters_write(struct activity *activity, struct error *err)
{
	const struct record *record = activity_record(activity);
	AUTO_FREE char *path = activity_path(activity, PATH_INSTANCE_FILE);
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
	if (activity_parts(activity)->settings->operator_access == OPERATOR_COMMANDS)
		json_object_set_new(object, "operatorAccess", json_string("commands"));
	AUTO_FREE char *content = json_format(object, true);
	return file_replace(loop_system(activity_parts(activity)->loop), path, content, strlen(content), 0600, err);
}

/* As they were evaluated: what changed since is told to the box when it runs. */
static json_t *read_parameters(struct activity *activity, struct error *err)
{
	AUTO_FREE char *path = activity_path(activity, PATH_INSTANCE_FILE);
	AUTO_TEXT struct text content = TEXT_INIT((size_t)1 << 20);
	if (file_read(loop_system(activity_parts(activity)->loop), path, &content, err) < 0)
		return NULL;
	json_t *object = json_parse(text_string(&content), content.length, err);
	if (!object)
		error_wrap(err, "'%s'", path);
	return object;
}

int parameters_user_data(struct activity *activity, bool takes_user_data, struct text *ret, struct error *err)
{
	const struct record *record = activity_record(activity);
	AUTO_FREE char *path = activity_path(activity, PATH_BOOTSTRAP_KEY);
	AUTO_JSON json_t *parameters =
		takes_user_data ? read_parameters(activity, err) : json_pack("{s:s}", "instanceId", record->id);
	AUTO_TEXT struct text key = TEXT_INIT(16384);
	if (!parameters || file_read(loop_system(activity_parts(activity)->loop), path, &key, err) < 0)
		return -1;
	int result = user_data_compose(&key, record->bootstrap_host_key, parameters, ret, err);
	memory_wipe(key.data, key.length);
	return result;
}
