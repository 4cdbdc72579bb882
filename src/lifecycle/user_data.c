#include "lifecycle/user_data.h"

#include <string.h>

#include "base/json.h"
#include "base/memory.h"

/* "#cloud-config" and one JSON object, which is YAML too. */
int user_data_compose(const struct text *private_half, const char *public_half, const char *id, struct text *ret,
		      struct error *err)
{
	const char *key = text_string(private_half);
	AUTO_JSON json_t *object =
		json_pack("{s:b, s:[s], s:b, s:{s:s, s:s}, s:{s:s}}", "ssh_deletekeys", 1, "ssh_genkeytypes", "ed25519",
			  "ssh_pwauth", 0, "ssh_keys", "ed25519_private", key, "ed25519_public", public_half, "ccc",
			  "instanceId", id);
	if (!object || !*key || strlen(key) != private_half->length) /* jansson takes UTF-8 alone */
		return error_set(err, ERROR_STATE, 0, "the bootstrap host key is damaged; end the instance");
	AUTO_FREE char *json = json_format(object, false);
	if (!text_addf(ret, "#cloud-config\n%s\n", json))
		return error_set(err, ERROR_STATE, 0, "the bootstrap host key is larger than a server takes");
	return 0;
}
