/* Times in their three written forms, read strictly. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "base/timestamp.h"

static void test_format(void **state)
{
	static const struct {
		int64_t seconds;
		const char *text;
	} cases[] = {
		{ 0, "1970-01-01T00:00:00Z" },
		{ 1768989600, "2026-01-21T10:00:00Z" },
		{ 951782400, "2000-02-29T00:00:00Z" },
		{ INT64_C(2147483648), "2038-01-19T03:14:08Z" },
		{ INT64_C(253402300799), "9999-12-31T23:59:59Z" },
	};
	char text[TIMESTAMP_SIZE];
	int64_t seconds;
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		timestamp_format(cases[i].seconds, text);
		assert_string_equal(text, cases[i].text);
		assert_true(timestamp_parse(text, &seconds));
		assert_true(seconds == cases[i].seconds);
	}
	timestamp_format(INT64_C(253402300800), text); /* has no such form, and must not pass the buffer's end */
	assert_true(strlen(text) < TIMESTAMP_SIZE);
}

/* Every day's evening and some in between, as libc counts them. */
static void test_calendar(void **state)
{
	(void)state;
	for (int64_t seconds = 0; seconds < INT64_C(253402300800); seconds += 86399) {
		char text[TIMESTAMP_SIZE], expected[64];
		time_t time = seconds;
		struct tm tm;
		int64_t again;
		timestamp_format(seconds, text);
		strftime(expected, sizeof(expected), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&time, &tm));
		assert_string_equal(text, expected);
		assert_true(timestamp_parse(text, &again));
		assert_true(again == seconds);
	}
}

static void test_parse_accepts(void **state)
{
	static const char *const same[] = { "2026-01-21T10:00:00Z",      "2026-01-21T10:00:00+00:00",
					    "2026-01-21T10:00:00.999Z",  "2026-01-21T12:30:00+02:30",
					    "2026-01-20T22:00:00-12:00", "2026-01-21t10:00:00z" };
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(same); i++) {
		int64_t seconds = 0;
		assert_true(timestamp_parse(same[i], &seconds));
		assert_true(seconds == 1768989600);
	}
}

static void test_parse_what_people_type(void **state)
{
	static const struct {
		const char *text;
		int64_t seconds; /* -1: refused */
		bool has_zone;
	} rows[] = {
		{ "2026-01-21T10:00:00Z", 1768989600, true },
		{ "2026-01-21T10:00:00", 1768989600, false },
		{ "2026-01-21T10:00Z", 1768989600, true },
		{ "2026-01-21T10:00", 1768989600, false },
		{ "2026-01-21 10:00", 1768989600, false },
		{ "2026-01-21T11:00+01:00", 1768989600, true },
		{ "2026-01-21T10:00:00.5", 1768989600, false },
		{ "2026-01-21T10:00:30-01:00", 1768993230, true },
		{ "2026-01-21T10:00.5", -1, false },
		{ "2026-01-21T10:00:", -1, false },
		{ "2026-01-21T10", -1, false },
		{ "2026-01-21", -1, false },
		{ "", -1, false },
		{ "yesterday, about noon", -1, false },
		{ "2026-01-21T10:00 UTC", -1, false },
		{ "2026-01-21T10:00:00.00000000000000000000000000000000000000000000000000000000000000000Z", -1, false },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		int64_t seconds = -1;
		bool has_zone = false;
		assert_int_equal(timestamp_parse_lenient(rows[i].text, &seconds, &has_zone), rows[i].seconds >= 0);
		assert_true(seconds == rows[i].seconds);
		assert_int_equal(has_zone, rows[i].has_zone);
	}
}

static void test_parse_refuses(void **state)
{
	static const char *const wrong[] = {
		"",
		"2026",
		"2026-01-21",
		"2026-01-21T10:00:00",
		"2026-01-21T10:00:00Zx",
		"2026-01-21T10:00:00.Z",
		"2026-02-29T10:00:00Z",
		"2100-02-29T00:00:00Z",
		"2026-13-01T10:00:00Z",
		"2026-00-01T10:00:00Z",
		"2026-01-00T10:00:00Z",
		"2026-04-31T10:00:00Z",
		"2026-01-21T24:00:00Z",
		"1970-01-01T00:00:00+00:01", /* before 1970 */
		"9999-12-31T23:59:59-00:01", /* past 9999: could not be written */
		"2026-01-21T10:60:00Z",
		"2026-01-21T10:00:61Z",
		"1969-12-31T23:59:59Z",
		"2026-1-21T10:00:00Z",
		" 2026-01-21T10:00:00Z",
		"2026-01-21T10:00:00+0100",
		"2026-01-21T10:00:00+24:00",
		"2026-01-21T10:00:00+",
		"+026-01-21T10:00:00Z",
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++) {
		int64_t seconds = 42;
		assert_false(timestamp_parse(wrong[i], &seconds));
		assert_int_equal(seconds, 42);
	}
}

static void test_http_date(void **state)
{
	static const char *const wrong[] = { "",
					     "Sun, 06 Nov 1994 08:49:37 UTC",
					     "Sunday, 06-Nov-94 08:49:37 GMT",
					     "Sun, 06 Nox 1994 08:49:37 GMT",
					     "Sun, 31 Nov 1994 08:49:37 GMT",
					     "Sun, 06 Nov 1994 24:49:37 GMT",
					     "Sun, 06 Nov 1994 08:49:37 GMT ",
					     "Sun Nov  6 08:49:37 1994" };
	char text[64];
	int64_t seconds = 0;
	(void)state;
	assert_true(timestamp_parse_http("Sun, 06 Nov 1994 08:49:37 GMT", &seconds));
	assert_int_equal(seconds, 784111777);
	timestamp_format_http(784111777, text, sizeof(text));
	assert_string_equal(text, "Sun, 06 Nov 1994 08:49:37 GMT");
	for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++) {
		seconds = 42;
		assert_false(timestamp_parse_http(wrong[i], &seconds));
		assert_int_equal(seconds, 42);
	}
}

static void test_span(void **state)
{
	static const struct {
		int64_t seconds;
		const char *text;
	} cases[] = {
		{ 0, "0 s" },        { -5, "0 s" },           { 45, "45 s" },          { 60, "1 min" },
		{ 61, "1 min 1 s" }, { 11520, "3 h 12 min" }, { 11521, "3 h 12 min" }, { 3600, "1 h" },
		{ 3601, "1 h" },     { 183600, "2 d 3 h" },   { 86400, "1 d" },
	};
	char text[64];
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		timestamp_format_span(cases[i].seconds, text, sizeof(text));
		assert_string_equal(text, cases[i].text);
	}
}

static void test_add_ends_at_the_last_time(void **state)
{
	(void)state;
	assert_int_equal(timestamp_add(1000, 3600), 4600);
	assert_int_equal(timestamp_add(TIMESTAMP_LAST - 10, 9), TIMESTAMP_LAST - 1);
	assert_int_equal(timestamp_add(TIMESTAMP_LAST - 10, 11), TIMESTAMP_LAST);
	assert_int_equal(timestamp_add(TIMESTAMP_LAST, INT64_MAX), TIMESTAMP_LAST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse_what_people_type),
		cmocka_unit_test(test_format),
		cmocka_unit_test(test_calendar),
		cmocka_unit_test(test_parse_accepts),
		cmocka_unit_test(test_parse_refuses),
		cmocka_unit_test(test_http_date),
		cmocka_unit_test(test_span),
		cmocka_unit_test(test_add_ends_at_the_last_time),
	};
	return cmocka_run_group_tests_name("timestamp", tests, NULL, NULL);
}
