/*
 * Any bytes as a user's key. What is taken must be one harmless line, must be taken
 * again and stay the same; what is refused must say why.
 *   clang -fsanitize=fuzzer,address,undefined ... && ./fuzz_ssh_key -dict=ssh_key.dict corpus/ssh_key
 */
#include <stdint.h>

#include "instance/ssh_public_key.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_taken(const struct ssh_public_key *key)
{
	struct ssh_public_key again = SSH_PUBLIC_KEY_INIT;
	struct error error = ERROR_INIT;
	size_t type = strcspn(key->line, " ");
	const char *base64 = key->line + type + 1;
	if (strlen(key->type) != type || strncmp(key->line, key->type, type) != 0 ||
	    base64[strspn(base64, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=")] ||
	    (strcmp(key->type, "ssh-rsa") == 0 ? key->bits < 4096 : key->bits != 256))
		abort();
	if (ssh_public_key_parse(key->line, strlen(key->line), &again, &error) < 0 ||
	    strcmp(again.line, key->line) != 0)
		abort();
	ssh_public_key_release(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ssh_public_key key = SSH_PUBLIC_KEY_INIT;
	struct error error = ERROR_INIT;
	if (ssh_public_key_parse((const char *)data, size, &key, &error) == 0) {
		check_taken(&key);
		ssh_public_key_release(&key);
	} else if (error.kind != ERROR_REFUSED || !*error.message || key.line) {
		abort();
	}
	return 0;
}
