#include "system/file_digest.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"

#define PIECE ((size_t)1 << 20)

static int open_regular(const char *path, struct error *err)
{
	struct stat facts;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return error_set(err, ERROR_STATE, errno, "cannot open '%s'", path);
	if (fstat(fd, &facts) == 0 && S_ISREG(facts.st_mode))
		return fd;
	close(fd);
	return error_set(err, ERROR_STATE, 0, "'%s' is no file", path);
}

static int add_all(int fd, const char *path, EVP_MD_CTX *context, struct error *err)
{
	AUTO_FREE char *piece = memory_new(PIECE);
	for (;;) {
		ssize_t length = read(fd, piece, PIECE);
		if (length == 0)
			return 0;
		if (length < 0 && errno == EINTR)
			continue;
		if (length < 0)
			return error_set(err, ERROR_STATE, errno, "cannot read '%s'", path);
		if (EVP_DigestUpdate(context, piece, (size_t)length) != 1)
			return error_set(err, ERROR_STATE, 0, "there is no SHA-256 in this libcrypto");
	}
}

int file_digest(struct system *system, const char *path, char ret[FILE_DIGEST_SIZE], struct error *err)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned length = 0;
	(void)system;
	int fd = open_regular(path, err);
	if (fd < 0)
		return -1;
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	int result = EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1 ? add_all(fd, path, context, err) : -1;
	if (result == 0 && EVP_DigestFinal_ex(context, digest, &length) != 1)
		result = -1;
	if (result < 0 && err->kind == ERROR_NONE)
		error_set(err, ERROR_STATE, 0, "there is no SHA-256 in this libcrypto");
	EVP_MD_CTX_free(context);
	close(fd);
	for (unsigned i = 0; result == 0 && i < length; i++)
		snprintf(ret + (size_t)2 * i, 3, "%02x", digest[i]);
	return result;
}
