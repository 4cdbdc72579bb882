#ifndef SYSTEM_FILE_DIGEST_H
#define SYSTEM_FILE_DIGEST_H
#include "base/error.h"
#include "system/system.h"

#define FILE_DIGEST_SIZE 65 /* of SHA-256 in lower-case hex, with the NUL */

/* Gives the digest of a regular file (behind links) of any size: about a second for a gigabyte. Errors are
 * of kind ERROR_STATE with errnum set. */
int file_digest(struct system *system, const char *path, char ret[FILE_DIGEST_SIZE], struct error *err);
#endif
