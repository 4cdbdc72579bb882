#include "core/query.h"

#include "base/memory.h"

static int hex_digit(char c)
{
	const char *digits = "0123456789abcdef";
	const char *found = c ? strchr(digits, c | 0x20) : NULL;

	return found ? (int)(found - digits) : -1;
}

/* Percent-encoding and '+' for a blank; what is no valid escape stays as it is. */
static char *decode(const char *bytes, size_t length)
{
	char *result = memory_new(length + 1);
	size_t out = 0;

	for (size_t i = 0; i < length; i++) {
		char c = bytes[i] == '+' ? ' ' : bytes[i];
		if (c == '%' && i + 2 < length && hex_digit(bytes[i + 1]) >= 0 && hex_digit(bytes[i + 2]) >= 0) {
			c = (char)(hex_digit(bytes[i + 1]) * 16 + hex_digit(bytes[i + 2]));
			i += 2;
		}
		result[out++] = c;
	}
	return result;
}

void query_parse(const char *string, struct query *ret)
{
	*ret = (struct query){ 0 };
	while (string && *string) {
		size_t length = strcspn(string, "&");
		size_t name = strcspn(string, "=&");
		if (length > 0) {
			size_t value = name < length ? name + 1 : length;
			ret->pairs = memory_grow(ret->pairs, ret->count + 1, sizeof(struct query_pair));
			ret->pairs[ret->count++] =
				(struct query_pair){ decode(string, name), decode(string + value, length - value) };
		}
		string += length + (string[length] == '&');
	}
}

void query_release(struct query *query)
{
	for (size_t i = 0; i < query->count; i++) {
		free(query->pairs[i].name);
		free(query->pairs[i].value);
	}
	free(query->pairs);
	*query = (struct query){ 0 };
}

const char *query_next(const struct query *query, const char *name, size_t *position)
{
	while (*position < query->count) {
		const struct query_pair *pair = &query->pairs[(*position)++];
		if (strcmp(pair->name, name) == 0)
			return pair->value;
	}
	return NULL;
}

const char *query_get(const struct query *query, const char *name)
{
	size_t position = 0;

	return query_next(query, name, &position);
}

bool query_allows(const struct query *query, const char *name, const char *value)
{
	size_t position = 0;
	bool asked = false;

	for (const char *wanted; (wanted = query_next(query, name, &position));) {
		asked = true;
		if (value && strcmp(wanted, value) == 0)
			return true;
	}
	return !asked;
}
