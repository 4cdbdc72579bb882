#include "hosts/user_data.h"

#include "base/json.h"
#include "base/memory.h"

#define MARK "#cloud-config\n"

int user_data_read(const char *user_data, struct host_key *ret, struct error *err)
{
	const char *private_half, *public_half;
	json_t *keys;

	if (!user_data || !*user_data) {
		*ret = (struct host_key){ NULL, NULL };
		return 0;
	}
	if (strncmp(user_data, MARK, strlen(MARK)) != 0)
		return error_set(err, ERROR_FAILED, 0,
				 "the user data does not begin with a line '#cloud-config'; it is ignored");
	user_data += strlen(MARK);
	AUTO_JSON json_t *config = json_parse(user_data, strlen(user_data), err);
	if (!config)
		return error_wrap(err, "the user data is ignored, as only JSON is understood after '#cloud-config'");
	if (!json_object_get(config, "ssh_keys")) {
		*ret = (struct host_key){ NULL, NULL };
		return 0;
	}
	if (json_get_object(config, "ssh_keys", &keys, err) < 0 ||
	    json_get_string(keys, "ed25519_private", &private_half, err) < 0 ||
	    json_get_string(keys, "ed25519_public", &public_half, err) < 0)
		return error_wrap(err, "the user data is ignored");
	*ret = (struct host_key){ memory_copy_string(private_half), memory_copy_string(public_half) };
	return 0;
}

void host_key_release(struct host_key *key)
{
	if (key->private_half)
		memory_wipe(key->private_half, strlen(key->private_half));
	free(key->private_half);
	free(key->public_half);
	*key = (struct host_key){ NULL, NULL };
}
