/* Records as JSON: a tree, text, or what changed. */
#include <string.h>

#include "base/timestamp.h"
#include "instance/record_fields.h"

static const void *place_of(const struct record *record, const struct field *field)
{
	return (const char *)record + field->offset;
}

/* Empty values may be left out, and what is no UTF-8 can't be written. */
static bool is_written(const struct record *record, const struct field *field)
{
	const void *from = place_of(record, field);
	bool always = (field->flags & (FIELD_ALWAYS | FIELD_REQUIRED)) != 0;
	switch (field->type) {
	case FIELD_STRING:
		return (*(const char *)from || always) && json_is_text(from);
	case FIELD_INTEGER:
	case FIELD_TIME:
		return *(const int64_t *)from || always;
	case FIELD_BOOLEAN:
		return *(const bool *)from;
	case FIELD_GOAL:
		return true;
	case FIELD_STRINGS:
	case FIELD_PAYMENTS:
		return *(json_t *const *)from != NULL;
	}
	return false;
}

static void format_time(int64_t time, char ret[TIMESTAMP_SIZE])
{
	if (time)
		timestamp_format(time, ret);
	else
		ret[0] = '\0';
}

/* A new reference. */
static json_t *field_to_json(const struct record *record, const struct field *field)
{
	const void *from = place_of(record, field);
	char time[TIMESTAMP_SIZE];
	switch (field->type) {
	case FIELD_STRING:
		return json_string(from);
	case FIELD_INTEGER:
		return json_integer(*(const int64_t *)from);
	case FIELD_TIME:
		format_time(*(const int64_t *)from, time);
		return json_string(time);
	case FIELD_BOOLEAN:
		return json_true();
	case FIELD_GOAL:
		return json_string(goal_names[*(const enum goal *)from]);
	case FIELD_STRINGS:
	case FIELD_PAYMENTS:
		return json_deep_copy(*(json_t *const *)from);
	}
	return NULL;
}

json_t *record_to_json(const struct record *record)
{
	json_t *object = json_object();
	for (size_t i = 0; i < RECORD_FIELDS; i++)
		if (is_written(record, &record_fields[i]))
			json_object_set_new(object, record_fields[i].name, field_to_json(record, &record_fields[i]));
	if (record->unknown)
		json_object_update(object, record->unknown);
	return object;
}

static void write_field(const struct record *record, const struct field *field, struct json_writer *writer)
{
	const void *from = place_of(record, field);
	char time[TIMESTAMP_SIZE];
	json_write_key(writer, field->name);
	switch (field->type) {
	case FIELD_STRING:
		json_write_string(writer, from);
		break;
	case FIELD_INTEGER:
		json_write_integer(writer, *(const int64_t *)from);
		break;
	case FIELD_TIME:
		format_time(*(const int64_t *)from, time);
		json_write_string(writer, time);
		break;
	case FIELD_BOOLEAN:
		json_write_value(writer, json_true());
		break;
	case FIELD_GOAL:
		json_write_string(writer, goal_names[*(const enum goal *)from]);
		break;
	case FIELD_STRINGS:
	case FIELD_PAYMENTS:
		json_write_value(writer, *(json_t *const *)from);
		break;
	}
}

void record_write(const struct record *record, struct json_writer *writer)
{
	json_write_open(writer, '{');
	for (size_t i = 0; i < RECORD_FIELDS; i++)
		if (is_written(record, &record_fields[i]))
			write_field(record, &record_fields[i], writer);
	json_write_members(writer, record->unknown);
	json_write_close(writer, '}');
}

static bool is_same(const struct record *left, const struct record *right, const struct field *field)
{
	const void *from_left = place_of(left, field), *from_right = place_of(right, field);
	switch (field->type) {
	case FIELD_STRING:
		return strcmp(from_left, from_right) == 0;
	case FIELD_INTEGER:
	case FIELD_TIME:
		return *(const int64_t *)from_left == *(const int64_t *)from_right;
	case FIELD_BOOLEAN:
		return *(const bool *)from_left == *(const bool *)from_right;
	case FIELD_GOAL:
		return *(const enum goal *)from_left == *(const enum goal *)from_right;
	case FIELD_STRINGS:
	case FIELD_PAYMENTS:
		return json_equal(*(json_t *const *)from_left, *(json_t *const *)from_right);
	}
	return false;
}

void record_write_changes(const struct record *before, const struct record *after, struct json_writer *writer)
{
	const char *key;
	json_t *value;
	json_write_open(writer, '{');
	for (size_t i = 0; i < RECORD_FIELDS; i++)
		if (record_fields[i].offset != offsetof(struct record, revision) &&
		    !(before && is_same(before, after, &record_fields[i])) && is_written(after, &record_fields[i]))
			write_field(after, &record_fields[i], writer);
	json_object_foreach(after->unknown, key, value)
		if (!before || !json_equal(value, json_object_get(before->unknown, key))) {
			json_write_key(writer, key);
			json_write_value(writer, value);
		}
	for (size_t i = 0; before && i < RECORD_FIELDS; i++)
		if (!is_same(before, after, &record_fields[i]) && is_written(before, &record_fields[i]) &&
		    !is_written(after, &record_fields[i])) {
			json_write_key(writer, record_fields[i].name);
			json_write_null(writer);
		}
	json_object_foreach(before ? before->unknown : NULL, key, value)
		if (!json_object_get(after->unknown, key)) {
			json_write_key(writer, key);
			json_write_null(writer);
		}
	json_write_close(writer, '}');
}
