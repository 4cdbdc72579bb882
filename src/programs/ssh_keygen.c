#include "programs/ssh_keygen.h"

#include <stdbool.h>
#include <string.h>

#include "base/memory.h"

#define DIGITS_HEX    "0123456789abcdef"
#define DIGITS_BASE64 "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

static const struct hash {
	const char *option; /* of ssh-keygen -E */
	const char *prefix; /* in its output */
	const char *shown;  /* in our result */
	const char *alphabet;
	size_t length;      /* without the prefix */
	size_t colon_every; /* a colon after so many digits, or 0 */
} hashes[] = {
	[FINGERPRINT_MD5] = { "md5", "MD5:", "", DIGITS_HEX, 47, 2 },
	[FINGERPRINT_SHA256] = { "sha256", "SHA256:", "SHA256:", DIGITS_BASE64, 43, 0 },
};

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

void ssh_keygen_fingerprint(const char *path, enum fingerprint_hash hash, struct arguments *ret)
{
	const char *const words[] = { "ssh-keygen", "-l", "-E", hashes[hash].option, "-f", path };
	for (size_t i = 0; i < ARRAY_LENGTH(words); i++)
		arguments_add(ret, words[i]);
}

static bool is_fingerprint(const char *text, const struct hash *hash)
{
	for (size_t i = 0; i < hash->length; i++) {
		bool colon = hash->colon_every && i % (hash->colon_every + 1) == hash->colon_every;
		if (!text[i] || (colon ? text[i] != ':' : !strchr(hash->alphabet, text[i])))
			return false;
	}
	return text[hash->length] == ' ';
}

/* "256 MD5:aa:bb:... comment (ED25519)" */
int ssh_keygen_read_fingerprint(const char *output, enum fingerprint_hash hash, char ret[FINGERPRINT_SIZE],
				struct error *err)
{
	const struct hash *kind = &hashes[hash];
	const char *word = strchr(output, ' ');
	if (!word || strncmp(word + 1, kind->prefix, strlen(kind->prefix)) != 0 ||
	    !is_fingerprint(word + 1 + strlen(kind->prefix), kind))
		return error_set(err, ERROR_FAILED, 0, "ssh-keygen printed no fingerprint but '%.60s'", output);
	snprintf(ret, FINGERPRINT_SIZE, "%s%.*s", kind->shown, (int)kind->length, word + 1 + strlen(kind->prefix));
	return 0;
}
