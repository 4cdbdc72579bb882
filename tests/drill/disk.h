#ifndef DRILL_DISK_H
#define DRILL_DISK_H
/*
 * A virtual disk on which only what was fsynced survives a power cut, for many
 * virtual processes in one real one. The product's own files are compiled against
 * it unchanged, with disk_calls.h included by force.
 *
 * Each file and directory has one state, which the kernel shows to everybody, and
 * a journal of the changes that no fsync has made durable yet. File contents and
 * modes become durable by an fsync of the file, names (creation, renaming,
 * removal) by an fsync of their directory, and neither by the other. A power cut
 * takes the journals back and makes some of their changes again.
 *
 * Legal, and so to be expected after a power cut: a file that was synced under a
 * name that is lost; a name without the bytes; bytes up to any place, or the length
 * with zeros in place of the last bytes; removed files that are back. A rename is
 * there or not, never half. The changes of one directory may survive in order or
 * each for itself, as far as one does not need the other.
 *
 * Paths are absolute (a relative one starts at the root too); "." is understood,
 * ".." and links do not exist here. Permissions are kept and shown, not enforced.
 * Renaming from one directory to another is refused (EXDEV).
 *
 * All memory comes from plain malloc() and belongs to the disk, whichever process
 * made the call. Nothing here is freed or half done while disk_effect() runs, so
 * that it may let other processes run, kill, cut the power, or never return.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Where decisions come from. below() gives 0 <= result < bound (bound > 0). What a
 * power cut asks is put so that always 0 keeps nothing that was not synced, and
 * always bound - 1 keeps everything. */
struct disk_random {
	uint64_t (*below)(void *data, uint64_t bound);
	void *data;
};

struct disk;
struct disk_process; /* descriptors and locks of one virtual process */
struct disk_lock;    /* a lock that somebody inherited: the guard of a child */

#define DISK_NODE_BYTES 256 /* what a file or directory takes beside its contents */

/* An empty, durable root directory. *random is copied; it decides what calls that
 * fail leave behind. disk_free() frees everything but processes and locks that are
 * still held by the caller: end those first. */
struct disk *disk_new(const struct disk_random *random);
void disk_free(struct disk *disk);

/* From now on this many bytes may be added (SIZE_MAX: no limit, as at first). Then
 * creations and writes that make a file longer fail with ENOSPC, after writing what
 * fits, until something is removed. Overwriting, renaming and removing go on. */
void disk_set_free(struct disk *disk, size_t bytes);

/* Lets a power cut, or a failed fsync, keep later pages or writes without the earlier
 * ones, which then are zeros inside a file, with good bytes behind. File systems with
 * delayed allocation may do that, and so does one bad sector; at first it is off. */
void disk_allow_holes(struct disk *disk, bool allow);

/* Everything falls back to what is durable, and what *random keeps of the rest; that
 * is durable then. Descriptors are closed and locks free, inherited ones too; the
 * processes themselves are still to be ended by disk_process_kill(). */
void disk_power_cut(struct disk *disk, const struct disk_random *random);

/* The kernel writes back everything by itself, as it does after half a minute. What
 * a failed fsync lost stays lost. */
void disk_settle(struct disk *disk);

/* A process has umask 077: what wants to be open to others must say so by chmod. */
struct disk_process *disk_process_new(struct disk *disk, uid_t user);
/* Closes all, which frees locks that nobody inherited, and frees the process. */
void disk_process_kill(struct disk_process *process);

/* The lock of this descriptor is held until this one is dropped too. Aborts when
 * this is no open descriptor. The caller drops it in the end, after a
 * power cut as well (then it holds nothing). */
struct disk_lock *disk_lock_share(struct disk_process *process, int fd);
void disk_lock_drop(struct disk_lock *lock); /* NULL is fine */

/*
 * What the drill supplies.
 */

/* The process that runs. */
struct disk_process *disk_current(void);

/* Called before a change, when nothing has happened yet: by open with O_CREAT, write,
 * ftruncate, fsync, rename (with the new path), unlink, mkdir, rmdir, chmod, fchmod and
 * flock, under these names. A write across the border of a page (4096 bytes) calls twice, the
 * second time when half is written: a process may be killed there.
 * 0: go on. Else the call fails with this errno:
 * - a failed write may have written the first half;
 * - after a failed fsync each unsynced change of that file or directory is lost or kept
 *   for good, at random, and counts as clean: a later fsync succeeds and saves no more
 *   than was changed since. The kernel goes on showing all of them;
 * - else nothing has happened.
 * `path` is valid until this process is killed or the power is cut; for calls on a
 * descriptor it is what was opened. */
int disk_effect(const char *call, const char *path);

/*
 * For the oracle, and for virtual programs: no effects, no descriptors, never durable
 * by themselves. 0 or an errno.
 */

/* The file's bytes as the kernel shows them, borrowed until anything changes. */
int disk_peek(const struct disk *disk, const char *path, const char **ret_bytes, size_t *ret_length);
/* Makes or overwrites a file, as a program does that syncs nothing. */
int disk_put(struct disk *disk, const char *path, const char *bytes, size_t length, mode_t mode, uid_t user);
/* Makes a directory and those above it. */
int disk_make_directory(struct disk *disk, const char *path, mode_t mode, uid_t user);
/* Removes a file, or a directory with all below it. */
int disk_remove(struct disk *disk, const char *path);
/* Calls `each` for the names in a directory, in byte order; it must not change the disk. */
int disk_list(const struct disk *disk, const char *path, void (*each)(void *data, const char *name), void *data);
bool disk_exists(const struct disk *disk, const char *path);
bool disk_is_directory(const struct disk *disk, const char *path);
bool disk_is_locked(const struct disk *disk, const char *path); /* false when missing, too */
#endif
