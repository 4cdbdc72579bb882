#ifndef TESTS_UNIT_WORDS_H
#define TESTS_UNIT_WORDS_H
/* The words of a command, for a test. Include after cmocka.h. */
#include "base/arguments.h"

/* `expected` ends with NULL. */
static inline void expect_words(const struct arguments *argv, const char *const *expected)
{
	size_t count = 0;
	for (; expected[count]; count++) {
		assert_non_null(argv->items[count]);
		assert_string_equal(argv->items[count], expected[count]);
	}
	assert_int_equal(argv->count, count);
}
#endif
