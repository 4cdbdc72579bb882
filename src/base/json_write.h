#ifndef BASE_JSON_WRITE_H
#define BASE_JSON_WRITE_H
/*
 * JSON written straight into a text, without a tree: the same bytes as jansson's
 * json_dumps() with JSON_INDENT(2) (pretty) or JSON_COMPACT. Inside an object each value
 * comes after json_write_key(), inside an array after json_write_item().
 */
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

struct json_writer {
	struct text *text;
	bool pretty;
	bool empty; /* so far nothing is in what is open */
	unsigned depth;
};

void json_write_init(struct json_writer *ret, struct text *text, bool pretty); /* the text is borrowed */

void json_write_open(struct json_writer *writer, char bracket); /* '{' or '[' */
void json_write_close(struct json_writer *writer, char bracket);
void json_write_key(struct json_writer *writer, const char *key);
void json_write_item(struct json_writer *writer);

void json_write_string(struct json_writer *writer, const char *string); /* json_is_text() says yes to it */
void json_write_integer(struct json_writer *writer, int64_t integer);
void json_write_value(struct json_writer *writer, const json_t *value);
void json_write_null(struct json_writer *writer);
void json_write_members(struct json_writer *writer, const json_t *object); /* into the open object; NULL: none */

/* A member with a string; what is no UTF-8 is left out. */
void json_write_text(struct json_writer *writer, const char *key, const char *string);

bool json_is_text(const char *string); /* it is UTF-8, as every string in JSON must be */
#endif
