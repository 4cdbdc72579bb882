#include "core/labels.h"

#include <ctype.h>

#include "base/memory.h"
#include "base/text.h"

enum relation { HAS, LACKS, IN, NOT_IN };

struct term {
	enum relation relation;
	char *key;
	char **values;
	size_t value_count;
};

struct selector {
	struct term *terms;
	size_t count;
};

/* Alphanumeric at both ends, and "-_." also inside. */
static bool is_word(const char *word, size_t length, size_t maximum)
{
	if (length == 0 || length > maximum)
		return false;
	for (size_t i = 0; i < length; i++) {
		bool edge = i == 0 || i == length - 1;
		if (!isalnum((unsigned char)word[i]) && (edge || !strchr("-_.", word[i])))
			return false;
	}
	return true;
}

static bool is_key(const char *key, size_t length)
{
	const char *slash = memchr(key, '/', length);
	size_t prefix = slash ? (size_t)(slash - key) : 0;

	if (!slash)
		return is_word(key, length, 63);
	return is_word(key, prefix, 253) && is_word(slash + 1, length - prefix - 1, 63);
}

static bool is_value(const char *value, size_t length)
{
	return length == 0 || is_word(value, length, 63);
}

int labels_check(json_t *labels, struct error *err)
{
	const char *key;
	json_t *value;

	if (!json_is_object(labels))
		return error_set(err, ERROR_REFUSED, 0, "labels must be an object");
	json_object_foreach(labels, key, value) {
		const char *string = json_string_value(value);
		if (strncmp(key, "hetzner.cloud/", 14) == 0)
			return error_set(err, ERROR_REFUSED, 0, "label key '%s' is reserved", key);
		if (!is_key(key, strlen(key)))
			return error_set(err, ERROR_REFUSED, 0, "label key '%s' is not correctly formatted", key);
		if (!string || !is_value(string, strlen(string)))
			return error_set(err, ERROR_REFUSED, 0,
					 "label value '%s' (key '%s') is not correctly formatted", string ? string : "",
					 key);
	}
	return 0;
}

/* The parser walks one cursor over the string. */
static void skip_blanks(const char **cursor)
{
	*cursor += strspn(*cursor, " \t");
}

static bool take(const char **cursor, const char *token)
{
	size_t length = strlen(token);

	skip_blanks(cursor);
	if (strncmp(*cursor, token, length) != 0)
		return false;
	*cursor += length;
	return true;
}

/* A run of characters that can stand in a key or value; may be empty. */
static size_t word_length(const char *cursor)
{
	size_t length = 0;

	while (isalnum((unsigned char)cursor[length]) || (cursor[length] && strchr("-_./", cursor[length])))
		length++;
	return length;
}

static void add_value(struct term *term, const char *value, size_t length)
{
	term->values = memory_grow(term->values, term->value_count + 1, sizeof(char *));
	char *copy = memory_new(length + 1);
	memcpy(copy, value, length);
	term->values[term->value_count++] = copy;
}

static bool parse_value(const char **cursor, struct term *term)
{
	skip_blanks(cursor);
	size_t length = word_length(*cursor);
	if (!is_value(*cursor, length))
		return false;
	add_value(term, *cursor, length);
	*cursor += length;
	return true;
}

static bool parse_set(const char **cursor, struct term *term)
{
	if (!take(cursor, "("))
		return false;
	do {
		if (!parse_value(cursor, term))
			return false;
	} while (take(cursor, ","));
	return take(cursor, ")");
}

static bool take_word(const char **cursor, const char *word)
{
	skip_blanks(cursor);
	if (word_length(*cursor) != strlen(word))
		return false;
	return take(cursor, word);
}

static bool parse_term(const char **cursor, struct term *term)
{
	bool lacks = take(cursor, "!");

	skip_blanks(cursor);
	size_t length = word_length(*cursor);
	if (!is_key(*cursor, length))
		return false;
	term->key = memory_new(length + 1);
	memcpy(term->key, *cursor, length);
	*cursor += length;

	if (lacks) {
		term->relation = LACKS;
		return true;
	}
	if (take(cursor, "!=")) {
		term->relation = NOT_IN;
		return parse_value(cursor, term);
	}
	if (take(cursor, "==") || take(cursor, "=")) {
		term->relation = IN;
		return parse_value(cursor, term);
	}
	if (take_word(cursor, "in")) {
		term->relation = IN;
		return parse_set(cursor, term);
	}
	if (take_word(cursor, "notin")) {
		term->relation = NOT_IN;
		return parse_set(cursor, term);
	}
	term->relation = HAS;
	return true;
}

int selector_parse(const char *string, struct selector **ret, struct error *err)
{
	struct selector *selector = memory_new(sizeof(*selector));
	const char *cursor = string;
	bool good;

	do {
		selector->terms = memory_grow(selector->terms, selector->count + 1, sizeof(struct term));
		selector->terms[selector->count] = (struct term){ 0 };
		good = parse_term(&cursor, &selector->terms[selector->count++]);
	} while (good && take(&cursor, ","));
	skip_blanks(&cursor);
	if (!good || *cursor) {
		selector_free(selector);
		return error_set(err, ERROR_REFUSED, 0, "label selector '%s' is not valid", string);
	}
	*ret = selector;
	return 0;
}

static bool term_matches(const struct term *term, const json_t *labels)
{
	const char *value = json_string_value(json_object_get(labels, term->key));
	bool listed = false;

	for (size_t i = 0; value && i < term->value_count; i++)
		if (strcmp(value, term->values[i]) == 0)
			listed = true;
	switch (term->relation) {
	case HAS:
		return value != NULL;
	case LACKS:
		return value == NULL;
	case IN:
		return listed;
	case NOT_IN:
		return !listed;
	}
	return false;
}

bool selector_matches(const struct selector *selector, const json_t *labels)
{
	for (size_t i = 0; i < selector->count; i++)
		if (!term_matches(&selector->terms[i], labels))
			return false;
	return true;
}

void selector_free(struct selector *selector)
{
	if (!selector)
		return;
	for (size_t i = 0; i < selector->count; i++) {
		for (size_t j = 0; j < selector->terms[i].value_count; j++)
			free(selector->terms[i].values[j]);
		free(selector->terms[i].values);
		free(selector->terms[i].key);
	}
	free(selector->terms);
	free(selector);
}
