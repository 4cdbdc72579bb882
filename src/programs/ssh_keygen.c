#include "programs/ssh_keygen.h"

#include "base/memory.h"

void ssh_keygen_generate(const char *path, const char *comment, struct arguments *ret)
{
	const char *const words[] = { "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", path };
	for (size_t i = 0; i < ARRAY_LENGTH(words); i++)
		arguments_add(ret, words[i]);
}

void ssh_keygen_public_half(const char *path, struct arguments *ret)
{
	const char *const words[] = { "ssh-keygen", "-y", "-P", "", "-f", path };
	for (size_t i = 0; i < ARRAY_LENGTH(words); i++)
		arguments_add(ret, words[i]);
}
