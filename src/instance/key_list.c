#include "instance/key_list.h"

#include <string.h>

#include "base/json.h"
#include "instance/ssh_fingerprint.h"

bool key_list_has(const json_t *keys, const char *key)
{
	for (size_t i = 0; i < json_array_size(keys); i++)
		if (strcmp(json_string_value(json_array_get(keys, i)), key) == 0)
			return true;
	return false;
}

static int remove_key(json_t *keys, const char *fingerprint, struct error *err)
{
	for (size_t i = 0; i < json_array_size(keys); i++) {
		char print[SSH_FINGERPRINT_SIZE];
		if (ssh_fingerprint(json_string_value(json_array_get(keys, i)), print, err) < 0)
			return -1;
		if (strcmp(print, fingerprint) == 0) {
			json_array_remove(keys, i);
			return 0;
		}
	}
	return error_set(err, ERROR_NOT_FOUND, 0, "it has no key %s", fingerprint);
}

static int add_key(json_t *keys, const char *key, struct error *err)
{
	char print[SSH_FINGERPRINT_SIZE];
	if (ssh_fingerprint(key, print, err) < 0)
		return -1;
	if (key_list_has(keys, key))
		return error_set(err, ERROR_REFUSED, 0, "the key %s is there already", print);
	json_array_append_new(keys, json_string(key));
	return 0;
}

int key_list_change(const json_t *keys, const json_t *added, const char *const *removed, json_t **ret_changed,
		    struct error *err)
{
	AUTO_JSON json_t *changed = keys ? json_deep_copy(keys) : json_array();
	for (; *removed; removed++)
		if (remove_key(changed, *removed, err) < 0)
			return -1;
	for (size_t i = 0; i < json_array_size(added); i++)
		if (add_key(changed, json_string_value(json_array_get(added, i)), err) < 0)
			return -1;
	if (json_array_size(changed) == 0)
		return error_set(err, ERROR_REFUSED, 0,
				 "an instance without a key can't be entered; add the new key in the same call");
	if (json_array_size(changed) > KEYS_MAXIMUM)
		return error_set(err, ERROR_REFUSED, 0, "more than %d SSH keys; remove some", KEYS_MAXIMUM);
	*ret_changed = json_incref(changed);
	return 0;
}
