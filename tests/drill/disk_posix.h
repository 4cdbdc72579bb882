#ifndef DRILL_DISK_POSIX_H
#define DRILL_DISK_POSIX_H
/* The file calls of libc, on the virtual disk of disk_current(): as their namesakes, errno included. */
#include <dirent.h>
#include <sys/stat.h>
#include <sys/types.h>

struct disk_listing;

int disk_open(const char *path, int flags, ...);
int disk_close(int fd);
void disk_close_fd(int *fd); /* for AUTO_CLOSE */
ssize_t disk_read(int fd, void *ret, size_t size);
ssize_t disk_pread(int fd, void *ret, size_t size, off_t offset);
ssize_t disk_write(int fd, const void *bytes, size_t size);
off_t disk_lseek(int fd, off_t offset, int whence);
int disk_ftruncate(int fd, off_t length);
int disk_fsync(int fd);
int disk_rename(const char *from, const char *to);
int disk_unlink(const char *path);
int disk_mkdir(const char *path, mode_t mode);
int disk_rmdir(const char *path);
int disk_chmod(const char *path, mode_t mode);
int disk_fchmod(int fd, mode_t mode);
int disk_stat(const char *path, struct stat *ret); /* there are no links: lstat too */
int disk_fstat(int fd, struct stat *ret);
int disk_flock(int fd, int operation); /* LOCK_EX | LOCK_NB and LOCK_UN; others ENOTSUP */
struct disk_listing *disk_opendir(const char *path);
struct dirent *disk_readdir(struct disk_listing *listing);
int disk_closedir(struct disk_listing *listing);
#endif
