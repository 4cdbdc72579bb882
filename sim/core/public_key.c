#include "core/public_key.h"

#include <openssl/evp.h>

#include "base/memory.h"

/* The decoded bytes; NULL when it is not base64. */
static unsigned char *decode(const char *base64, size_t length, size_t *ret_length)
{
	unsigned char *bytes = memory_new(length / 4 * 3 + 1);
	AUTO_FREE char *copy = memory_new(length + 1);
	size_t padding = 0;

	memcpy(copy, base64, length);
	while (padding < 2 && padding < length && base64[length - 1 - padding] == '=')
		padding++;
	int decoded = length % 4 == 0 ? EVP_DecodeBlock(bytes, (const unsigned char *)copy, (int)length) : -1;
	if (decoded < 0 || (size_t)decoded < padding) {
		free(bytes);
		return NULL;
	}
	*ret_length = (size_t)decoded - padding;
	return bytes;
}

/* The blob begins with its type as a string with a 32-bit length. */
static bool inner_type_is(const unsigned char *blob, size_t length, const char *type, size_t type_length)
{
	if (length < 4 + type_length)
		return false;
	size_t inner = ((size_t)blob[0] << 24) | ((size_t)blob[1] << 16) | ((size_t)blob[2] << 8) | blob[3];
	return inner == type_length && memcmp(blob + 4, type, type_length) == 0 && length > 4 + type_length;
}

static bool known_type(const char *type, size_t length)
{
	static const char *const types[] = { "ssh-ed25519",
					     "ssh-rsa",
					     "ecdsa-sha2-nistp256",
					     "ecdsa-sha2-nistp384",
					     "ecdsa-sha2-nistp521",
					     "sk-ssh-ed25519@openssh.com",
					     "sk-ecdsa-sha2-nistp256@openssh.com" };

	for (size_t i = 0; i < ARRAY_LENGTH(types); i++)
		if (strlen(types[i]) == length && strncmp(types[i], type, length) == 0)
			return true;
	return false;
}

int public_key_fingerprint(const char *line, char ret[FINGERPRINT_SIZE], struct error *err)
{
	size_t type_length = strcspn(line, " ");
	const char *base64 = line + type_length + (line[type_length] == ' ');
	size_t base64_length = strcspn(base64, " \n");
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int digest_length = 0;
	size_t length = 0;

	if (!known_type(line, type_length) || base64_length > 16384)
		return error_set(err, ERROR_REFUSED, 0, "invalid public key");
	AUTO_FREE unsigned char *blob = decode(base64, base64_length, &length);
	if (!blob || !inner_type_is(blob, length, line, type_length))
		return error_set(err, ERROR_REFUSED, 0, "invalid public key");
	if (EVP_Digest(blob, length, digest, &digest_length, EVP_md5(), NULL) != 1 || digest_length != 16)
		return error_set(err, ERROR_FAILED, 0, "no MD5 in this libcrypto");
	for (size_t i = 0; i < digest_length; i++)
		snprintf(ret + 3 * i, FINGERPRINT_SIZE - 3 * i, i + 1 < digest_length ? "%02x:" : "%02x", digest[i]);
	return 0;
}
