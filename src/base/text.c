#include "base/text.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

void text_init(struct text *text, size_t maximum)
{
	*text = (struct text){ .maximum = maximum };
}

void text_release(struct text *text)
{
	free(text->data);
	text_init(text, text->maximum);
}

void text_clear(struct text *text)
{
	text->length = 0;
	text->overflowed = false;
	if (text->data)
		text->data[0] = '\0';
}

static void reserve(struct text *text, size_t more)
{
	size_t needed = text->length + more + 1;
	if (needed <= text->capacity)
		return;
	size_t capacity = text->capacity ? text->capacity * 2 : 64;
	if (capacity < needed)
		capacity = needed;
	text->data = memory_grow(text->data, capacity, 1);
	text->capacity = capacity;
}

bool text_add(struct text *text, const char *bytes, size_t length)
{
	size_t room = text->maximum - text->length;
	bool fits = length <= room;
	if (!fits) {
		text->overflowed = true;
		length = room;
	}
	reserve(text, length);
	if (length)
		memcpy(text->data + text->length, bytes, length);
	text->length += length;
	text->data[text->length] = '\0';
	return fits;
}

void text_reserve(struct text *text, size_t length)
{
	size_t room = text->maximum - text->length;
	reserve(text, length < room ? length : room);
	text->data[text->length] = '\0';
}

char *text_extend(struct text *text, size_t length)
{
	if (length > text->maximum - text->length) {
		text->overflowed = true;
		return NULL;
	}
	reserve(text, length);
	char *begin = text->data + text->length;
	text->length += length;
	text->data[text->length] = '\0';
	return begin;
}

bool text_add_string(struct text *text, const char *string)
{
	return text_add(text, string, strlen(string));
}

bool text_vaddf(struct text *text, const char *format, va_list args)
{
	char small[256];
	va_list again;
	va_copy(again, args);
	int length = vsnprintf(small, sizeof(small), format, args);
	if (length < 0)
		abort(); /* a broken format is a bug */
	bool fits;
	if ((size_t)length < sizeof(small)) {
		fits = text_add(text, small, (size_t)length);
	} else {
		AUTO_FREE char *large = memory_new((size_t)length + 1);
		vsnprintf(large, (size_t)length + 1, format, again);
		fits = text_add(text, large, (size_t)length);
	}
	va_end(again);
	return fits;
}

bool text_addf(struct text *text, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	bool fits = text_vaddf(text, format, args);
	va_end(args);
	return fits;
}

/* Characters of several bytes that steer a terminal or turn the order of what is shown: C1 controls (U+0080 to
 * U+009F), marks, embeddings, overrides and isolates of direction, and the separators of lines (UAX 9). */
static bool steers(const unsigned char *bytes)
{
	if (bytes[0] == 0xc2)
		return bytes[1] < 0xa0;
	if (bytes[0] == 0xd8)
		return bytes[1] == 0x9c;
	if (bytes[0] != 0xe2)
		return false;
	return (bytes[1] == 0x80 && (bytes[2] == 0x8e || bytes[2] == 0x8f || (bytes[2] >= 0xa8 && bytes[2] <= 0xae))) ||
	       (bytes[1] == 0x81 && bytes[2] >= 0xa6 && bytes[2] <= 0xa9);
}

/* Bytes of the well-formed UTF-8 sequence at the start, 0 when there is none (RFC 3629, table of 4) or when it
 * steers. */
static size_t utf8_length(const unsigned char *bytes, size_t left)
{
	static const struct {
		unsigned char first_low, first_high, second_low, second_high;
		size_t length;
	} forms[] = {
		{ 0xc2, 0xdf, 0x80, 0xbf, 2 }, { 0xe0, 0xe0, 0xa0, 0xbf, 3 }, { 0xe1, 0xec, 0x80, 0xbf, 3 },
		{ 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 }, { 0xf0, 0xf0, 0x90, 0xbf, 4 },
		{ 0xf1, 0xf3, 0x80, 0xbf, 4 }, { 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};
	for (size_t i = 0; i < ARRAY_LENGTH(forms); i++) {
		if (bytes[0] < forms[i].first_low || bytes[0] > forms[i].first_high || left < forms[i].length ||
		    bytes[1] < forms[i].second_low || bytes[1] > forms[i].second_high)
			continue;
		for (size_t k = 2; k < forms[i].length; k++)
			if ((bytes[k] & 0xc0) != 0x80)
				return 0;
		return steers(bytes) ? 0 : forms[i].length;
	}
	return 0;
}

bool text_add_escaped(struct text *text, const char *bytes, size_t length, bool keep_newlines)
{
	const unsigned char *cursor = (const unsigned char *)bytes, *end = cursor + length;
	bool fits = true;
	while (cursor < end) {
		size_t multi = utf8_length(cursor, (size_t)(end - cursor));
		if (multi || (*cursor >= 0x20 && *cursor < 0x7f) || (*cursor == '\n' && keep_newlines)) {
			size_t count = multi ? multi : 1;
			if (count > text->maximum - text->length) { /* no half characters */
				text->overflowed = true;
				return false;
			}
			text_add(text, (const char *)cursor, count);
			cursor += count;
		} else {
			fits = text_addf(text, "\\x%02x", *cursor++) && fits;
		}
	}
	return fits;
}

const char *text_string(const struct text *text)
{
	return text->data ? text->data : "";
}

char *text_take(struct text *text)
{
	reserve(text, 0);
	text->data[text->length] = '\0';
	char *data = text->data;
	text_init(text, text->maximum);
	return data;
}

/* Where to cut so that no character of UTF-8 is halved; what is none is cut anywhere. */
static size_t cut_at(const char *bytes, size_t length)
{
	size_t cut = length;
	while (cut > 0 && length - cut < 3 && (bytes[cut] & 0xc0) == 0x80)
		cut--;
	return cut;
}

bool text_copy(char *target, size_t size, const char *source)
{
	size_t length = strlen(source);
	bool fits = length < size;
	if (!fits)
		length = cut_at(source, size - 1);
	memcpy(target, source, length);
	target[length] = '\0';
	return fits;
}

const char *text_plural(size_t count)
{
	return count == 1 ? "" : "s";
}
