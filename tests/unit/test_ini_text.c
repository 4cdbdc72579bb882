/* base/ini_text: every value with its line, and nothing that is silently cut or joined. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/ini_text.h"
#include "base/memory.h"
#include "base/text.h"

static void on_section(void *data, int line, const char *section)
{
	text_addf(data, "%d[%s] ", line, section);
}

static void on_value(void *data, int line, const char *section, const char *name, const char *value)
{
	text_addf(data, "%d %s/%s=%s| ", line, section, name, value);
}

static void on_problem(void *data, int line, const char *what)
{
	text_addf(data, "%d!%.12s ", line, what);
}

static const struct ini_text_reader reader = { on_section, on_value, on_problem };

static void check(const char *bytes, size_t length, const char *expected)
{
	AUTO_TEXT struct text told = TEXT_INIT(4096);
	ini_text_read(bytes, length, &reader, &told);
	assert_string_equal(text_string(&told), expected);
}

static void reads_lines(void **state)
{
	static const struct {
		const char *text, *told;
	} rows[] = {
		{ "", "" },
		{ "\n\n", "" },
		{ "a = 1", "1 /a=1| " },
		{ "# x\n[s]\n\n a=1 \r\n;y\n", "2[s] 4 s/a=1| " },
		{ "[s]\na = b ; said\nc =\n", "1[s] 2 s/a=b| 3 s/c=| " },
		{ "[one]\n[two] # why\n\ta = #1\n", "1[one] 2[two] 3 two/a=#1| " },
		{ "\xef\xbb\xbf[s]\na=1\n", "1[s] 2 s/a=1| " },
		/* what would be the second line of a value in other readers */
		{ "a = 1\n  b = 2\n  c\n", "1 /a=1| 2 /b=2| 3!expected 'na " },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
		check(rows[i].text, strlen(rows[i].text), rows[i].told);
}

static void tells_what_is_no_line(void **state)
{
	static const char with_nul[] = "[s]\na = 1\0b\nc = 3\n";
	char long_line[400];
	(void)state;
	check("[s\na = 1\n", 9, "2 /a=1| 1!expected 'na ");
	check("[s] a = 1\nb = 2\n", 16, "1!something fo 2 /b=2| ");
	check(with_nul, sizeof(with_nul) - 1, "1[s] 2!there is a N 3 s/c=3| ");
	for (int length = INI_TEXT_LINE_MAXIMUM; length <= INI_TEXT_LINE_MAXIMUM + 1; length++) {
		snprintf(long_line, sizeof(long_line), "a=%0*d\nb=2\n", length - 2, 7);
		AUTO_TEXT struct text told = TEXT_INIT(4096);
		ini_text_read(long_line, strlen(long_line), &reader, &told);
		assert_int_equal(strstr(text_string(&told), "1!the line is ") != NULL, length > INI_TEXT_LINE_MAXIMUM);
		assert_int_equal(strstr(text_string(&told), "7| ") != NULL, length == INI_TEXT_LINE_MAXIMUM);
		assert_non_null(strstr(text_string(&told), "2 /b=2| "));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_lines),
		cmocka_unit_test(tells_what_is_no_line),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
