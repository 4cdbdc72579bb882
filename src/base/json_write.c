#include "base/json_write.h"

#include <stdlib.h>
#include <string.h>

void json_write_init(struct json_writer *ret, struct text *text, bool pretty)
{
	*ret = (struct json_writer){ .text = text, .pretty = pretty, .empty = true };
}

static void add_char(struct json_writer *writer, char c)
{
	text_add(writer->text, &c, 1);
}

/* Where a member, an item or a closing bracket begins. */
static void begin(struct json_writer *writer, bool comma)
{
	size_t blanks = writer->pretty ? 2 * (size_t)writer->depth : 0;
	char *at = text_extend(writer->text, comma + writer->pretty + blanks);
	if (!at)
		return;
	if (comma)
		*at++ = ',';
	if (writer->pretty)
		*at++ = '\n';
	memset(at, ' ', blanks);
}

void json_write_open(struct json_writer *writer, char bracket)
{
	add_char(writer, bracket);
	writer->depth++;
	writer->empty = true;
}

void json_write_close(struct json_writer *writer, char bracket)
{
	writer->depth--;
	if (!writer->empty)
		begin(writer, false);
	add_char(writer, bracket);
	writer->empty = false;
}

void json_write_item(struct json_writer *writer)
{
	begin(writer, !writer->empty);
	writer->empty = false;
}

/* RFC 8259 7, in the spelling of jansson. */
static void add_escape(struct json_writer *writer, unsigned char c)
{
	static const char shorts[][2] = { { '"', '"' },  { '\\', '\\' }, { '\b', 'b' }, { '\f', 'f' },
					  { '\n', 'n' }, { '\r', 'r' },  { '\t', 't' } };
	for (size_t i = 0; i < sizeof(shorts) / sizeof(*shorts); i++)
		if (c == (unsigned char)shorts[i][0]) {
			add_char(writer, '\\');
			add_char(writer, shorts[i][1]);
			return;
		}
	text_addf(writer->text, "\\u%04X", c);
}

static bool is_plain(unsigned char c)
{
	return c >= 0x20 && c != '"' && c != '\\';
}

static void add_escaped(struct json_writer *writer, const char *string, size_t length)
{
	size_t begin = 0, at = 0;
	add_char(writer, '"');
	for (; at < length; at++) {
		if (is_plain((unsigned char)string[at]))
			continue;
		text_add(writer->text, string + begin, at - begin);
		add_escape(writer, (unsigned char)string[at]);
		begin = at + 1;
	}
	text_add(writer->text, string + begin, at - begin);
	add_char(writer, '"');
}

static void add_quoted(struct json_writer *writer, const char *string, size_t length)
{
	size_t plain = 0;
	while (plain < length && is_plain((unsigned char)string[plain]))
		plain++;
	if (plain < length) {
		add_escaped(writer, string, length);
		return;
	}
	char *at = text_extend(writer->text, length + 2);
	if (!at)
		return;
	at[0] = at[length + 1] = '"';
	memcpy(at + 1, string, length);
}

static void write_key(struct json_writer *writer, const char *key, size_t length)
{
	json_write_item(writer);
	add_quoted(writer, key, length);
	text_add(writer->text, ": ", writer->pretty ? 2 : 1);
}

void json_write_key(struct json_writer *writer, const char *key)
{
	write_key(writer, key, strlen(key));
}

void json_write_string(struct json_writer *writer, const char *string)
{
	add_quoted(writer, string, strlen(string));
}

void json_write_integer(struct json_writer *writer, int64_t integer)
{
	char digits[24];
	size_t begin = sizeof(digits);
	uint64_t left = integer < 0 ? -(uint64_t)integer : (uint64_t)integer;
	do
		digits[--begin] = (char)('0' + left % 10);
	while (left /= 10);
	if (integer < 0)
		digits[--begin] = '-';
	text_add(writer->text, digits + begin, sizeof(digits) - begin);
}

void json_write_null(struct json_writer *writer)
{
	text_add_string(writer->text, "null");
}

void json_write_members(struct json_writer *writer, const json_t *object)
{
	const char *key;
	size_t length;
	json_t *value;
	json_object_keylen_foreach((json_t *)(uintptr_t)object, key, length, value)
	{
		write_key(writer, key, length);
		json_write_value(writer, value);
	}
}

static void write_object(struct json_writer *writer, const json_t *object)
{
	json_write_open(writer, '{');
	json_write_members(writer, object);
	json_write_close(writer, '}');
}

static void write_array(struct json_writer *writer, const json_t *array)
{
	size_t index;
	json_t *value;
	json_write_open(writer, '[');
	json_array_foreach(array, index, value) {
		json_write_item(writer);
		json_write_value(writer, value);
	}
	json_write_close(writer, ']');
}

/* How many digits a real number needs is left to jansson. */
static void write_real(struct json_writer *writer, const json_t *real)
{
	char *digits = json_dumps(real, JSON_ENCODE_ANY);
	if (!digits)
		abort(); /* out of memory */
	text_add_string(writer->text, digits);
	free(digits);
}

void json_write_value(struct json_writer *writer, const json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		write_object(writer, value);
		break;
	case JSON_ARRAY:
		write_array(writer, value);
		break;
	case JSON_STRING:
		add_quoted(writer, json_string_value(value), json_string_length(value));
		break;
	case JSON_INTEGER:
		json_write_integer(writer, json_integer_value(value));
		break;
	case JSON_REAL:
		write_real(writer, value);
		break;
	case JSON_TRUE:
		text_add_string(writer->text, "true");
		break;
	case JSON_FALSE:
		text_add_string(writer->text, "false");
		break;
	case JSON_NULL:
		json_write_null(writer);
		break;
	}
}

void json_write_text(struct json_writer *writer, const char *key, const char *string)
{
	if (!json_is_text(string))
		return;
	json_write_key(writer, key);
	json_write_string(writer, string);
}

bool json_is_text(const char *string)
{
	const char *cursor = string;
	while (*cursor && (unsigned char)*cursor < 0x80)
		cursor++;
	if (!*cursor)
		return true;
	json_t *whole = json_string(string); /* jansson looks */
	json_decref(whole);
	return whole != NULL;
}
