#include "lifecycle/user_data.h"

#include <string.h>

#include "base/json.h"
#include "base/memory.h"

static const char head[] = "#cloud-config\n";

/* One JSON object, which is YAML too. */
static char *format(const char *private_half, const char *public_half, const json_t *parameters)
{
	AUTO_JSON json_t *object = json_pack(
		"{s:b, s:[s], s:b, s:{s:s, s:s}, s:O}", "ssh_deletekeys", 1, "ssh_genkeytypes", "ed25519", "ssh_pwauth",
		0, "ssh_keys", "ed25519_private", private_half, "ed25519_public", public_half, "ccc", parameters);
	return object ? json_format(object, false) : NULL;
}

int user_data_compose(const struct text *private_half, const char *public_half, const json_t *parameters,
		      struct text *ret, struct error *err)
{
	const char *key = text_string(private_half);
	AUTO_FREE char *json = format(key, public_half, parameters);
	if (!json || !*key || strlen(key) != private_half->length) /* jansson takes UTF-8 alone */
		return error_set(err, ERROR_STATE, 0, "the bootstrap host key is damaged; end the instance");
	size_t length = strlen(head) + strlen(json) + 1;
	if (length > USER_DATA_MAXIMUM || !text_addf(ret, "%s%s\n", head, json))
		return error_set(err, ERROR_REFUSED, 0,
				 "the user data has %zu bytes, and a server takes %zu at most; give fewer or shorter "
				 "SSH keys",
				 length, USER_DATA_MAXIMUM);
	return 0;
}
