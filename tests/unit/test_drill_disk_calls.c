/* The calls on the drill's disk: what they answer, where a process dies, a full disk, locks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>

#include "base/memory.h"
#include "disk_world.h"
#include "drill/disk_posix.h"
#include "system/durable_file.h"
#include "system/lock.h"

#define FILE_PATH "/state/file"
#define LOCK_PATH "/state/lock"

static uint64_t state;

static int make_file(const char *path, const char *content)
{
	int fd = disk_open(path, O_RDWR | O_CREAT, 0666);
	assert_true(fd >= 0);
	assert_int_equal(disk_write(fd, content, strlen(content)), strlen(content));
	return fd;
}

#define assert_fails(call, number)                                                                                     \
	do {                                                                                                           \
		errno = 0;                                                                                             \
		assert_int_equal(call, -1);                                                                            \
		assert_int_equal(errno, number);                                                                       \
	} while (0)

static void test_refusals(void **unused)
{
	char long_name[300] = "/state/";
	struct stat facts;
	(void)unused;
	world_begin(&state);
	memset(long_name + 7, 'x', 256);
	int fd = make_file(FILE_PATH, "content");
	assert_int_equal(disk_mkdir("/state/full", 0755), 0);
	disk_close(make_file("/state/full/inner", ""));
	assert_fails(disk_open("/state/none", O_RDONLY), ENOENT);
	assert_fails(disk_open("/none/file", O_RDWR | O_CREAT, 0600), ENOENT);
	assert_fails(disk_open("/state/file/x", O_RDWR | O_CREAT, 0600), ENOTDIR);
	assert_fails(disk_open(long_name, O_RDWR | O_CREAT, 0600), ENAMETOOLONG);
	assert_fails(disk_open(FILE_PATH, O_RDWR | O_CREAT | O_EXCL, 0600), EEXIST);
	assert_fails(disk_open(FILE_PATH, O_RDONLY | O_DIRECTORY), ENOTDIR);
	assert_fails(disk_open(FILE_PATH, O_RDWR | O_APPEND), ENOTSUP);
	assert_fails(disk_open("/state", O_RDWR), EISDIR);
	assert_fails(disk_open("/state", O_RDONLY | O_CREAT, 0600), EISDIR);
	assert_fails(disk_mkdir("/", 0700), EEXIST);
	assert_fails(disk_mkdir(FILE_PATH, 0700), EEXIST);
	assert_fails(disk_rmdir("/state/none"), ENOENT);
	assert_fails(disk_rmdir(FILE_PATH), ENOTDIR);
	assert_fails(disk_rmdir("/state/full"), ENOTEMPTY);
	assert_fails(disk_rmdir("/"), EBUSY);
	assert_fails(disk_unlink("/state/none"), ENOENT);
	assert_fails(disk_unlink("/state/full"), EISDIR);
	assert_fails(disk_rename("/state/none", FILE_PATH), ENOENT);
	assert_fails(disk_rename(FILE_PATH, "/state/full"), EISDIR);
	assert_fails(disk_rename("/state/full", FILE_PATH), ENOTDIR);
	assert_fails(disk_rename(FILE_PATH, "/state/full/file"), EXDEV);
	assert_fails(disk_chmod("/state/none", 0600), ENOENT);
	assert_fails(disk_stat("/state/none", &facts), ENOENT);
	assert_fails(disk_ftruncate(fd, -1), EINVAL);
	assert_fails(disk_lseek(fd, -1, SEEK_SET), EINVAL);
	assert_int_equal(disk_close(fd), 0);
	assert_fails(disk_close(fd), EBADF);
	assert_fails(disk_write(fd, "x", 1), EBADF);
	assert_fails(disk_fsync(fd), EBADF);
	assert_fails(disk_fstat(3, &facts), EBADF);
	assert_null(disk_opendir(FILE_PATH));
	world_end();
}

static void test_reading_and_writing(void **unused)
{
	char buffer[16] = "";
	struct stat facts, again;
	(void)unused;
	struct disk *disk = world_begin(&state);
	int fd = make_file(FILE_PATH, "content");
	assert_int_equal(disk_read(fd, buffer, 16), 0);
	assert_int_equal(disk_lseek(fd, 3, SEEK_SET), 3);
	assert_int_equal(disk_read(fd, buffer, 2), 2);
	assert_string_equal(buffer, "te");
	assert_int_equal(disk_pread(fd, buffer, 16, 1), 6);
	assert_string_equal(buffer, "ontent");
	assert_int_equal(disk_lseek(fd, 0, SEEK_CUR), 5);
	assert_int_equal(disk_write(fd, "XYZ", 3), 3);
	assert_file(disk, FILE_PATH, "conteXYZ");
	assert_int_equal(disk_ftruncate(fd, 2), 0);
	assert_file(disk, FILE_PATH, "co");
	assert_int_equal(disk_fstat(fd, &facts), 0);
	assert_int_equal(facts.st_size, 2);
	assert_int_equal(facts.st_uid, 1000);
	assert_int_equal(facts.st_mode, S_IFREG | 0600); /* 0666 less the umask */
	assert_int_equal(disk_fchmod(fd, 0644), 0);
	assert_int_equal(disk_stat("//state/./file", &again), 0);
	assert_int_equal(again.st_mode, S_IFREG | 0644);
	assert_int_equal(again.st_ino, facts.st_ino);
	int reader = disk_open(FILE_PATH, O_RDONLY);
	assert_fails(disk_write(reader, "x", 1), EBADF);
	assert_fails(disk_ftruncate(reader, 0), EBADF);
	/* what is open stays when its name is gone */
	assert_int_equal(disk_unlink(FILE_PATH), 0);
	assert_int_equal(disk_read(reader, buffer, 16), 2);
	int writer = disk_open(FILE_PATH, O_WRONLY | O_CREAT, 0600);
	assert_fails(disk_read(writer, buffer, 1), EBADF);
	assert_int_equal(disk_fstat(writer, &again), 0);
	assert_int_not_equal(again.st_ino, facts.st_ino);
	assert_int_equal(disk_lseek(writer, 3, SEEK_SET), 3);
	assert_int_equal(disk_write(writer, "x", 1), 1);
	assert_int_equal(disk_fstat(writer, &again), 0);
	assert_int_equal(again.st_size, 4);
	world_end();
}

static void test_listing_while_removing(void **unused)
{
	static const char *const expected[] = { ".", "..", "a", "c", "d" };
	(void)unused;
	struct disk *disk = world_begin(&state);
	for (char path[] = "/state/a"; path[7] <= 'd'; path[7]++)
		disk_close(make_file(path, ""));
	struct disk_listing *listing = disk_opendir("/state");
	for (size_t i = 0; i < ARRAY_LENGTH(expected); i++) {
		assert_string_equal(disk_readdir(listing)->d_name, expected[i]);
		if (i == 2)
			assert_int_equal(disk_unlink("/state/a") | disk_unlink("/state/b"), 0);
	}
	assert_null(disk_readdir(listing));
	assert_int_equal(disk_closedir(listing), 0);
	assert_names(disk, "/state", "c d ");
	assert_non_null(disk_opendir("/state")); /* ends with the process */
	world_end();
}

static void write_pages(void *data)
{
	static char pages[8192];
	memset(pages, 'p', sizeof(pages));
	int fd = disk_open(FILE_PATH, O_WRONLY | O_CREAT, 0600);
	*(ssize_t *)data = disk_write(fd, pages, sizeof(pages));
}

static size_t length_of(const struct disk *disk, const char *path)
{
	const char *bytes;
	size_t length;
	assert_int_equal(disk_peek(disk, path, &bytes, &length), 0);
	return length;
}

static void test_write_across_pages_has_a_middle(void **unused)
{
	ssize_t written = -2;
	(void)unused;
	struct disk *disk = world_begin(&state);
	assert_false(world_run(write_pages, &written, 2, KILLED));
	assert_int_equal(length_of(disk, FILE_PATH), 0);
	assert_false(world_run(write_pages, &written, 3, KILLED));
	assert_int_equal(length_of(disk, FILE_PATH), 4096);
	assert_true(world_run(write_pages, &written, 3, ENOSPC));
	assert_int_equal(written, -1);
	assert_true(world_run(write_pages, &written, NEVER, 0));
	assert_int_equal(written, 8192);
	assert_int_equal(world_effects(), 3);
	world_end();
}

static void test_failed_write_may_have_written_half(void **unused)
{
	bool none = false, half = false;
	(void)unused;
	for (int i = 0; i < 50; i++) {
		ssize_t written = 0;
		struct disk *disk = world_begin(&state);
		assert_true(world_run(write_pages, &written, 2, ENOSPC));
		assert_int_equal(written, -1);
		none |= length_of(disk, FILE_PATH) == 0;
		half |= length_of(disk, FILE_PATH) == 4096;
		world_end();
	}
	assert_true(none && half);
}

static void test_full_disk(void **unused)
{
	static char content[5001];
	struct error error = ERROR_INIT;
	(void)unused;
	struct disk *disk = world_begin(&state);
	memset(content, 'x', 5000);
	assert_int_equal(file_replace(NULL, FILE_PATH, content, 5000, 0600, &error), 0);
	disk_set_free(disk, DISK_NODE_BYTES + 4000);
	assert_int_equal(file_replace(NULL, FILE_PATH, content, 5000, 0600, &error), -1);
	assert_int_equal(error.errnum, ENOSPC);
	assert_names(disk, "/state", "file ");
	assert_int_equal(disk_put(disk, "/state/other", content, 5000, 0600, 1000), ENOSPC);
	assert_int_equal(length_of(disk, "/state/other"), 4000);
	/* now it is full to the last byte */
	assert_fails(disk_mkdir("/state/directory", 0700), ENOSPC);
	assert_fails(disk_open("/state/third", O_RDWR | O_CREAT, 0600), ENOSPC);
	assert_int_equal(disk_make_directory(disk, "/state/directory", 0700, 1000), ENOSPC);
	int fd = disk_open("/state/other", O_WRONLY);
	assert_int_equal(disk_write(fd, content, 4000), 4000); /* overwriting needs nothing */
	assert_fails(disk_write(fd, content, 1), ENOSPC);
	assert_fails(disk_ftruncate(fd, 4001), ENOSPC);
	assert_int_equal(file_append_lines(NULL, FILE_PATH, "line\n", 5, &error), 0); /* mended first: it has no end */
	assert_file(disk, FILE_PATH, "line\n");
	assert_int_equal(disk_unlink("/state/other"), 0);
	assert_fails(disk_ftruncate(fd, 4000 + 4995 + 1), ENOSPC); /* open: it still takes its space */
	assert_int_equal(disk_close(fd), 0);
	assert_int_equal(file_replace(NULL, FILE_PATH, content, 5000, 0600, &error), 0);
	world_power_cut(&nothing_survives); /* gives back what was not synced */
	disk_set_free(disk, DISK_NODE_BYTES + 5000);
	for (int i = 0; i < 3; i++) {
		disk_close(make_file("/state/again", content));
		world_power_cut(&nothing_survives);
	}
	assert_int_equal(file_replace(NULL, FILE_PATH, content, 5000, 0600, &error), 0);
	disk_set_free(disk, SIZE_MAX);
	assert_int_equal(disk_mkdir("/state/directory", 0700), 0);
	world_end();
}

static void test_space_is_given_back(void **unused)
{
	(void)unused;
	struct disk *disk = world_begin(&state);
	assert_int_equal(disk_make_directory(disk, "/state/tree/deep", 0700, 1000), 0);
	assert_int_equal(disk_put(disk, "/state/tree/deep/file", "12345", 5, 0600, 1000), 0);
	disk_settle(disk);
	disk_set_free(disk, 0);
	assert_int_equal(disk_closedir(disk_opendir("/state/tree")), 0); /* gives nothing back */
	assert_fails(disk_mkdir("/state/new", 0700), ENOSPC);
	assert_int_equal(disk_remove(disk, "/state/tree"), 0);
	assert_int_equal(disk_mkdir("/state/1", 0700), 0);
	assert_int_equal(disk_mkdir("/state/2", 0700), 0);
	assert_int_equal(disk_put(disk, "/state/3", "12345", 5, 0600, 1000), 0);
	assert_fails(disk_mkdir("/state/4", 0700), ENOSPC);
	world_power_cut(&nothing_survives); /* the tree is back, and takes as much */
	assert_names(disk, "/state/tree/deep", "file ");
	assert_fails(disk_mkdir("/state/new", 0700), ENOSPC);
	world_end();
}

static struct lock *take(void)
{
	struct lock *lock = NULL;
	struct error error = ERROR_INIT;
	assert_int_equal(lock_try(NULL, LOCK_PATH, &lock, &error), 0);
	return lock;
}

static void test_locks_between_processes(void **unused)
{
	struct error error = ERROR_INIT;
	(void)unused;
	struct disk *disk = world_begin(&state);
	struct disk_process *other = disk_process_new(disk, 1000);
	struct lock *lock = take();
	assert_non_null(lock);
	assert_true(disk_is_locked(disk, LOCK_PATH));
	assert_null(take());
	world_switch(other);
	assert_null(take());
	int strange = disk_open(LOCK_PATH, O_RDWR);
	assert_int_equal(disk_flock(strange, LOCK_UN), 0); /* that is not theirs */
	assert_null(take());
	world_switch(NULL);
	lock_release(lock);
	assert_false(disk_is_locked(disk, LOCK_PATH));
	world_switch(other);
	struct lock *theirs = take();
	assert_non_null(theirs);
	int waiting = disk_open(LOCK_PATH, O_RDWR); /* opened before it is unlinked */
	assert_int_equal(lock_remove(theirs, &error), 0);
	assert_int_equal(disk_flock(waiting, LOCK_EX | LOCK_NB), 0); /* of a file without a name */
	assert_false(disk_is_locked(disk, LOCK_PATH));
	world_switch(NULL);
	lock = take();
	assert_non_null(lock);
	assert_fails(disk_flock(waiting, LOCK_EX | LOCK_NB), EBADF); /* of the other process */
	world_switch(other);
	assert_int_equal(disk_flock(waiting, LOCK_UN), 0);
	assert_fails(disk_flock(waiting, LOCK_EX), ENOTSUP);
	assert_null(take());
	world_switch(NULL);
	lock_release(lock);
	disk_process_kill(other);
	world_end();
}

/* Runs while another process is inside lock_try(), between open and flock. */
static void remove_meanwhile(void)
{
	struct error error = ERROR_INIT;
	struct lock *lock = take();
	assert_non_null(lock);
	assert_int_equal(lock_remove(lock, &error), 0);
}

static void test_lock_file_replaced_while_opened(void **unused)
{
	(void)unused;
	struct disk *disk = world_begin(&state);
	struct disk_process *other = disk_process_new(disk, 1000);
	world_meanwhile("flock", other, remove_meanwhile);
	struct lock *lock = take();
	assert_non_null(lock);
	assert_true(disk_is_locked(disk, LOCK_PATH)); /* the one that has the name */
	world_switch(other);
	assert_null(take());
	world_switch(NULL);
	lock_release(lock);
	disk_process_kill(other);
	world_end();
}

static void take_to_the_end(void *data)
{
	*(struct lock **)data = take();
}

/* A lock that its process holds when it is killed: nobody releases it. */
static struct lock *take_until_killed(void)
{
	struct lock *lock = NULL;
	assert_true(world_run(take_to_the_end, &lock, NEVER, 0));
	assert_non_null(lock);
	return lock;
}

static void test_inherited_lock(void **unused)
{
	(void)unused;
	struct disk *disk = world_begin(&state);
	struct lock *lock = take_until_killed();
	struct disk_lock *guard = disk_lock_share(disk_current(), lock_descriptor(lock));
	world_new_process();
	assert_true(disk_is_locked(disk, LOCK_PATH));
	assert_null(take());
	disk_lock_drop(guard);
	assert_false(disk_is_locked(disk, LOCK_PATH));
	lock = take_until_killed();
	guard = disk_lock_share(disk_current(), lock_descriptor(lock));
	disk_lock_drop(guard); /* the maker still has it */
	assert_null(take());
	world_new_process();
	assert_false(disk_is_locked(disk, LOCK_PATH));
	lock = take_until_killed();
	guard = disk_lock_share(disk_current(), lock_descriptor(lock));
	disk_settle(disk);
	disk_power_cut(disk, &nothing_survives);
	assert_fails(disk_fsync(lock_descriptor(lock)), EBADF);
	world_new_process();
	assert_true(disk_exists(disk, LOCK_PATH));
	assert_false(disk_is_locked(disk, LOCK_PATH));
	lock = take();
	assert_non_null(lock);
	disk_lock_drop(guard); /* from before the cut: holds nothing */
	assert_null(take());
	lock_release(lock);
	disk_lock_drop(NULL);
	world_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_reading_and_writing),
		cmocka_unit_test(test_listing_while_removing),
		cmocka_unit_test(test_write_across_pages_has_a_middle),
		cmocka_unit_test(test_failed_write_may_have_written_half),
		cmocka_unit_test(test_full_disk),
		cmocka_unit_test(test_space_is_given_back),
		cmocka_unit_test(test_locks_between_processes),
		cmocka_unit_test(test_lock_file_replaced_while_opened),
		cmocka_unit_test(test_inherited_lock),
	};
	return cmocka_run_group_tests_name("drill_disk_calls", tests, NULL, NULL);
}
