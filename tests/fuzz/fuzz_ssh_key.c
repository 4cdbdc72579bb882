/*
 * Any bytes as a user's key. What is taken must be one harmless line, must be taken
 * again and stay the same; what is refused must say why.
 */
#include "instance/ssh_public_key.h"
#include "property.h"

static void check_taken(const struct ssh_public_key *key)
{
	struct ssh_public_key again = SSH_PUBLIC_KEY_INIT;
	struct error error = ERROR_INIT;
	size_t type = strcspn(key->line, " ");
	const char *base64 = key->line + type + 1;
	require(strlen(key->type) == type && strncmp(key->line, key->type, type) == 0);
	require(!base64[strspn(base64, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=")]);
	require(strcmp(key->type, "ssh-rsa") == 0 ? key->bits >= 4096 : key->bits == 256);
	require(ssh_public_key_parse(key->line, strlen(key->line), &again, &error) == 0);
	require(strcmp(again.line, key->line) == 0);
	ssh_public_key_release(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ssh_public_key key = SSH_PUBLIC_KEY_INIT;
	struct error error = ERROR_INIT;
	if (ssh_public_key_parse((const char *)data, size, &key, &error) == 0) {
		check_taken(&key);
		ssh_public_key_release(&key);
	} else {
		require(error.kind == ERROR_REFUSED && *error.message && !key.line);
	}
	return 0;
}
