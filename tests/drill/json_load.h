#ifndef DRILL_JSON_LOAD_H
#define DRILL_JSON_LOAD_H
/*
 * The same as json_loadb() with JSON_REJECT_DUPLICATES, several times as fast, for JSON that
 * is plain: ASCII without escapes, small numbers. NULL: it is not, or no JSON at all.
 */
#include <jansson.h>

/* Objects that were read before, with their text. */
struct json_seen;

/* It is freed with whom it is allocated for, as the trees are (owner.h). */
struct json_seen *json_seen_new(void);

/* A new reference. With `seen`, trees last: they count no references, they share what they
 * have alike, and the bytes must live as long. */
json_t *json_load_plain(const char *bytes, size_t length, struct json_seen *seen);
#endif
