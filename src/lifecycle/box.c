#include "lifecycle/box.h"

#include <string.h>

#include "base/number.h"
#include "base/text.h"
#include "instance/key_list.h"
#include "lifecycle/paths.h"

/* Copies the value of the `index`-th line "name=value"; false when there is none. */
static bool find_value(const char *output, const char *name, size_t index, char *ret, size_t size)
{
	size_t name_length = strlen(name);
	for (const char *line = output; *line;) {
		size_t length = strcspn(line, "\n");
		if (length > name_length && strncmp(line, name, name_length) == 0 && line[name_length] == '=' &&
		    index-- == 0) {
			size_t value = length - name_length - 1;
			if (value >= size)
				return false;
			memcpy(ret, line + name_length + 1, value);
			ret[value] = '\0';
			return true;
		}
		line += length + (line[length] == '\n');
	}
	return false;
}

static bool has_key(const char *output, const char *key)
{
	char found[12288];
	for (size_t i = 0; find_value(output, "key", i, found, sizeof(found)); i++)
		if (strcmp(found, key) == 0)
			return true;
	return false;
}

int box_check_report(const char *output, const struct record *record, bool *ret_final, struct error *err)
{
	char value[512];
	size_t index;
	json_t *key;
	*ret_final = false;
	if (!find_value(output, "instance", 0, value, sizeof(value)))
		return error_set(err, ERROR_FAILED, 0, "the machine does not say which instance it is");
	if (strcmp(value, record->id) != 0) {
		*ret_final = true;
		return error_set(err, ERROR_FAILED, 0, "the machine says that it is instance '%s'", value);
	}
	if (!find_value(output, "end", 0, value, sizeof(value)))
		return error_set(err, ERROR_FAILED, 0, "the machine's report was cut short");
	json_array_foreach(record->box_ssh_keys, index, key)
		if (!has_key(output, json_string_value(key)))
			return error_set(err, ERROR_FAILED, 0, "the user's key number %zu is not in place", index + 1);
	if (!find_value(output, "claude", 0, value, sizeof(value)) || !*value)
		return error_set(err, ERROR_FAILED, 0, "'claude --version' does not answer on the machine");
	if (find_value(output, "failed", 0, value, sizeof(value)))
		return error_set(err, ERROR_FAILED, 0, "unit '%s' failed on the machine", value);
	return 0;
}

int box_read_expiry(const char *output, int64_t expected, struct error *err)
{
	char value[32];
	int64_t expires;
	if (!find_value(output, "expires", 0, value, sizeof(value)) ||
	    number_parse(value, 0, INT64_MAX, "the expiry in the box", &expires, err) < 0 || expires != expected)
		return error_set(err, ERROR_FAILED, 0, "the box did not take the expiry %lld", (long long)expected);
	return 0;
}

void box_set_expiry(struct activity *activity, int64_t expires, activity_child_fn *done)
{
	char seconds[24];
	snprintf(seconds, sizeof(seconds), "%lld", (long long)expires);
	const char *const remote[] = { "ccc-set-expiry", seconds, NULL };
	paths_ssh(activity, remote, 30000, done);
}

int box_read_keys(const char *output, const json_t *keys, struct error *err)
{
	char found[12288];
	if (!find_value(output, "end", 0, found, sizeof(found)))
		return error_set(err, ERROR_FAILED, 0, "the box's list of keys was cut short");
	for (size_t i = 0; i < json_array_size(keys); i++)
		if (!has_key(output, json_string_value(json_array_get(keys, i))))
			return error_set(err, ERROR_FAILED, 0, "the box did not take the user's key number %zu", i + 1);
	for (size_t i = 0; find_value(output, "key", i, found, sizeof(found)); i++)
		if (!key_list_has(keys, found))
			return error_set(err, ERROR_FAILED, 0, "the box still takes another key: %.60s...", found);
	return 0;
}

void box_set_keys(struct activity *activity, const json_t *keys, activity_child_fn *done)
{
	AUTO_ARGUMENTS struct arguments remote = ARGUMENTS_INIT;
	arguments_add(&remote, "ccc-set-keys");
	for (size_t i = 0; i < json_array_size(keys); i++) {
		const char *key = json_string_value(json_array_get(keys, i)); /* "type base64" */
		size_t type = strcspn(key, " ");
		arguments_addf(&remote, "%.*s", (int)type, key);
		arguments_add(&remote, key + type + (key[type] != '\0'));
	}
	paths_ssh(activity, arguments_list(&remote), 30000, done);
}

int box_read_host_key(const char *output, const char *expected, bool *ret_final, struct error *err)
{
	char found[128];
	*ret_final = false;
	if (!find_value(output, "end", 0, found, sizeof(found)))
		return error_set(err, ERROR_FAILED, 0, "what the box says of its host key was cut short");
	*ret_final = true;
	if (!find_value(output, "hostkey", 0, found, sizeof(found)))
		return error_set(err, ERROR_FAILED, 0, "the box does not say which host key it has");
	if (strcmp(found, expected) != 0)
		return error_set(err, ERROR_FAILED, 0, "the box has another host key than it was given");
	return 0;
}

void box_set_host_key(struct activity *activity, const char *path, activity_child_fn *done)
{
	static const char *const remote[] = { "ccc-set-host-key", NULL };
	paths_ssh_reading(activity, remote, path, 30000, done);
}
