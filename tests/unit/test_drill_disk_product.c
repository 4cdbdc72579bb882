/*
 * The product's durable files on the drill's disk, struck at each of their effects:
 * what they promise holds. Built again from sources with one planted bug each, and
 * told which of the stories must then go wrong.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>

#include "base/memory.h"
#include "disk_world.h"
#include "system/durable_file.h"

#ifndef EXPECT_WRONG
#define EXPECT_WRONG "" /* names of stories */
#endif

#define FILE_PATH "/state/file"
#define DRAWS     40 /* power cuts at one place: nothing and everything survives, the rest at random */

static char long_line[6001], old_content[15001], new_content[15001]; /* several pages */

/* A call of the product, and what must hold whatever happened to it. */
struct story {
	const char *name;
	const char *before; /* durable content of the file; NULL: missing */
	int (*act)(struct error *err);
	/* `done`: the act said that it was successful; `calm`: nobody was killed, no power cut */
	bool (*holds)(const struct disk *disk, bool done, bool calm);
};

static int replace(struct error *err)
{
	return file_replace(NULL, FILE_PATH, new_content, strlen(new_content), 0640, err);
}

static bool sweep(void)
{
	struct error error = ERROR_INIT;
	return directory_sweep_temporaries(NULL, "/state", &error) == 0;
}

static void count_name(void *data, const char *name)
{
	(void)name;
	++*(unsigned *)data;
}

static unsigned names_in_state(const struct disk *disk)
{
	unsigned count = 0;
	assert_int_equal(disk_list(disk, "/state", count_name, &count), 0);
	return count;
}

static bool is_replaced(const struct disk *disk, bool done, bool calm)
{
	struct file_facts facts;
	struct error error = ERROR_INIT;
	if (calm && names_in_state(disk) != 1)
		return false; /* whoever fails cleans up */
	if (!sweep() || names_in_state(disk) != 1 || file_look(NULL, FILE_PATH, &facts, &error) < 0)
		return false;
	if (file_is(disk, FILE_PATH, new_content))
		return facts.mode == 0640;
	return !done && file_is(disk, FILE_PATH, old_content) && facts.mode == 0600;
}

static bool is_made_whole(const struct disk *disk, bool done, bool calm)
{
	(void)calm;
	return sweep() && (disk_exists(disk, FILE_PATH) ? file_is(disk, FILE_PATH, new_content) : !done);
}

static int append(struct error *err)
{
	return file_append_lines(NULL, FILE_PATH, long_line, strlen(long_line), err);
}

/* The lines before, the new one if it was reported, the next: all whole. */
static bool has_whole_lines(const struct disk *disk, const char *before, bool done)
{
	AUTO_TEXT struct text without = TEXT_INIT(65536), with = TEXT_INIT(65536);
	struct error error = ERROR_INIT;
	text_addf(&without, "%snext\n", before);
	text_addf(&with, "%s%snext\n", before, long_line);
	if (file_append_lines(NULL, FILE_PATH, "next\n", 5, &error) < 0)
		return false;
	return file_is(disk, FILE_PATH, text_string(&with)) ||
	       (!done && file_is(disk, FILE_PATH, text_string(&without)));
}

static bool is_appended(const struct disk *disk, bool done, bool calm)
{
	(void)calm;
	return has_whole_lines(disk, "one\ntwo\n", done);
}

static bool is_begun(const struct disk *disk, bool done, bool calm)
{
	(void)calm;
	return has_whole_lines(disk, "", done);
}

static int remove_file(struct error *err)
{
	return file_remove(NULL, FILE_PATH, err);
}

static bool is_removed(const struct disk *disk, bool done, bool calm)
{
	(void)calm;
	return disk_exists(disk, FILE_PATH) ? !done && file_is(disk, FILE_PATH, old_content) : true;
}

static int make_directory(struct error *err)
{
	return directory_make(NULL, "/state/deep/er", 0750, err);
}

static bool is_made(const struct disk *disk, bool done, bool calm)
{
	struct error error = ERROR_INIT;
	(void)calm;
	if (done && !disk_is_directory(disk, "/state/deep/er"))
		return false;
	return make_directory(&error) == 0 && disk_is_directory(disk, "/state/deep/er");
}

static int remove_tree(struct error *err)
{
	return directory_remove_tree(NULL, "/state/tree", err);
}

static bool is_removed_tree(const struct disk *disk, bool done, bool calm)
{
	struct error error = ERROR_INIT;
	(void)calm;
	if (done && disk_exists(disk, "/state/tree"))
		return false;
	return remove_tree(&error) == 0 && !disk_exists(disk, "/state/tree");
}

static const struct story stories[] = {
	{ "replace", old_content, replace, is_replaced },   { "make", NULL, replace, is_made_whole },
	{ "append", "one\ntwo\n", append, is_appended },    { "begin", NULL, append, is_begun },
	{ "remove", old_content, remove_file, is_removed }, { "directory", NULL, make_directory, is_made },
	{ "tree", NULL, remove_tree, is_removed_tree },
};

static const struct aftermath {
	int number; /* KILLED, or of the call that fails */
	bool power_cut;
} aftermaths[] = {
	{ KILLED, false }, { KILLED, true }, { EIO, false }, { EIO, true }, { ENOSPC, false }, { ENOSPC, true },
};

struct attempt {
	const struct story *story;
	int result;
};

static void perform(void *data)
{
	struct attempt *attempt = data;
	struct error error = ERROR_INIT;
	attempt->result = attempt->story->act(&error);
}

static void furnish(struct disk *disk, const struct story *story)
{
	if (story->before)
		assert_int_equal(disk_put(disk, FILE_PATH, story->before, strlen(story->before), 0600, 1000), 0);
	if (story->act == remove_tree) {
		assert_int_equal(disk_make_directory(disk, "/state/tree/deep", 0700, 1000), 0);
		assert_int_equal(disk_put(disk, "/state/tree/deep/file", "x", 1, 0600, 1000), 0);
		assert_int_equal(disk_put(disk, "/state/tree/file", "x", 1, 0600, 1000), 0);
	}
	disk_settle(disk);
}

/* Gives whether what must hold does; *ret_reached: there was such an effect. */
static bool strike(const struct story *story, const struct aftermath *aftermath, unsigned at, unsigned number,
		   bool *ret_reached)
{
	uint64_t state = number, cut_state = number;
	struct disk_random random = number == 0   ? nothing_survives
				    : number == 1 ? everything_survives
						  : seeded_random(&cut_state);
	struct attempt attempt = { story, -1 };
	struct disk *disk = world_begin(&state);
	furnish(disk, story);
	bool lived = world_run(perform, &attempt, at, aftermath->number);
	*ret_reached = world_effects() >= at;
	if (!lived)
		world_new_process();
	if (aftermath->power_cut)
		world_power_cut(&random);
	bool right = story->holds(disk, lived && attempt.result == 0, lived && !aftermath->power_cut);
	world_end();
	return right;
}

static unsigned strike_everywhere(const struct story *story, unsigned *ret_struck)
{
	unsigned wrong = 0;
	for (size_t i = 0; i < ARRAY_LENGTH(aftermaths); i++) {
		bool reached = true;
		for (unsigned at = 1; reached; at++)
			for (unsigned number = 0; number < DRAWS; number++) {
				wrong += !strike(story, &aftermaths[i], at, number, &reached);
				*ret_struck += reached;
			}
	}
	return wrong;
}

static void test_stories(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(stories); i++) {
		unsigned struck = 0, wrong = strike_everywhere(&stories[i], &struck);
		print_message("%s: struck %u times, wrong %u times\n", stories[i].name, struck, wrong);
		assert_true(struck >= DRAWS * ARRAY_LENGTH(aftermaths));
		assert_int_equal(wrong > 0, strstr(EXPECT_WRONG, stories[i].name) != NULL);
	}
}

static void repeat(char *line, size_t size, char letter)
{
	memset(line, letter, size - 1);
	line[size - 1] = '\0';
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stories),
	};
	repeat(old_content, sizeof(old_content), 'o');
	repeat(new_content, sizeof(new_content), 'n');
	repeat(long_line, sizeof(long_line), 'l');
	long_line[sizeof(long_line) - 2] = '\n';
	return cmocka_run_group_tests_name("drill_disk_product", tests, NULL, NULL);
}
