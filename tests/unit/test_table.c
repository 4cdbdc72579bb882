/* Columns for people: aligned, no blanks at line ends, nothing foreign unescaped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/table.h"

static void check(size_t columns, size_t rows, const char *const *cells, const char *expected)
{
	struct table *table = table_new(columns, cells);
	AUTO_TEXT struct text text = TEXT_INIT(10000);
	for (size_t row = 1; row < rows; row++)
		table_add_row(table, cells + row * columns);
	table_print(table, &text);
	assert_string_equal(text_string(&text), expected);
	table_free(table);
}

static void test_alignment(void **state)
{
	static const char *const cells[] = { "ID", "STATUS", "IP", "abc123", "running", "10.0.0.1", "d", "ok", "::1" };
	(void)state;
	check(3, 3, cells, "ID      STATUS   IP\nabc123  running  10.0.0.1\nd       ok       ::1\n");
}

static void test_empty_cells_leave_no_blanks_at_the_end(void **state)
{
	static const char *const cells[] = { "A", "B", "C", "x", "", "", "", "", "z", "", "", "" };
	(void)state;
	check(3, 4, cells, "A  B  C\nx\n      z\n\n");
}

static void test_width_counts_characters_not_bytes(void **state)
{
	static const char *const cells[] = { "N", "X", "\xc3\xa4\xc3\xb6\xc3\xbc", "1", "abcd", "2" };
	(void)state;
	check(2, 3, cells, "N     X\n\xc3\xa4\xc3\xb6\xc3\xbc   1\nabcd  2\n");
}

static void test_foreign_characters(void **state)
{
	static const char *const cells[] = { "N", "X", "a\x1b[2J\n", "1" };
	(void)state;
	check(2, 2, cells, "N             X\na\\x1b[2J\\x0a  1\n");
}

static void test_freeing_nothing(void **state)
{
	(void)state;
	table_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_alignment),
		cmocka_unit_test(test_empty_cells_leave_no_blanks_at_the_end),
		cmocka_unit_test(test_width_counts_characters_not_bytes),
		cmocka_unit_test(test_foreign_characters),
		cmocka_unit_test(test_freeing_nothing),
	};
	return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
