#include "system/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "system/durable_file.h"

#define LOCKS_MAXIMUM ((size_t)4 << 20) /* bytes of /proc/locks that are read */
#define ATTEMPTS      100               /* a file that is replaced under us that often is no lock file */

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

/* A line of /proc/locks: "1: FLOCK  ADVISORY  WRITE 1234 08:01:5678 0 EOF"; 0: it is of another file. */
static long long holder_in(const char *line, const struct stat *file)
{
	unsigned major, minor;
	unsigned long long inode;
	long long process;
	if (sscanf(line, "%*d: FLOCK %*s %*s %lld %x:%x:%llu", &process, &major, &minor, &inode) != 4)
		return 0;
	return makedev(major, minor) == file->st_dev && inode == file->st_ino ? process : 0;
}

static long long find_holder(struct system *system, const char *path)
{
	struct stat file;
	struct error ignored = ERROR_INIT;
	AUTO_TEXT struct text locks = TEXT_INIT(LOCKS_MAXIMUM);
	long long process = 0;
	if (stat(path, &file) < 0 || file_read(system, "/proc/locks", &locks, &ignored) < 0)
		return 0;
	for (const char *line = text_string(&locks); line && *line && process <= 0; line = strchr(line + 1, '\n'))
		process = holder_in(line, &file);
	return process;
}

bool lock_holder(struct system *system, const char *path, char *ret, size_t size)
{
	char name_path[64];
	struct error ignored = ERROR_INIT;
	long long process = find_holder(system, path);
	if (process <= 0) /* -1: it lives where we can't see it */
		return false;
	AUTO_TEXT struct text name = TEXT_INIT(64);
	snprintf(name_path, sizeof(name_path), "/proc/%lld/comm", process);
	if (file_read(system, name_path, &name, &ignored) < 0)
		snprintf(ret, size, "process %lld or what it started", process);
	else
		snprintf(ret, size, "process %lld (%.*s)", process, (int)strcspn(text_string(&name), "\n"),
			 text_string(&name));
	return true;
}

int lock_descriptor(const struct lock *lock)
{
	return lock->fd;
}
