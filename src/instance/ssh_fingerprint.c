#include "instance/ssh_fingerprint.h"

#include <openssl/evp.h>
#include <string.h>

#include "base/memory.h"
#include "instance/ssh_blob.h"

#define PREFIX        "SHA256:"
#define DIGEST_SIZE   32
#define MD5_SIZE      16
#define BASE64_LENGTH 43 /* of such a digest, without the one '=' */
#define BASE64_DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

/* The digest of the key's blob; `key` may go on with a comment. */
static int digest_blob(const char *key, const EVP_MD *hash, unsigned size, unsigned char ret[EVP_MAX_MD_SIZE],
		       struct error *err)
{
	const char *base64 = key + strcspn(key, " ");
	base64 += *base64 == ' ';
	size_t length = 0, written = strcspn(base64, " \r\n"), capacity = written / 4 * 3;
	AUTO_FREE unsigned char *blob = memory_new(capacity + 1);
	unsigned digest_length = 0;
	if (!ssh_base64_decode(base64, written, blob, capacity, &length) || length == 0)
		return error_set(err, ERROR_FAILED, 0, "the key '%.40s...' is damaged", key);
	if (EVP_Digest(blob, length, ret, &digest_length, hash, NULL) != 1 || digest_length != size)
		return error_set(err, ERROR_FAILED, 0, "this libcrypto lacks a digest for fingerprints");
	return 0;
}

int ssh_fingerprint(const char *key, char ret[SSH_FINGERPRINT_SIZE], struct error *err)
{
	unsigned char digest[EVP_MAX_MD_SIZE], encoded[BASE64_LENGTH + 2];
	if (digest_blob(key, EVP_sha256(), DIGEST_SIZE, digest, err) < 0)
		return -1;
	EVP_EncodeBlock(encoded, digest, DIGEST_SIZE);
	snprintf(ret, SSH_FINGERPRINT_SIZE, PREFIX "%.*s", BASE64_LENGTH, (const char *)encoded);
	return 0;
}

int ssh_fingerprint_md5(const char *key, char ret[SSH_FINGERPRINT_MD5_SIZE], struct error *err)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	if (digest_blob(key, EVP_md5(), MD5_SIZE, digest, err) < 0)
		return -1;
	for (size_t i = 0; i < MD5_SIZE; i++)
		snprintf(ret + 3 * i, 4, "%02x%s", digest[i], i + 1 < MD5_SIZE ? ":" : "");
	return 0;
}

int ssh_fingerprint_check(const char *word, struct error *err)
{
	if (strncmp(word, PREFIX, strlen(PREFIX)) == 0 && strlen(word) == SSH_FINGERPRINT_SIZE - 1 &&
	    strspn(word + strlen(PREFIX), BASE64_DIGITS) == BASE64_LENGTH)
		return 0;
	return error_set(err, ERROR_REFUSED, 0,
			 "'%.80s' is no fingerprint; expected SHA256:... whole, as 'ccc keys ID' shows it", word);
}
