#ifndef DRILL_JSON_LOAD_H
#define DRILL_JSON_LOAD_H
/*
 * The same as json_loadb() with JSON_REJECT_DUPLICATES, several times as fast, for JSON that
 * is plain: ASCII without escapes, small numbers. NULL: it is not, or no JSON at all.
 */
#include <jansson.h>
#include <stdbool.h>

/* A new reference; a lasting tree is never freed, and counts no references. */
json_t *json_load_plain(const char *bytes, size_t length, bool lasting);
#endif
