#ifndef DRILL_DISK_CALLS_H
#define DRILL_DISK_CALLS_H
/*
 * Included by force (-include) before a source file of the product, so that its
 * file calls act on the virtual disk. libc's headers come first; the macros take
 * arguments, so that `struct stat` stays what it is.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "disk_posix.h"

#define open(...)                    disk_open(__VA_ARGS__)
#define close(fd)                    disk_close(fd)
#define memory_close_fd              disk_close_fd
#define read(fd, ret, size)          disk_read(fd, ret, size)
#define pread(fd, ret, size, offset) disk_pread(fd, ret, size, offset)
#define write(fd, bytes, size)       disk_write(fd, bytes, size)
#define lseek(fd, offset, whence)    disk_lseek(fd, offset, whence)
#define ftruncate(fd, length)        disk_ftruncate(fd, length)
#define fsync(fd)                    disk_fsync(fd)
#define rename(from, to)             disk_rename(from, to)
#define unlink(path)                 disk_unlink(path)
#define mkdir(path, mode)            disk_mkdir(path, mode)
#define rmdir(path)                  disk_rmdir(path)
#define chmod(path, mode)            disk_chmod(path, mode)
#define fchmod(fd, mode)             disk_fchmod(fd, mode)
#define lstat(path, ret)             disk_stat(path, ret)
#define stat(path, ret)              disk_stat(path, ret)
#define fstat(fd, ret)               disk_fstat(fd, ret)
#define flock(fd, operation)         disk_flock(fd, operation)
#define DIR                          struct disk_listing
#define opendir(path)                disk_opendir(path)
#define readdir(listing)             disk_readdir(listing)
#define closedir(listing)            disk_closedir(listing)
#endif
