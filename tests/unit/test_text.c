/* Bounded text: what fits is kept, what is foreign is made harmless. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

static void test_maximum_is_kept(void **state)
{
	AUTO_TEXT struct text text = TEXT_INIT(5);
	(void)state;
	assert_string_equal(text_string(&text), "");
	assert_true(text_add_string(&text, "abc"));
	assert_false(text.overflowed);
	assert_false(text_add_string(&text, "defg"));
	assert_string_equal(text_string(&text), "abcde");
	assert_int_equal(text.length, 5);
	assert_true(text.overflowed);
	assert_false(text_addf(&text, "%d", 7));
	assert_true(text_add(&text, NULL, 0));
	text_clear(&text);
	assert_false(text.overflowed);
	assert_string_equal(text_string(&text), "");
	assert_true(text_add_string(&text, "12345"));
}

static void test_format_longer_than_any_small_buffer(void **state)
{
	AUTO_TEXT struct text text = TEXT_INIT(100000);
	AUTO_FREE char *word = memory_new(5001);
	(void)state;
	memset(word, 'w', 5000);
	for (int i = 0; i < 3; i++)
		assert_true(text_addf(&text, "%s%d", word, i));
	assert_int_equal(text.length, 3 * 5001);
	assert_int_equal(text.data[5000], '0');
	assert_int_equal(text.data[15002], '2');
}

static void test_taking_leaves_it_empty(void **state)
{
	struct text text;
	(void)state;
	text_init(&text, 10);
	AUTO_FREE char *nothing = text_take(&text);
	assert_string_equal(nothing, "");
	text_add_string(&text, "mine");
	AUTO_FREE char *taken = text_take(&text);
	assert_string_equal(taken, "mine");
	assert_string_equal(text_string(&text), "");
	assert_int_equal(text.maximum, 10);
}

static void test_escaping(void **state)
{
	static const struct {
		const char *bytes, *plain, *with_newlines;
	} cases[] = {
		{ "plain ~", "plain ~", "plain ~" },
		{ "a\nb", "a\\x0ab", "a\nb" },
		{ "\x1b[31mred\r\t\x7f", "\\x1b[31mred\\x0d\\x09\\x7f", "\\x1b[31mred\\x0d\\x09\\x7f" },
		{ "\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80", "\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80",
		  "\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80" },
		{ "\xc2\x9b"
		  "1m",
		  "\\xc2\\x9b1m", "\\xc2\\x9b1m" },                                 /* a C1 control */
		{ "\xe2\x80\xaetxt", "\\xe2\\x80\\xaetxt", "\\xe2\\x80\\xaetxt" },  /* right-to-left override */
		{ "\xe2\x81\xa6", "\\xe2\\x81\\xa6", "\\xe2\\x81\\xa6" },           /* an isolate */
		{ "\xd8\x9c\xd8\xa7", "\\xd8\\x9c\xd8\xa7", "\\xd8\\x9c\xd8\xa7" }, /* a mark, a letter */
		{ "\xe2\x80\x93\xe2\x81\xaf", "\xe2\x80\x93\xe2\x81\xaf", "\xe2\x80\x93\xe2\x81\xaf" },
		{ "\xc0\xaf", "\\xc0\\xaf", "\\xc0\\xaf" },                             /* overlong */
		{ "\xed\xa0\x80", "\\xed\\xa0\\x80", "\\xed\\xa0\\x80" },               /* half a surrogate pair */
		{ "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80", "\\xf4\\x90\\x80\\x80" }, /* above U+10FFFF */
		{ "\xe2\x82", "\\xe2\\x82", "\\xe2\\x82" },                             /* cut */
		{ "\xe2\x28\xa1", "\\xe2(\\xa1", "\\xe2(\\xa1" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		AUTO_TEXT struct text plain = TEXT_INIT(100), lines = TEXT_INIT(100);
		assert_true(text_add_escaped(&plain, cases[i].bytes, strlen(cases[i].bytes), false));
		assert_true(text_add_escaped(&lines, cases[i].bytes, strlen(cases[i].bytes), true));
		assert_string_equal(text_string(&plain), cases[i].plain);
		assert_string_equal(text_string(&lines), cases[i].with_newlines);
	}
}

static void test_escaping_reads_no_further_than_told(void **state)
{
	AUTO_TEXT struct text text = TEXT_INIT(100);
	char *bytes = malloc(2); /* exactly, so that a sanitizer sees a third one */
	(void)state;
	assert_non_null(bytes);
	memcpy(bytes, "\xe2\x82", 2);
	text_add_escaped(&text, bytes, 2, false);
	text_add_escaped(&text, "\0", 1, false);
	free(bytes);
	assert_string_equal(text_string(&text), "\\xe2\\x82\\x00");
}

static void test_copy_into_a_fixed_buffer(void **state)
{
	char target[4] = "xxx";
	(void)state;
	assert_true(text_copy(target, sizeof(target), "abc"));
	assert_string_equal(target, "abc");
	assert_false(text_copy(target, sizeof(target), "defg"));
	assert_string_equal(target, "def");
}

/* Half a character would make a file of JSON that nobody can read. */
static void test_no_character_is_cut(void **state)
{
	(void)state;
	char target[6];
	static const struct {
		const char *source, *copied;
	} rows[] = {
		{ "abcd\xc3\xa9", "abcd" },
		{ "abc\xc3\xa9z", "abc\xc3\xa9" },
		{ "abc\xe2\x82\xac", "abc" },
		{ "abcd\xf0\x9f\x98\x80", "abcd" },
		{ "ab\xf0\x9f\x98\x80", "ab" },
		{ "a\xf0\x9f\x98\x80z", "a\xf0\x9f\x98\x80" },
		{ "\x80\x80\x80\x80\x80\x80", "\x80\x80" }, /* no UTF-8 anyway */
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct text text;
		assert_false(text_copy(target, sizeof(target), rows[i].source));
		assert_string_equal(target, rows[i].copied);
		text_init(&text, sizeof(target) - 1);
		assert_false(text_add_escaped(&text, rows[i].source, strlen(rows[i].source), false));
		if ((rows[i].source[0] & 0x80) == 0)
			assert_string_equal(text_string(&text), rows[i].copied);
		text_release(&text);
	}
}

static void test_reserved_text_is_empty_and_does_not_move(void **state)
{
	AUTO_TEXT struct text text = TEXT_INIT(100);
	(void)state;
	text_reserve(&text, 50);
	assert_string_equal(text_string(&text), "");
	const char *before = text_string(&text);
	for (int i = 0; i < 50; i++)
		assert_true(text_add(&text, "x", 1));
	assert_ptr_equal(text_string(&text), before);
	text_reserve(&text, SIZE_MAX);
	assert_true(text_add(&text, "012345678901234567890123456789012345678901234567890123456789", 50));
	assert_false(text_add(&text, "x", 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reserved_text_is_empty_and_does_not_move),
		cmocka_unit_test(test_maximum_is_kept),
		cmocka_unit_test(test_format_longer_than_any_small_buffer),
		cmocka_unit_test(test_taking_leaves_it_empty),
		cmocka_unit_test(test_escaping),
		cmocka_unit_test(test_escaping_reads_no_further_than_told),
		cmocka_unit_test(test_copy_into_a_fixed_buffer),
		cmocka_unit_test(test_no_character_is_cut),
	};
	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
