#ifndef BASE_TIMESTAMP_H
#define BASE_TIMESTAMP_H
/* Times are whole seconds since 1970 in UTC, int64 from end to end. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TIMESTAMP_SIZE sizeof("2026-01-21T10:00:00Z")
#define TIMESTAMP_LAST INT64_C(253402300799) /* 9999-12-31T23:59:59Z */

/* `more` seconds after `seconds`, TIMESTAMP_LAST at most. */
int64_t timestamp_add(int64_t seconds, int64_t more);

/* "2026-01-21T10:00:00Z"; years 1970 to 9999. */
void timestamp_format(int64_t seconds, char ret[TIMESTAMP_SIZE]);

/* Reads RFC 3339 with Z or a numeric offset, fractions of a second are cut. */
bool timestamp_parse(const char *string, int64_t *ret);

/* The same for what a person types: without seconds, and without a zone (it is UTC then, and *ret_has_zone false). */
bool timestamp_parse_lenient(const char *string, int64_t *ret, bool *ret_has_zone);

/* Reads the Date header of HTTP: "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 5.6.7, the preferred form). */
bool timestamp_parse_http(const char *string, int64_t *ret);
void timestamp_format_http(int64_t seconds, char *ret, size_t size);

/* "3 h 12 min", "45 s", "2 d 3 h": at most two units, for people. */
void timestamp_format_span(int64_t seconds, char *ret, size_t size);
#endif
