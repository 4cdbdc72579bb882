/* What a power cut and a failed fsync leave on the drill's disk: all that is legal, nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>

#include "disk_world.h"
#include "drill/disk_posix.h"

#define FILE_PATH  "/state/file"
#define OTHER_PATH "/state/other"
#define SEEDS      400

static uint64_t state;

static void put(const char *path, const char *content)
{
	int fd = disk_open(path, O_WRONLY | O_CREAT, 0600);
	assert_true(fd >= 0);
	assert_int_equal(disk_write(fd, content, strlen(content)), strlen(content));
	assert_int_equal(disk_close(fd), 0);
}

static int sync_path(const char *path)
{
	int fd = disk_open(path, O_RDONLY);
	assert_true(fd >= 0);
	int result = disk_fsync(fd);
	int number = errno;
	disk_close(fd);
	errno = number;
	return result;
}

/* A world with a durable file "old". */
static struct disk *begin(uint64_t seed)
{
	state = seed;
	struct disk *disk = world_begin(&state);
	put(FILE_PATH, "old");
	disk_settle(disk);
	return disk;
}

static void cut(uint64_t seed)
{
	struct disk_random random = seeded_random(&seed);
	world_power_cut(&random);
}

static void test_bytes_and_names_are_durable_each_for_itself(void **unused)
{
	struct disk *disk = begin(1);
	(void)unused;
	put("/state/bytes", "bytes");
	assert_int_equal(sync_path("/state/bytes"), 0);
	world_power_cut(&nothing_survives);
	assert_names(disk, "/state", "file ");
	put("/state/name", "bytes");
	assert_int_equal(sync_path("/state"), 0);
	world_power_cut(&nothing_survives);
	assert_file(disk, "/state/name", "");
	put("/state/name", "both");
	assert_int_equal(sync_path("/state/name"), 0);
	world_power_cut(&nothing_survives);
	assert_file(disk, "/state/name", "both");
	put(OTHER_PATH, "unsynced");
	world_power_cut(&everything_survives);
	assert_file(disk, OTHER_PATH, "unsynced");
	world_power_cut(&nothing_survives); /* what survived once is durable */
	assert_file(disk, OTHER_PATH, "unsynced");
	world_end();
}

static void test_removed_is_back(void **unused)
{
	struct disk *disk = begin(1);
	struct stat facts;
	(void)unused;
	assert_int_equal(disk_mkdir("/state/deep", 0700), 0);
	put("/state/deep/file", "deep");
	disk_settle(disk);
	assert_int_equal(disk_chmod(FILE_PATH, 0644), 0);
	assert_int_equal(disk_unlink(FILE_PATH), 0);
	assert_int_equal(disk_unlink("/state/deep/file"), 0);
	assert_int_equal(disk_rmdir("/state/deep"), 0);
	assert_names(disk, "/state", "");
	world_power_cut(&nothing_survives);
	assert_file(disk, FILE_PATH, "old");
	assert_file(disk, "/state/deep/file", "deep");
	assert_int_equal(disk_stat(FILE_PATH, &facts), 0);
	assert_int_equal(facts.st_mode, S_IFREG | 0600);
	assert_int_equal(disk_unlink("/state/deep/file"), 0);
	assert_int_equal(disk_rmdir("/state/deep"), 0);
	assert_int_equal(sync_path("/state"), 0);
	world_power_cut(&nothing_survives);
	assert_names(disk, "/state", "file ");
	world_end();
}

/* What may be left of "old" + 9999 letters n. */
static void test_torn_bytes(void **unused)
{
	static char long_text[10000];
	bool lost = false, part = false, first_half = false, zeros = false, whole = false;
	(void)unused;
	memset(long_text, 'n', sizeof(long_text) - 1);
	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		const char *bytes;
		size_t length, kept = 3;
		struct disk *disk = begin(seed);
		int fd = disk_open(FILE_PATH, O_WRONLY);
		assert_int_equal(disk_lseek(fd, 0, SEEK_END), 3);
		assert_int_equal(disk_write(fd, long_text, 9999), 9999);
		cut(seed);
		assert_int_equal(disk_peek(disk, FILE_PATH, &bytes, &length), 0);
		assert_in_range(length, 3, 10002);
		assert_memory_equal(bytes, "old", 3);
		while (kept < length && bytes[kept] == 'n')
			kept++;
		for (size_t i = kept; i < length; i++)
			assert_int_equal(bytes[i], 0);
		lost |= length == 3;
		part |= kept > 3 && kept < 10002 && kept == length;
		first_half |= kept > 3 + 4999 && kept < 10002 && kept == length;
		zeros |= kept < length;
		whole |= kept == 10002;
		world_end();
	}
	assert_true(lost && part && first_half && zeros && whole);
}

static bool has_hole(const char *bytes, size_t length)
{
	const char *zero = memchr(bytes, 0, length);
	return zero && memchr(zero, 'n', (size_t)(bytes + length - zero));
}

static void test_holes_only_where_allowed(void **unused)
{
	static char long_text[20001];
	(void)unused;
	memset(long_text, 'n', sizeof(long_text) - 1);
	for (int allowed = 0; allowed < 2; allowed++) {
		unsigned after_cut = 0, after_failure = 0;
		for (uint64_t seed = 0; seed < 2 * SEEDS; seed++) {
			const char *bytes;
			size_t length;
			struct disk *disk = begin(seed);
			disk_allow_holes(disk, allowed);
			put(OTHER_PATH, long_text);
			assert_int_equal(sync_path("/state"), 0);
			if (seed % 2) {
				world_fail_next(EIO);
				assert_int_equal(sync_path(OTHER_PATH), -1);
			}
			cut(seed);
			assert_int_equal(disk_peek(disk, OTHER_PATH, &bytes, &length), 0);
			*(seed % 2 ? &after_failure : &after_cut) += has_hole(bytes, length);
			world_end();
		}
		assert_int_equal(after_cut > 0, allowed);
		assert_int_equal(after_failure > 0, allowed);
	}
}

/* Two replacements that nobody synced the directory for. */
static void test_renamings_survive_whole_in_any_legal_set(void **unused)
{
	bool old = false, first = false, second = false, left_over = false, clean = false;
	(void)unused;
	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		struct disk *disk = begin(seed);
		put("/state/1", "first");
		assert_int_equal(sync_path("/state/1"), 0);
		assert_int_equal(disk_rename("/state/1", FILE_PATH), 0);
		put("/state/2", "second");
		assert_int_equal(sync_path("/state/2"), 0);
		assert_int_equal(disk_rename("/state/2", FILE_PATH), 0);
		assert_names(disk, "/state", "file ");
		cut(seed);
		bool is_first = file_is(disk, FILE_PATH, "first"), is_second = file_is(disk, FILE_PATH, "second");
		assert_true(is_first || is_second || file_is(disk, FILE_PATH, "old"));
		/* nothing is under two names */
		assert_false(is_first && disk_exists(disk, "/state/1"));
		assert_false(is_second && disk_exists(disk, "/state/2"));
		if (disk_exists(disk, "/state/1"))
			assert_file(disk, "/state/1", "first");
		old |= !is_first && !is_second;
		first |= is_first;
		second |= is_second;
		left_over |= is_second && disk_exists(disk, "/state/1");
		clean |= is_second && !disk_exists(disk, "/state/1");
		world_end();
	}
	assert_true(old && first && second && left_over && clean);
}

/* A file that is renamed twice, and one that is removed and made anew. */
static void test_changes_of_one_name(void **unused)
{
	unsigned ends[3] = { 0 };
	bool is_new = false, is_old = false, is_none = false;
	(void)unused;
	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		static const char *const names[] = { FILE_PATH, "/state/1", "/state/2" };
		struct disk *disk = begin(seed);
		put(OTHER_PATH, "other");
		disk_settle(disk);
		assert_int_equal(disk_rename(FILE_PATH, "/state/1"), 0);
		assert_int_equal(disk_rename("/state/1", "/state/2"), 0);
		assert_int_equal(disk_unlink(OTHER_PATH), 0);
		put(OTHER_PATH, "new");
		assert_int_equal(sync_path(OTHER_PATH), 0);
		cut(seed);
		unsigned there = 0;
		for (size_t i = 0; i < 3; i++) {
			there += disk_exists(disk, names[i]);
			ends[i] += file_is(disk, names[i], "old");
		}
		assert_int_equal(there, 1);
		is_new |= file_is(disk, OTHER_PATH, "new");
		is_old |= file_is(disk, OTHER_PATH, "other");
		is_none |= !disk_exists(disk, OTHER_PATH);
		world_end();
	}
	assert_true(ends[0] && ends[1] && ends[2]);
	assert_int_equal(ends[0] + ends[1] + ends[2], SEEDS);
	assert_true(is_new && is_old && is_none);
}

/* After a failed fsync the kernel shows the bytes, the next fsync succeeds, and they may be gone. */
static void test_failed_fsync_of_a_file(void **unused)
{
	bool lost = false, kept = false;
	(void)unused;
	for (uint64_t seed = 0; seed < 50; seed++) {
		struct disk *disk = begin(seed);
		int fd = disk_open(FILE_PATH, O_WRONLY);
		assert_int_equal(disk_write(fd, "new bytes", 9), 9);
		world_fail_next(EIO);
		assert_int_equal(disk_fsync(fd), -1);
		assert_int_equal(errno, EIO);
		assert_file(disk, FILE_PATH, "new bytes");
		assert_int_equal(disk_fsync(fd), 0);
		disk_settle(disk);
		assert_file(disk, FILE_PATH, "new bytes");
		assert_int_equal(disk_write(fd, ", more", 6), 6);
		assert_int_equal(disk_fsync(fd), 0);
		world_power_cut(&everything_survives);
		bool is_lost = !file_is(disk, FILE_PATH, "new bytes, more");
		if (is_lost) { /* only what was written since is safe */
			const char *bytes;
			size_t length;
			assert_int_equal(disk_peek(disk, FILE_PATH, &bytes, &length), 0);
			assert_int_equal(length, 15);
			assert_memory_equal(bytes, "old\0\0\0\0\0\0, more", 15);
		}
		lost |= is_lost;
		kept |= !is_lost;
		world_end();
	}
	assert_true(lost && kept);
}

static void test_written_again_after_a_failed_fsync(void **unused)
{
	(void)unused;
	for (uint64_t seed = 0; seed < 50; seed++) {
		struct disk *disk = begin(seed);
		put(FILE_PATH, "new bytes");
		world_fail_next(EIO);
		assert_int_equal(sync_path(FILE_PATH), -1);
		put(FILE_PATH, "the same!");
		assert_int_equal(sync_path(FILE_PATH), 0);
		world_power_cut(&nothing_survives);
		assert_file(disk, FILE_PATH, "the same!");
		world_end();
	}
}

static void test_failed_fsync_of_a_directory(void **unused)
{
	bool lost = false, kept = false;
	(void)unused;
	for (uint64_t seed = 0; seed < 50; seed++) {
		struct disk *disk = begin(seed);
		put(OTHER_PATH, "new");
		assert_int_equal(sync_path(OTHER_PATH), 0);
		world_fail_next(EIO);
		assert_int_equal(sync_path("/state"), -1);
		assert_file(disk, OTHER_PATH, "new");
		put("/state/third", "");
		assert_int_equal(sync_path("/state"), 0);
		world_power_cut(&everything_survives);
		assert_true(disk_exists(disk, "/state/third"));
		lost |= !disk_exists(disk, OTHER_PATH);
		kept |= file_is(disk, OTHER_PATH, "new");
		world_end();
	}
	assert_true(lost && kept);
}

static void make_and_remove(unsigned times)
{
	for (unsigned i = 0; i < times; i++) {
		put("/state/lock", "");
		assert_int_equal(disk_unlink("/state/lock"), 0);
	}
}

/* What nobody syncs is written in the end: so journals have a maximum. */
static void test_many_changes(void **unused)
{
	(void)unused;
	for (uint64_t seed = 0; seed < 10; seed++) {
		struct disk *disk = begin(seed);
		put("/state/third", "");
		world_fail_next(EIO);
		assert_int_equal(sync_path("/state"), -1);
		for (unsigned i = 0; i < 20; i++) {
			make_and_remove(10);
			assert_int_equal(sync_path("/state"), 0);
		}
		put("/state/fourth", "");
		make_and_remove(40);
		world_power_cut(&nothing_survives);
		assert_true(disk_exists(disk, "/state/third") && disk_exists(disk, "/state/fourth"));
		world_end();
	}
}

static void test_settled_is_durable(void **unused)
{
	struct disk *disk = begin(1);
	(void)unused;
	assert_int_equal(disk_make_directory(disk, "/state/a/b", 0700, 1000), 0);
	assert_int_equal(disk_put(disk, "/state/a/b/c", "content", 7, 0600, 1000), 0);
	disk_settle(disk);
	assert_int_equal(disk_put(disk, "/state/a/b/c", "other", 5, 0600, 1000), 0);
	assert_file(disk, "/state/a/b/c", "other");
	assert_int_equal(disk_remove(disk, "/state/a"), 0);
	assert_names(disk, "/state", "file ");
	world_power_cut(&nothing_survives);
	assert_file(disk, "/state/a/b/c", "content");
	assert_int_equal(disk_remove(disk, "/state/a"), 0);
	disk_settle(disk);
	world_power_cut(&nothing_survives);
	assert_names(disk, "/state", "file ");
	world_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bytes_and_names_are_durable_each_for_itself),
		cmocka_unit_test(test_removed_is_back),
		cmocka_unit_test(test_torn_bytes),
		cmocka_unit_test(test_holes_only_where_allowed),
		cmocka_unit_test(test_renamings_survive_whole_in_any_legal_set),
		cmocka_unit_test(test_changes_of_one_name),
		cmocka_unit_test(test_failed_fsync_of_a_file),
		cmocka_unit_test(test_written_again_after_a_failed_fsync),
		cmocka_unit_test(test_failed_fsync_of_a_directory),
		cmocka_unit_test(test_many_changes),
		cmocka_unit_test(test_settled_is_durable),
	};
	return cmocka_run_group_tests_name("drill_disk", tests, NULL, NULL);
}
