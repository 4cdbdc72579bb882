/* A cursor over the text; whatever is not plain ends it, and jansson's own parser decides. */
#include "json_load.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "digest.h"

#define DEPTH_MAXIMUM 100

struct cursor {
	const char *at, *end;
	unsigned depth;
	struct json_seen *seen; /* NULL: nothing is shared */
};

#define SLOTS     1024
#define BEGINNING 48 /* bytes that tell objects apart: what is first in them is their id or name */

struct object_seen {
	const char *text;
	size_t length;
	json_t *object;
};

struct json_seen {
	struct object_seen slots[SLOTS];
};

static json_t *load_value(struct cursor *cursor);

struct json_seen *json_seen_new(void)
{
	struct json_seen *seen = calloc(1, sizeof(*seen));
	if (!seen)
		abort();
	return seen;
}

static void skip_blanks(struct cursor *cursor)
{
	while (cursor->at < cursor->end &&
	       (*cursor->at == ' ' || *cursor->at == '\n' || *cursor->at == '\t' || *cursor->at == '\r'))
		cursor->at++;
}

static bool take(struct cursor *cursor, char wanted)
{
	skip_blanks(cursor);
	if (cursor->at == cursor->end || *cursor->at != wanted)
		return false;
	cursor->at++;
	return true;
}

/* Plain ASCII between quotes. */
static bool take_string(struct cursor *cursor, const char **ret, size_t *ret_length)
{
	if (!take(cursor, '"'))
		return false;
	const char *at = cursor->at;
	while (at < cursor->end && *at >= ' ' && *at != '"' && *at != '\\')
		at++;
	if (at == cursor->end || *at != '"')
		return false;
	*ret = cursor->at;
	*ret_length = (size_t)(at - cursor->at);
	cursor->at = at + 1;
	return true;
}

static json_t *load_string(struct cursor *cursor)
{
	const char *string;
	size_t length;
	return take_string(cursor, &string, &length) ? json_stringn_nocheck(string, length) : NULL;
}

static json_t *load_object(struct cursor *cursor)
{
	json_t *object = json_object(), *value;
	const char *key;
	size_t length, count = 0;
	cursor->at++;
	if (take(cursor, '}'))
		return object;
	do {
		if (!take_string(cursor, &key, &length) || !take(cursor, ':') || !(value = load_value(cursor)))
			goto failed;
		json_object_setn_new_nocheck(object, key, length, value);
		if (json_object_size(object) != ++count)
			goto failed; /* it was there already */
	} while (take(cursor, ','));
	if (take(cursor, '}'))
		return object;
failed:
	json_decref(object);
	return NULL;
}

static json_t *load_array(struct cursor *cursor)
{
	json_t *array = json_array(), *value;
	cursor->at++;
	if (take(cursor, ']'))
		return array;
	do {
		if (!(value = load_value(cursor)))
			goto failed;
		json_array_append_new(array, value);
	} while (take(cursor, ','));
	if (take(cursor, ']'))
		return array;
failed:
	json_decref(array);
	return NULL;
}

static struct object_seen *slot_of(const struct cursor *cursor)
{
	if (cursor->end - cursor->at < BEGINNING)
		return NULL;
	return &cursor->seen->slots[digest_of(cursor->at, BEGINNING) % SLOTS];
}

/* Most records of a state, and most things of an answer, are as they were in the one before. */
static json_t *load_lasting_object(struct cursor *cursor)
{
	const char *begin = cursor->at;
	struct object_seen *seen = slot_of(cursor);
	if (!seen)
		return load_object(cursor);
	if (seen->length && seen->length <= (size_t)(cursor->end - begin) &&
	    memcmp(seen->text, begin, seen->length) == 0) {
		cursor->at += seen->length;
		return seen->object;
	}
	json_t *object = load_object(cursor);
	if (object)
		*seen = (struct object_seen){ begin, (size_t)(cursor->at - begin), object };
	return object;
}

static size_t digits_at(const struct cursor *cursor, const char *at)
{
	const char *begin = at;
	while (at < cursor->end && *at >= '0' && *at <= '9')
		at++;
	return (size_t)(at - begin);
}

/* Without a sign or an exponent: 0, 12, 12.50. */
static json_t *load_number(struct cursor *cursor)
{
	char copy[40];
	const char *at = cursor->at;
	size_t whole = digits_at(cursor, at), part = 0;
	if (!whole || whole > 18 || (*at == '0' && whole > 1))
		return NULL;
	if (at + whole < cursor->end && at[whole] == '.') {
		part = digits_at(cursor, at + whole + 1);
		if (!part || part > 15)
			return NULL;
		part++;
	}
	if (at + whole + part < cursor->end && (at[whole + part] == 'e' || at[whole + part] == 'E'))
		return NULL;
	memcpy(copy, at, whole + part);
	copy[whole + part] = '\0';
	cursor->at += whole + part;
	return part ? json_real(strtod(copy, NULL)) : json_integer(strtoll(copy, NULL, 10));
}

static json_t *load_word(struct cursor *cursor)
{
	static const char *const words[] = { "true", "false", "null" };
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		size_t length = strlen(words[i]);
		if ((size_t)(cursor->end - cursor->at) < length || memcmp(cursor->at, words[i], length) != 0)
			continue;
		cursor->at += length;
		return i == 0 ? json_true() : i == 1 ? json_false() : json_null();
	}
	return NULL;
}

static json_t *load_value(struct cursor *cursor)
{
	json_t *value = NULL;
	skip_blanks(cursor);
	if (cursor->at == cursor->end || cursor->depth == DEPTH_MAXIMUM)
		return NULL;
	cursor->depth++;
	switch (*cursor->at) {
	case '{':
		value = cursor->seen ? load_lasting_object(cursor) : load_object(cursor);
		break;
	case '[':
		value = load_array(cursor);
		break;
	case '"':
		value = load_string(cursor);
		break;
	case 't':
	case 'f':
	case 'n':
		value = load_word(cursor);
		break;
	default:
		value = load_number(cursor);
	}
	cursor->depth--;
	if (value && cursor->seen)
		value->refcount = (size_t)-1; /* as jansson's own true, false and null */
	return value;
}

json_t *json_load_plain(const char *bytes, size_t length, struct json_seen *seen)
{
	struct cursor cursor = { bytes, bytes + length, 0, seen };
	json_t *value = load_value(&cursor);
	skip_blanks(&cursor);
	if (cursor.at == cursor.end && (json_is_object(value) || json_is_array(value)))
		return value;
	json_decref(value);
	return NULL;
}
