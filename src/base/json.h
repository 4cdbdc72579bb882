#ifndef BASE_JSON_H
#define BASE_JSON_H
/*
 * Typed access to jansson values with errors that name the member.
 * A getter's `ret` is untouched on failure. Strings that come back are borrowed
 * from the value. "optional" getters accept a missing or null member and give
 * the default for it, but not one of another type.
 */
#include <jansson.h>
#include <stdint.h>

#include "base/error.h"

/* Parses a whole document: duplicate members refused, depth bounded by jansson.
 * The error (kind ERROR_FAILED) says line, column and what was found. Caller decrefs. */
json_t *json_parse(const char *bytes, size_t length, struct error *err);

/* The same of a document that other bytes follow, which are not looked at. */
json_t *json_parse_first(const char *bytes, size_t length, struct error *err);

int json_get_string(const json_t *object, const char *key, const char **ret, struct error *err);
int json_get_integer(const json_t *object, const char *key, int64_t *ret, struct error *err);
int json_get_boolean(const json_t *object, const char *key, bool *ret, struct error *err);
int json_get_array(const json_t *object, const char *key, json_t **ret, struct error *err);  /* borrowed */
int json_get_object(const json_t *object, const char *key, json_t **ret, struct error *err); /* borrowed */

int json_optional_string(const json_t *object, const char *key, const char *otherwise, const char **ret,
			 struct error *err);
int json_optional_integer(const json_t *object, const char *key, int64_t otherwise, int64_t *ret, struct error *err);

/* Serialised, two blanks of indentation (pretty) or one line; caller frees. Never NULL. */
char *json_format(const json_t *value, bool pretty);

void json_release(json_t **value); /* for AUTO_JSON */
#define AUTO_JSON __attribute__((cleanup(json_release)))
#endif
