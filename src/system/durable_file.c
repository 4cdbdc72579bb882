#include "system/durable_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "system/random.h"

#define TEMPORARY_SUFFIX ".tmp"

static int failed(struct error *err, const char *what, const char *path)
{
	return error_set(err, ERROR_STATE, errno, "cannot %s '%s'", what, path);
}

/* The directory that holds the path; caller frees. */
static char *parent_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	if (!slash)
		return memory_copy_string(".");
	size_t length = slash == path ? 1 : (size_t)(slash - path);
	char *parent = memory_new(length + 1);
	memcpy(parent, path, length);
	return parent;
}

static int sync_directory(const char *path, struct error *err)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd) < 0)
		return failed(err, "save the directory", path);
	return 0;
}

static int sync_parent(const char *path, struct error *err)
{
	AUTO_FREE char *parent = parent_of(path);
	return sync_directory(parent, err);
}

int file_look(struct system *system, const char *path, struct file_facts *ret, struct error *err)
{
	struct stat facts;
	(void)system;
	*ret = (struct file_facts){ 0 };
	if (lstat(path, &facts) < 0)
		return errno == ENOENT || errno == ENOTDIR ? 0 : failed(err, "look at", path);
	ret->exists = true;
	ret->is_directory = S_ISDIR(facts.st_mode);
	ret->is_regular = S_ISREG(facts.st_mode);
	ret->owner = facts.st_uid;
	ret->mode = facts.st_mode & 07777;
	ret->size = facts.st_size;
	return 0;
}

bool file_is_there(struct system *system, const char *path)
{
	struct file_facts facts;
	struct error ignored = ERROR_INIT;
	return file_look(system, path, &facts, &ignored) == 0 && facts.exists;
}

int file_read(struct system *system, const char *path, struct text *ret, struct error *err)
{
	return file_read_end(system, path, INT64_MAX, ret, err);
}

int file_read_end(struct system *system, const char *path, int64_t size, struct text *ret, struct error *err)
{
	char buffer[65536] __attribute__((uninitialized)); /* to clear it costs more than to read most files */
	struct stat facts;
	(void)system;
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &facts) < 0)
		return failed(err, "open", path);
	if (!S_ISREG(facts.st_mode)) /* a pipe or a device may have no end, or none yet */
		return error_set(err, ERROR_STATE, 0, "'%s' is no regular file", path);
	if (facts.st_size > size && lseek(fd, facts.st_size - size, SEEK_SET) < 0)
		return failed(err, "read", path);
	text_reserve(ret, (size_t)(facts.st_size < size ? facts.st_size : size));
	for (;;) {
		ssize_t got = read(fd, buffer, sizeof(buffer));
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return failed(err, "read", path);
		if (got == 0)
			return 0;
		if (!text_add(ret, buffer, (size_t)got))
			return error_set(err, ERROR_STATE, EFBIG, "'%s' has more than %zu bytes", path, ret->maximum);
	}
}

static int write_all(int fd, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t written = write(fd, bytes, length);
		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return -1;
		bytes += written;
		length -= (size_t)written;
	}
	return 0;
}

/* "dir/.name.1a2b3c4d.tmp"; caller frees. */
static char *temporary_path(struct system *system, const char *path)
{
	char random[9];
	struct text name;
	AUTO_FREE char *parent = parent_of(path);
	const char *slash = strrchr(path, '/');
	random_hex(system, random, sizeof(random) - 1);
	text_init(&name, 8192);
	text_addf(&name, "%s/.%s.%s" TEMPORARY_SUFFIX, parent, slash ? slash + 1 : path, random);
	return text_take(&name);
}

static int write_temporary(const char *path, const void *bytes, size_t length, mode_t mode, struct error *err)
{
	AUTO_CLOSE int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
	if (fd < 0)
		return failed(err, "make", path);
	if (fchmod(fd, mode) < 0 || write_all(fd, bytes, length) < 0 || fsync(fd) < 0)
		return failed(err, "write", path);
	return 0;
}

int file_replace(struct system *system, const char *path, const void *bytes, size_t length, mode_t mode,
		 struct error *err)
{
	AUTO_FREE char *temporary = temporary_path(system, path);
	if (write_temporary(temporary, bytes, length, mode, err) < 0) {
		unlink(temporary);
		return -1;
	}
	if (rename(temporary, path) < 0) {
		failed(err, "replace", path);
		unlink(temporary);
		return -1;
	}
	return sync_parent(path, err);
}

/* Where the last whole line ends. */
static int end_of_lines(int fd, off_t *ret)
{
	char buffer[4096];
	off_t end = lseek(fd, 0, SEEK_END);
	while (end > 0) {
		size_t want = end < (off_t)sizeof(buffer) ? (size_t)end : sizeof(buffer);
		ssize_t got = pread(fd, buffer, want, end - (off_t)want);
		if (got < 0 && errno == EINTR)
			continue;
		if (got != (ssize_t)want)
			return -1;
		const char *newline = memrchr(buffer, '\n', want);
		if (newline) {
			*ret = end - (off_t)want + (newline - buffer) + 1;
			return 0;
		}
		end -= (off_t)want;
	}
	*ret = 0;
	return end < 0 ? -1 : 0;
}

int file_append_lines(struct system *system, const char *path, const char *bytes, size_t length, struct error *err)
{
	struct file_facts facts;
	off_t end;
	if (file_look(system, path, &facts, err) < 0)
		return -1;
	AUTO_CLOSE int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return failed(err, "open", path);
	/* The name is durable before the first byte: whoever finds bytes need not ask again. */
	if (facts.size == 0 && sync_parent(path, err) < 0) {
		unlink(path);
		return -1;
	}
	if (end_of_lines(fd, &end) < 0 || ftruncate(fd, end) < 0 || lseek(fd, end, SEEK_SET) < 0)
		return failed(err, "mend the end of", path);
	if (write_all(fd, bytes, length) < 0 || fsync(fd) < 0) {
		int number = errno;
		(void)!ftruncate(fd, end); /* as it was, as far as the disk lets us */
		errno = number;
		return failed(err, "append to", path);
	}
	return 0;
}

int file_adopt(struct system *system, const char *written, const char *name, struct error *err)
{
	(void)system;
	AUTO_CLOSE int fd = open(written, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return failed(err, "save", written);
	if (fsync(fd) < 0) {
		failed(err, "save", written);
		unlink(written);
		return -1;
	}
	if (strcmp(written, name) != 0 && rename(written, name) < 0)
		return failed(err, "rename", written);
	if (sync_parent(name, err) < 0) {
		unlink(name);
		return -1;
	}
	return 0;
}

int file_remove(struct system *system, const char *path, struct error *err)
{
	(void)system;
	if (unlink(path) < 0)
		return errno == ENOENT ? 0 : failed(err, "remove", path);
	return sync_parent(path, err);
}

int directory_make(struct system *system, const char *path, mode_t mode, struct error *err)
{
	struct file_facts facts;
	AUTO_FREE char *parent = parent_of(path);
	if (file_look(system, path, &facts, err) < 0)
		return -1;
	if (facts.is_directory) /* perhaps made by one who died before its name was durable */
		return sync_directory(parent, err);
	if (file_look(system, parent, &facts, err) < 0)
		return -1;
	if (!facts.exists && directory_make(system, parent, 0700, err) < 0)
		return -1;
	if (mkdir(path, mode) < 0) {
		struct stat there;
		int number = errno;
		if (number == EEXIST && stat(path, &there) == 0 && S_ISDIR(there.st_mode))
			return 0; /* a link to one, or another process was quicker */
		errno = number;
		return failed(err, "make the directory", path);
	}
	if (chmod(path, mode) < 0) /* whatever the umask says */
		return failed(err, "set the mode of", path);
	if (sync_directory(parent, err) < 0) {
		rmdir(path);
		return -1;
	}
	return 0;
}

static int compare_names(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

int directory_list(struct system *system, const char *path, void (*each)(void *data, const char *name), void *data,
		   struct error *err)
{
	char **names = NULL;
	size_t count = 0;
	struct dirent *entry;
	(void)system;
	DIR *directory = opendir(path);
	if (!directory)
		return failed(err, "list", path);
	while ((errno = 0, entry = readdir(directory))) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		names = memory_grow(names, count + 1, sizeof(*names));
		names[count++] = memory_copy_string(entry->d_name);
	}
	int number = errno;
	closedir(directory);
	if (count)
		qsort(names, count, sizeof(*names), compare_names);
	for (size_t i = 0; i < count; i++) {
		if (!number) /* half a list is none */
			each(data, names[i]);
		free(names[i]);
	}
	free(names);
	errno = number;
	return number ? failed(err, "list", path) : 0;
}

struct removal {
	struct system *system;
	const char *directory;
	struct error *err;
	int result;
};

static char *join(const char *directory, const char *name)
{
	struct text path;
	text_init(&path, 8192);
	text_addf(&path, "%s/%s", directory, name);
	return text_take(&path);
}

static void remove_entry(void *data, const char *name)
{
	struct removal *removal = data;
	struct file_facts facts;
	AUTO_FREE char *path = join(removal->directory, name);
	if (removal->result < 0)
		return;
	removal->result = file_look(removal->system, path, &facts, removal->err);
	if (removal->result == 0 && facts.is_directory)
		removal->result = directory_remove_tree(removal->system, path, removal->err);
	else if (removal->result == 0 && unlink(path) < 0 && errno != ENOENT)
		removal->result = failed(removal->err, "remove", path);
}

int directory_remove_tree(struct system *system, const char *path, struct error *err)
{
	struct file_facts facts;
	struct removal removal = { system, path, err, 0 };
	if (file_look(system, path, &facts, err) < 0)
		return -1;
	if (!facts.exists)
		return 0;
	if (!facts.is_directory)
		return file_remove(system, path, err);
	if (directory_list(system, path, remove_entry, &removal, err) < 0 || removal.result < 0)
		return -1;
	if (rmdir(path) < 0 && errno != ENOENT)
		return failed(err, "remove", path);
	return sync_parent(path, err);
}

static void sweep_entry(void *data, const char *name)
{
	struct removal *removal = data;
	size_t length = strlen(name), suffix = strlen(TEMPORARY_SUFFIX);
	if (name[0] == '.' && length > suffix && strcmp(name + length - suffix, TEMPORARY_SUFFIX) == 0)
		remove_entry(removal, name);
}

int directory_sweep_temporaries(struct system *system, const char *path, struct error *err)
{
	struct removal removal = { system, path, err, 0 };
	if (directory_list(system, path, sweep_entry, &removal, err) < 0)
		return -1;
	return removal.result;
}
