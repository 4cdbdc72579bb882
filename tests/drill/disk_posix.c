/* The calls of libc, on the virtual disk. What may be refused asks first, and looks then:
 * other processes may have run meanwhile. */
#include "disk_posix.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>

#include "disk_journal.h"
#include "disk_process.h"

#define UMASK 077

static int fail(int number)
{
	errno = number;
	return -1;
}

static bool refused(const char *call, const char *path)
{
	int number = disk_effect(call, path);
	if (number)
		errno = number;
	return number != 0;
}

static int find(const char *path, struct place *ret)
{
	int number = place_find(disk_current()->disk, path, ret);
	return number ? fail(number) : 0;
}

/* What has to be there. */
static int find_existing(const char *path, struct place *ret)
{
	if (find(path, ret) < 0)
		return -1;
	return ret->node ? 0 : fail(ENOENT);
}

static struct opening *opened(int fd)
{
	struct opening *opening = process_opening(disk_current(), fd);
	if (!opening)
		errno = EBADF;
	return opening;
}

static struct opening *opened_to_write(int fd)
{
	struct opening *opening = opened(fd);
	if (opening && (opening->flags & O_ACCMODE) == O_RDONLY) {
		errno = EBADF;
		return NULL;
	}
	return opening;
}

static int make(struct place *place, bool is_directory, mode_t mode)
{
	const struct disk_process *process = disk_current();
	if (disk_room(process->disk) < DISK_NODE_BYTES)
		return fail(ENOSPC);
	place->node = node_new(process->disk, is_directory, mode & ~(mode_t)UMASK, process->user);
	change_create(place->directory, place->name, place->node);
	node_drop(place->node);
	return 0;
}

static int open_place(struct place *place, const char *path, int flags, mode_t mode)
{
	if (!place->node) {
		if (!(flags & O_CREAT))
			return fail(ENOENT);
		if (make(place, false, mode) < 0)
			return -1;
	} else if ((flags & O_CREAT) && (flags & O_EXCL)) {
		return fail(EEXIST);
	}
	if (place->node->is_directory && ((flags & O_CREAT) || (flags & O_ACCMODE) != O_RDONLY))
		return fail(EISDIR);
	if ((flags & O_DIRECTORY) && !place->node->is_directory)
		return fail(ENOTDIR);
	return process_add(disk_current(), place->node, flags, path);
}

int disk_open(const char *path, int flags, ...)
{
	const int understood = O_ACCMODE | O_CREAT | O_EXCL | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
	struct place place;
	mode_t mode = 0;
	if (flags & ~understood)
		return fail(ENOTSUP);
	if (flags & O_CREAT) {
		va_list more;
		va_start(more, flags);
		mode = va_arg(more, mode_t);
		va_end(more);
		if (refused("open", path))
			return -1;
	}
	return find(path, &place) < 0 ? -1 : open_place(&place, path, flags, mode);
}

int disk_close(int fd)
{
	if (!opened(fd))
		return -1;
	process_close(disk_current(), fd);
	return 0;
}

void disk_close_fd(int *fd)
{
	if (*fd >= 0)
		disk_close(*fd);
}

/* What read() and pread() have in common. */
static ssize_t read_at(int fd, void *ret, size_t size, size_t offset)
{
	const struct opening *opening = opened(fd);
	if (!opening)
		return -1;
	if ((opening->flags & O_ACCMODE) == O_WRONLY)
		return fail(EBADF);
	if (opening->node->is_directory)
		return fail(EISDIR);
	size_t left = offset < opening->node->length ? opening->node->length - offset : 0;
	if (size > left)
		size = left;
	if (size)
		memcpy(ret, opening->node->bytes + offset, size);
	return (ssize_t)size;
}

ssize_t disk_read(int fd, void *ret, size_t size)
{
	struct opening *opening = opened(fd);
	if (!opening)
		return -1;
	ssize_t got = read_at(fd, ret, size, opening->offset);
	if (got > 0)
		opening->offset += (size_t)got;
	return got;
}

ssize_t disk_pread(int fd, void *ret, size_t size, off_t offset)
{
	return offset < 0 ? fail(EINVAL) : read_at(fd, ret, size, (size_t)offset);
}

/* Gives how many of the bytes the disk had room for. */
static size_t put_bytes(struct opening *opening, const char *bytes, size_t size)
{
	struct node *file = opening->node;
	size_t possible = disk_room(file->disk) + (file->length > opening->offset ? file->length - opening->offset : 0);
	if (size > possible)
		size = possible;
	if (size) {
		change_bytes(file, opening->offset, bytes, size);
		opening->offset += size;
	}
	return size;
}

ssize_t disk_write(int fd, const void *bytes, size_t size)
{
	struct opening *opening = opened_to_write(fd);
	const char *cursor = bytes;
	if (!opening)
		return -1;
	if (refused("write", opening->path)) {
		int number = errno;
		if (disk_below(&opening->node->disk->random, 2))
			put_bytes(opening, cursor, size / 2);
		return fail(number);
	}
	bool has_middle = size > 1 && opening->offset / PAGE_BYTES != (opening->offset + size - 1) / PAGE_BYTES;
	size_t half = has_middle ? size / 2 : 0;
	size_t done = put_bytes(opening, cursor, half);
	if (has_middle && refused("write", opening->path))
		return -1;
	if (done == half)
		done += put_bytes(opening, cursor + done, size - done);
	return done || !size ? (ssize_t)done : fail(ENOSPC);
}

off_t disk_lseek(int fd, off_t offset, int whence)
{
	struct opening *opening = opened(fd);
	if (!opening)
		return -1;
	off_t from = whence == SEEK_END   ? (off_t)opening->node->length
		     : whence == SEEK_CUR ? (off_t)opening->offset
					  : 0;
	if (from + offset < 0 || (whence != SEEK_SET && whence != SEEK_CUR && whence != SEEK_END))
		return fail(EINVAL);
	opening->offset = (size_t)(from + offset);
	return from + offset;
}

int disk_ftruncate(int fd, off_t length)
{
	struct opening *opening = opened_to_write(fd);
	if (!opening || refused("ftruncate", opening->path))
		return -1;
	if (length < 0)
		return fail(EINVAL);
	struct node *file = opening->node;
	if ((size_t)length > file->length && (size_t)length - file->length > disk_room(file->disk))
		return fail(ENOSPC);
	change_length(file, (size_t)length);
	return 0;
}

int disk_fsync(int fd)
{
	struct opening *opening = opened(fd);
	if (!opening)
		return -1;
	if (refused("fsync", opening->path)) {
		int number = errno;
		journal_fail(opening->node);
		return fail(number);
	}
	journal_settle(&opening->node->journal);
	return 0;
}

int disk_rename(const char *from, const char *to)
{
	struct place source, target;
	if (refused("rename", to) || find_existing(from, &source) < 0 || find(to, &target) < 0)
		return -1;
	if (!source.directory || !target.directory)
		return fail(EBUSY);
	if (source.directory != target.directory)
		return fail(EXDEV);
	if (target.node == source.node)
		return 0;
	if (target.node && target.node->is_directory)
		return fail(source.node->is_directory ? ENOTEMPTY : EISDIR);
	if (target.node && source.node->is_directory)
		return fail(ENOTDIR);
	change_rename(source.directory, source.name, target.name);
	return 0;
}

int disk_unlink(const char *path)
{
	struct place place;
	if (refused("unlink", path) || find_existing(path, &place) < 0)
		return -1;
	if (place.node->is_directory)
		return fail(EISDIR);
	change_remove(place.directory, place.name);
	return 0;
}

int disk_mkdir(const char *path, mode_t mode)
{
	struct place place;
	if (refused("mkdir", path) || find(path, &place) < 0)
		return -1;
	return place.node ? fail(EEXIST) : make(&place, true, mode);
}

int disk_rmdir(const char *path)
{
	struct place place;
	if (refused("rmdir", path) || find_existing(path, &place) < 0)
		return -1;
	if (!place.node->is_directory)
		return fail(ENOTDIR);
	if (!place.directory)
		return fail(EBUSY);
	if (place.node->entry_count)
		return fail(ENOTEMPTY);
	change_remove(place.directory, place.name);
	return 0;
}

int disk_chmod(const char *path, mode_t mode)
{
	struct place place;
	if (refused("chmod", path) || find_existing(path, &place) < 0)
		return -1;
	change_mode(place.node, mode);
	return 0;
}

int disk_fchmod(int fd, mode_t mode)
{
	struct opening *opening = opened(fd);
	if (!opening || refused("fchmod", opening->path))
		return -1;
	change_mode(opening->node, mode);
	return 0;
}

static void describe(const struct node *node, struct stat *ret)
{
	*ret = (struct stat){
		.st_dev = 1,
		.st_ino = node->number,
		.st_mode = node->mode | (node->is_directory ? S_IFDIR : S_IFREG),
		.st_nlink = node->links,
		.st_uid = node->user,
		.st_size = (off_t)node->length,
	};
}

int disk_stat(const char *path, struct stat *ret)
{
	struct place place;
	if (find_existing(path, &place) < 0)
		return -1;
	describe(place.node, ret);
	return 0;
}

int disk_fstat(int fd, struct stat *ret)
{
	const struct opening *opening = opened(fd);
	if (!opening)
		return -1;
	describe(opening->node, ret);
	return 0;
}

int disk_flock(int fd, int operation)
{
	struct opening *opening = opened(fd);
	if (!opening || refused("flock", opening->path))
		return -1;
	struct opening **locker = &opening->node->locker;
	if (operation == LOCK_UN) {
		if (*locker == opening)
			*locker = NULL;
		return 0;
	}
	if (operation != (LOCK_EX | LOCK_NB))
		return fail(ENOTSUP);
	if (*locker && *locker != opening)
		return fail(EWOULDBLOCK);
	*locker = opening;
	return 0;
}

struct disk_listing *disk_opendir(const char *path)
{
	struct disk_process *process = disk_current();
	struct place place;
	if (find_existing(path, &place) < 0)
		return NULL;
	if (!place.node->is_directory) {
		errno = ENOTDIR;
		return NULL;
	}
	struct disk_listing *listing = disk_allocate(sizeof(*listing));
	listing->next = process->listings;
	listing->process = process;
	listing->directory = place.node;
	node_opened(place.node);
	process->listings = listing;
	return listing;
}

struct dirent *disk_readdir(struct disk_listing *listing)
{
	static const char *const dots[] = { ".", ".." };
	const struct node *directory = listing->directory;
	const char *name;
	if (listing->dots < 2) {
		name = dots[listing->dots++];
	} else {
		if (listing->dots++ == 2)
			listing->entry.d_name[0] = '\0';
		size_t next = node_entry_after(directory, listing->entry.d_name);
		if (next == directory->entry_count)
			return NULL;
		name = directory->entries[next].name;
	}
	memcpy(listing->entry.d_name, name, strlen(name) + 1);
	return &listing->entry;
}

int disk_closedir(struct disk_listing *listing)
{
	process_end_listing(listing);
	return 0;
}
