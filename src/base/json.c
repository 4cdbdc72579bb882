#include "base/json.h"

#include <string.h>

#include "base/json_write.h"
#include "base/memory.h"

static json_t *parse(const char *bytes, size_t length, size_t flags, struct error *err)
{
	json_error_t error;
	json_t *value = json_loadb(bytes, length, JSON_REJECT_DUPLICATES | flags, &error);
	if (!value)
		error_set(err, ERROR_FAILED, 0, "no valid JSON in line %d, column %d: %s", error.line, error.column,
			  error.text);
	return value;
}

json_t *json_parse(const char *bytes, size_t length, struct error *err)
{
	return parse(bytes, length, 0, err);
}

json_t *json_parse_first(const char *bytes, size_t length, struct error *err)
{
	return parse(bytes, length, JSON_DISABLE_EOF_CHECK, err);
}

static int wrong(const char *key, const json_t *value, const char *expected, struct error *err)
{
	return error_set(err, ERROR_FAILED, 0, value ? "member '%s' is not %s" : "member '%s' is missing, expected %s",
			 key, expected);
}

int json_get_string(const json_t *object, const char *key, const char **ret, struct error *err)
{
	const json_t *value = json_object_get(object, key);
	if (!json_is_string(value))
		return wrong(key, value, "a string", err);
	*ret = json_string_value(value);
	return 0;
}

int json_get_integer(const json_t *object, const char *key, int64_t *ret, struct error *err)
{
	const json_t *value = json_object_get(object, key);
	if (!json_is_integer(value))
		return wrong(key, value, "a whole number", err);
	*ret = json_integer_value(value);
	return 0;
}

int json_get_boolean(const json_t *object, const char *key, bool *ret, struct error *err)
{
	const json_t *value = json_object_get(object, key);
	if (!json_is_boolean(value))
		return wrong(key, value, "true or false", err);
	*ret = json_is_true(value);
	return 0;
}

int json_get_array(const json_t *object, const char *key, json_t **ret, struct error *err)
{
	json_t *value = json_object_get(object, key);
	if (!json_is_array(value))
		return wrong(key, value, "an array", err);
	*ret = value;
	return 0;
}

int json_get_object(const json_t *object, const char *key, json_t **ret, struct error *err)
{
	json_t *value = json_object_get(object, key);
	if (!json_is_object(value))
		return wrong(key, value, "an object", err);
	*ret = value;
	return 0;
}

static bool is_missing(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);
	return !value || json_is_null(value);
}

int json_optional_string(const json_t *object, const char *key, const char *otherwise, const char **ret,
			 struct error *err)
{
	if (!is_missing(object, key))
		return json_get_string(object, key, ret, err);
	*ret = otherwise;
	return 0;
}

int json_optional_integer(const json_t *object, const char *key, int64_t otherwise, int64_t *ret, struct error *err)
{
	if (!is_missing(object, key))
		return json_get_integer(object, key, ret, err);
	*ret = otherwise;
	return 0;
}

char *json_format(const json_t *value, bool pretty)
{
	struct text text;
	struct json_writer writer;
	text_init(&text, SIZE_MAX / 4);
	json_write_init(&writer, &text, pretty);
	json_write_value(&writer, value);
	return text_take(&text);
}

void json_release(json_t **value)
{
	json_decref(*value);
}
