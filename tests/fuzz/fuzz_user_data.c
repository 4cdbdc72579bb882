/*
 * Any bytes as user data, to the part of cloud-init that the simulated hosts have: a
 * key has both halves, and what is refused says why. And any bytes as the host key
 * that ccc plants, up to a NUL the private half, then the public one: what ccc makes
 * of them is read back as it was, or refused.
 */
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "hosts/user_data.h"
#include "lifecycle/user_data.h"
#include "property.h"

static void read_any(const char *bytes)
{
	struct host_key key = { NULL, NULL };
	struct error error = ERROR_INIT;
	if (user_data_read(bytes, &key, &error) == 0)
		require(!key.private_half == !key.public_half);
	else
		require(error.message[0] && !key.private_half && !key.public_half);
	host_key_release(&key);
}

/* Such a key there is no reason to refuse. */
static bool is_plain(const char *key)
{
	size_t length = 0;
	for (; key[length]; length++)
		if (key[length] != '\n' && (key[length] < ' ' || key[length] > '~'))
			return false;
	return length > 0 && length < 8192;
}

static void read_ours(const char *bytes, size_t size)
{
	const char *nul = memchr(bytes, '\0', size);
	const char *public_half = nul ? nul + 1 : "ssh-ed25519 AAAA";
	struct host_key key = { NULL, NULL };
	struct error error = ERROR_INIT;
	AUTO_TEXT struct text private_half = TEXT_INIT(size);
	AUTO_TEXT struct text data = TEXT_INIT(USER_DATA_MAXIMUM);
	text_add(&private_half, bytes, nul ? (size_t)(nul - bytes) : size);
	AUTO_JSON json_t *parameters = json_pack("{s:s}", "instanceId", "abc123");
	if (user_data_compose(&private_half, public_half, parameters, &data, &error) < 0) {
		require((error.kind == ERROR_STATE || error.kind == ERROR_REFUSED) && error.message[0]);
		require(!is_plain(text_string(&private_half)) || !is_plain(public_half));
		return;
	}
	require(user_data_read(text_string(&data), &key, &error) == 0);
	require(strcmp(key.private_half, text_string(&private_half)) == 0);
	require(strcmp(key.public_half, public_half) == 0);
	require(strstr(text_string(&data), "\"instanceId\":\"abc123\""));
	host_key_release(&key);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_FREE char *bytes = memory_new(size + 1);
	if (size)
		memcpy(bytes, data, size);
	read_any(bytes);
	read_ours(bytes, size);
	return 0;
}
