#include "system/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"

#define ATTEMPTS 100 /* a file that is replaced under us that often is no lock file */

struct lock {
	int fd;
	char *path;
};

/* Another holder may have unlinked the file between our open and our lock. */
static bool is_still_there(int fd, const char *path)
{
	struct stat ours, theirs;
	return fstat(fd, &ours) == 0 && stat(path, &theirs) == 0 && ours.st_ino == theirs.st_ino &&
	       ours.st_dev == theirs.st_dev;
}

int lock_try(struct system *system, const char *path, struct lock **ret, struct error *err)
{
	(void)system;
	for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
		int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (fd < 0)
			return error_set(err, ERROR_STATE, errno, "cannot open the lock file '%s'", path);
		if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
			int number = errno;
			close(fd);
			if (number == EINTR)
				continue;
			if (number != EWOULDBLOCK)
				return error_set(err, ERROR_STATE, number, "cannot lock '%s'", path);
			*ret = NULL;
			return 0;
		}
		if (!is_still_there(fd, path)) {
			close(fd);
			continue;
		}
		struct lock *lock = memory_new(sizeof(*lock));
		*lock = (struct lock){ fd, memory_copy_string(path) };
		*ret = lock;
		return 0;
	}
	return error_set(err, ERROR_STATE, 0, "the lock file '%s' keeps being replaced", path);
}

void lock_release(struct lock *lock)
{
	if (!lock)
		return;
	close(lock->fd);
	free(lock->path);
	free(lock);
}

int lock_remove(struct lock *lock, struct error *err)
{
	int result = 0;
	if (unlink(lock->path) < 0 && errno != ENOENT)
		result = error_set(err, ERROR_STATE, errno, "cannot remove the lock file '%s'", lock->path);
	lock_release(lock);
	return result;
}

int lock_descriptor(const struct lock *lock)
{
	return lock->fd;
}
