/* How far the history goes is read from its end, whatever a crash left there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "store/layout.h"
#include "system/durable_file.h"

#define LINE(commit, more) "{\"fleet\": \"0123abcd\", \"commit\": " #commit more "}\n"

/* The commit that a history with this content tells, or -1 when there is none. */
static int64_t commit_of(const char *bytes, size_t length)
{
	struct system *system = system_new();
	struct history_end end;
	struct error error = ERROR_INIT;
	char path[] = "/tmp/ccc-test-history-end.XXXXXX";
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, length), (ssize_t)length);
	close(fd);
	assert_int_equal(history_look_at_end(system, path, &end, &error), 0);
	unlink(path);
	system_free(system);
	assert_true(!end.commit || strcmp(end.fleet, "0123abcd") == 0);
	return end.exists ? end.commit : -1;
}

#define COMMIT_OF(content) commit_of(content, sizeof(content) - 1)

static void test_the_newest_line_that_can_be_read_tells(void **state)
{
	(void)state;
	assert_int_equal(COMMIT_OF(""), -1);
	assert_int_equal(COMMIT_OF(LINE(7, "")), 7);
	assert_int_equal(COMMIT_OF(LINE(7, "") LINE(8, "")), 8);
	assert_int_equal(COMMIT_OF(LINE(7, "") "{\"fleet\": \"0123abcd\", \"com"), 7);
	assert_int_equal(COMMIT_OF(LINE(7, "") "\0\0\0\0\n"), 7);
	assert_int_equal(COMMIT_OF(LINE(7, "") "what is this\n\n"), 7);
	assert_int_equal(COMMIT_OF(LINE(7, "") "{\"commit\": 9, \"fleet\": \"0123abcd0123\"}\n"), 7);
	assert_int_equal(COMMIT_OF("{\"at\": \"of an older ccc\"}\n"), 0);
	assert_int_equal(COMMIT_OF("\n\n"), 0);
}

/* A line may be longer than what is read at first, and begin anywhere before that. */
static void test_long_lines(void **state)
{
	static const size_t lengths[] = { 65000, 65535, 65536, 65537, 200000, 5000000 };
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(lengths); i++) {
		AUTO_FREE char *padding = memory_new(lengths[i] + 1);
		AUTO_TEXT struct text content = TEXT_INIT(SIZE_MAX / 4);
		memset(padding, 'x', lengths[i]);
		text_addf(&content, LINE(7, "") LINE(8, ", \"padding\": \"%s\""), padding);
		assert_int_equal(commit_of(text_string(&content), content.length), 8);
		text_addf(&content, "{\"torn\": \"%s\"", padding);
		assert_int_equal(commit_of(text_string(&content), content.length), 8);
	}
}

static void test_one_behind_is_a_crash_and_two_are_an_old_copy(void **state)
{
	struct snapshot snapshot = { .fleet = { .id = "0123abcd" }, .commit = 7 };
	struct history_end end = { .exists = true, .fleet = "0123abcd", .commit = 8 };
	struct error error = ERROR_INIT;
	(void)state;
	assert_int_equal(history_check_age(&snapshot, &end, "d", &error), 0);
	end.commit = 3; /* its newest lines are missing: that is no reason to end nobody */
	assert_int_equal(history_check_age(&snapshot, &end, "d", &error), 0);
	end.commit = 9;
	assert_int_equal(history_check_age(&snapshot, &end, "d", &error), -1);
	assert_int_equal(error.kind, ERROR_STATE);
	assert_non_null(strstr(error.message, "2 changes ahead"));
	end.commit = 7;
	text_copy(end.fleet, sizeof(end.fleet), "ffff0000");
	assert_int_equal(history_check_age(&snapshot, &end, "d", &error), -1);
	end.fleet[0] = '\0'; /* of an older ccc */
	assert_int_equal(history_check_age(&snapshot, &end, "d", &error), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_newest_line_that_can_be_read_tells),
		cmocka_unit_test(test_long_lines),
		cmocka_unit_test(test_one_behind_is_a_crash_and_two_are_an_old_copy),
	};
	return cmocka_run_group_tests_name("history_end", tests, NULL, NULL);
}
