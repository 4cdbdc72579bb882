#include "base/timestamp.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
static const char weekdays[][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };

static void put_number(char *ret, int digits, int value)
{
	for (; digits > 0; value /= 10)
		ret[--digits] = (char)('0' + value % 10);
}

int64_t timestamp_add(int64_t seconds, int64_t more)
{
	return more < TIMESTAMP_LAST - seconds ? seconds + more : TIMESTAMP_LAST;
}

void timestamp_format(int64_t seconds, char ret[TIMESTAMP_SIZE])
{
	struct tm tm;
	time_t time = (time_t)seconds;
	memcpy(ret, "0000-00-00T00:00:00Z", TIMESTAMP_SIZE);
	if (!gmtime_r(&time, &tm) || tm.tm_year < -1900 || tm.tm_year > 9999 - 1900)
		return;
	put_number(ret, 4, tm.tm_year + 1900);
	put_number(ret + 5, 2, tm.tm_mon + 1);
	put_number(ret + 8, 2, tm.tm_mday);
	put_number(ret + 11, 2, tm.tm_hour);
	put_number(ret + 14, 2, tm.tm_min);
	put_number(ret + 17, 2, tm.tm_sec);
}

/* Exactly `digits` decimal digits. */
static bool take_number(const char **cursor, int digits, int *ret)
{
	int value = 0;
	for (int i = 0; i < digits; i++) {
		char c = (*cursor)[i];
		if (c < '0' || c > '9')
			return false;
		value = value * 10 + (c - '0');
	}
	*cursor += digits;
	*ret = value;
	return true;
}

static bool take_char(const char **cursor, const char *choices)
{
	if (!**cursor || !strchr(choices, **cursor))
		return false;
	(*cursor)++;
	return true;
}

static bool is_date(int year, int month, int day)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	return year >= 1970 && month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1] + (month == 2 && leap);
}

/* Days of the Gregorian calendar before the first of March of a year: leap days come last then. */
static int64_t days_before(int64_t year)
{
	return year * 365 + year / 4 - year / 100 + year / 400;
}

static int64_t to_seconds(int year, int month, int day, int hour, int minute, int second)
{
	int march = (month + 9) % 12; /* months since March; their lengths repeat every five */
	int64_t days = days_before(year - (month < 3)) + (march * 153 + 2) / 5 + day - 1;
	int64_t epoch = days_before(1969) + 306; /* 1970-01-01 */
	return (((days - epoch) * 24 + hour) * 60 + minute) * 60 + second;
}

static bool take_offset(const char **cursor, int *ret_minutes)
{
	int hours, minutes;
	*ret_minutes = 0;
	if (take_char(cursor, "Zz"))
		return true;
	int sign = **cursor == '-' ? -1 : 1;
	if (!take_char(cursor, "+-") || !take_number(cursor, 2, &hours) || !take_char(cursor, ":") ||
	    !take_number(cursor, 2, &minutes) || hours > 23 || minutes > 59)
		return false;
	*ret_minutes = sign * (hours * 60 + minutes);
	return true;
}

bool timestamp_parse(const char *string, int64_t *ret)
{
	const char *cursor = string;
	int year, month, day, hour, minute, second, offset;
	if (!take_number(&cursor, 4, &year) || !take_char(&cursor, "-") || !take_number(&cursor, 2, &month) ||
	    !take_char(&cursor, "-") || !take_number(&cursor, 2, &day) || !take_char(&cursor, "Tt ") ||
	    !take_number(&cursor, 2, &hour) || !take_char(&cursor, ":") || !take_number(&cursor, 2, &minute) ||
	    !take_char(&cursor, ":") || !take_number(&cursor, 2, &second))
		return false;
	if (*cursor == '.') {
		size_t digits = strspn(cursor + 1, "0123456789");
		if (!digits)
			return false;
		cursor += 1 + digits;
	}
	if (!take_offset(&cursor, &offset) || *cursor || !is_date(year, month, day) || hour > 23 || minute > 59 ||
	    second > 60)
		return false;
	int64_t seconds = to_seconds(year, month, day, hour, minute, second) - offset * INT64_C(60);
	/* an offset or a leap second can lead out of the years that can be written */
	if (seconds < 0 || seconds > TIMESTAMP_LAST)
		return false;
	*ret = seconds;
	return true;
}

bool timestamp_parse_lenient(const char *string, int64_t *ret, bool *ret_has_zone)
{
	static const char minutes[] = "2026-01-21T10:00";
	char whole[64];
	if (strlen(string) < sizeof(minutes) - 1)
		return false;
	const char *rest = string + sizeof(minutes) - 1;
	bool has_seconds = *rest == ':';
	const char *zone = rest + strspn(rest, ":.0123456789");
	int length = snprintf(whole, sizeof(whole), "%.*s%s%s%s", (int)(zone - string), string,
			      has_seconds ? "" : ":00", zone, *zone ? "" : "Z");
	if (length >= (int)sizeof(whole) || !timestamp_parse(whole, ret))
		return false;
	*ret_has_zone = *zone != '\0';
	return true;
}

bool timestamp_parse_http(const char *string, int64_t *ret)
{
	const char *cursor = string;
	int month = 0, year, day, hour, minute, second;
	if (strlen(string) != sizeof("Sun, 06 Nov 1994 08:49:37 GMT") - 1 || cursor[3] != ',' || cursor[4] != ' ')
		return false;
	cursor += 5;
	if (!take_number(&cursor, 2, &day) || !take_char(&cursor, " "))
		return false;
	while (month < 12 && strncmp(cursor, months[month], 3) != 0)
		month++;
	if (month++ == 12)
		return false;
	cursor += 3;
	if (!take_char(&cursor, " ") || !take_number(&cursor, 4, &year) || !take_char(&cursor, " ") ||
	    !take_number(&cursor, 2, &hour) || !take_char(&cursor, ":") || !take_number(&cursor, 2, &minute) ||
	    !take_char(&cursor, ":") || !take_number(&cursor, 2, &second) || strcmp(cursor, " GMT") != 0)
		return false;
	if (!is_date(year, month, day) || hour > 23 || minute > 59 || second > 60)
		return false;
	*ret = to_seconds(year, month, day, hour, minute, second);
	return true;
}

void timestamp_format_http(int64_t seconds, char *ret, size_t size)
{
	struct tm tm;
	time_t time = (time_t)seconds;
	ret[0] = '\0';
	if (gmtime_r(&time, &tm))
		snprintf(ret, size, "%s, %02d %s %04d %02d:%02d:%02d GMT", weekdays[tm.tm_wday], tm.tm_mday,
			 months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

void timestamp_format_span(int64_t seconds, char *ret, size_t size)
{
	static const struct {
		int64_t seconds;
		const char *name;
	} units[] = { { 86400, "d" }, { 3600, "h" }, { 60, "min" }, { 1, "s" } };
	size_t unit = 0;
	if (seconds < 0)
		seconds = 0;
	while (unit < 3 && seconds < units[unit].seconds)
		unit++;
	long long first = seconds / units[unit].seconds;
	long long second = unit < 3 ? seconds % units[unit].seconds / units[unit + 1].seconds : 0;
	if (second)
		snprintf(ret, size, "%lld %s %lld %s", first, units[unit].name, second, units[unit + 1].name);
	else
		snprintf(ret, size, "%lld %s", first, units[unit].name);
}
