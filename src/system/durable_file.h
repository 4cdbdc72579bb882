#ifndef SYSTEM_DURABLE_FILE_H
#define SYSTEM_DURABLE_FILE_H
/*
 * Files that survive a power cut, and the little else we do with directories.
 * "Durable" means: when the call gives 0, data and directory entry were fsynced.
 * After a failed fsync the temporary file is thrown away, never synced again; a name that was made is
 * taken back likewise, since its directory may count as clean from then on: the next call makes it anew.
 * Errors are of kind ERROR_STATE with errnum set.
 */
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/text.h"
#include "system/system.h"

struct file_facts {
	bool exists;
	bool is_directory, is_regular;
	uid_t owner;
	mode_t mode; /* permission bits */
	int64_t size;
};

/* Looks without following a last symbolic link. A missing file is no error. */
int file_look(struct system *system, const char *path, struct file_facts *ret, struct error *err);

/* Something has that name; false too when that can't be seen. */
bool file_is_there(struct system *system, const char *path);

/* Appends the whole file to *ret. More than ret->maximum is an error (EFBIG), and so is
 * what is no regular file (behind links): it may have no end. */
int file_read(struct system *system, const char *path, struct text *ret, struct error *err);

/* The same of its last `size` bytes, or of all when it has fewer. */
int file_read_end(struct system *system, const char *path, int64_t size, struct text *ret, struct error *err);

/* Replaces the file at once: unique temporary file in the same directory
 * (O_EXCL), write, fsync, rename, fsync of the directory. Readers see the old
 * or the new content, whole. */
int file_replace(struct system *system, const char *path, const void *bytes, size_t length, mode_t mode,
		 struct error *err);

/* Appends lines and fsyncs; makes the file (0600) when missing. `bytes` ends in
 * a newline. A torn last line, left by a crash, is cut off first. */
int file_append_lines(struct system *system, const char *path, const char *bytes, size_t length, struct error *err);

/* Makes a file durable that another program wrote, and then gives it its name, replacing what had it. The
 * two names are in one directory; they may be the same. */
int file_adopt(struct system *system, const char *written, const char *name, struct error *err);

/* Unlinks and fsyncs the directory; a missing file is no error. */
int file_remove(struct system *system, const char *path, struct error *err);

/* Makes one directory, durably; an existing directory is no error. */
int directory_make(struct system *system, const char *path, mode_t mode, struct error *err);

/* Removes a directory and all below it without following links; missing is no error. */
int directory_remove_tree(struct system *system, const char *path, struct error *err);

/* Removes what file_replace() left behind in a directory after a crash. To be
 * called only while holding the lock under which the files are replaced. */
int directory_sweep_temporaries(struct system *system, const char *path, struct error *err);

/* Calls `each` for every name but "." and "..", in byte order. */
int directory_list(struct system *system, const char *path, void (*each)(void *data, const char *name), void *data,
		   struct error *err);
#endif
