#include "core/call.h"

#include <inttypes.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "core/labels.h"

void answer(struct call *call, int status, json_t *body)
{
	struct sim_reply *reply = call->reply;

	reply->status = status;
	if (!body)
		return;
	reply->body = json_format(body, false);
	reply->body_length = strlen(reply->body);
	json_decref(body);
}

static void answer_error_text(struct call *call, int status, const char *code, json_t *details, const char *message)
{
	answer(call, status,
	       json_pack("{s:{s:s, s:s, s:o}}", "error", "code", code, "message", message, "details",
			 details ? details : json_null()));
}

static void message_format(struct text *message, const char *format, va_list args)
{
	AUTO_TEXT struct text raw;

	text_init(&raw, 4096);
	text_vaddf(&raw, format, args);
	/* What the request said may come back in it, and needn't be UTF-8. */
	text_init(message, 16384);
	text_add_escaped(message, text_string(&raw), raw.length, true);
}

void answer_error(struct call *call, int status, const char *code, json_t *details, const char *format, ...)
{
	AUTO_TEXT struct text message;
	va_list args;

	va_start(args, format);
	message_format(&message, format, args);
	va_end(args);
	answer_error_text(call, status, code, details, text_string(&message));
}

void answer_invalid(struct call *call, const char *field, const char *format, ...)
{
	AUTO_TEXT struct text message;
	va_list args;

	va_start(args, format);
	message_format(&message, format, args);
	va_end(args);
	json_t *details = json_pack("{s:[{s:s, s:[s]}]}", "fields", "name", field, "messages", text_string(&message));
	answer_error_text(call, 422, "invalid_input", details, text_string(&message));
}

void answer_not_unique(struct call *call, const char *field, const char *message)
{
	answer_error(call, 409, "uniqueness_error", json_pack("{s:[{s:s}]}", "fields", "name", field), "%s", message);
}

void answer_not_found(struct call *call, const char *what, int64_t id)
{
	answer_error(call, 404, "not_found", NULL, "%s with ID '%" PRId64 "' not found", what, id);
}

struct resource *call_find(struct call *call, const struct resource_list *list, const char *what)
{
	struct resource *resource = resource_find(list, call->ids[0]);

	if (!resource)
		answer_not_found(call, what, call->ids[0]);
	return resource;
}

bool call_string(struct call *call, const char *key, const char **ret)
{
	const json_t *value = json_object_get(call->body, key);

	if (!value || json_is_null(value))
		return true;
	if (!json_is_string(value)) {
		answer_invalid(call, key, "%s must be a string", key);
		return false;
	}
	*ret = json_string_value(value);
	return true;
}

bool call_flag(struct call *call, const char *key, bool *ret)
{
	const json_t *value = json_object_get(call->body, key);

	if (!value || json_is_null(value))
		return true;
	if (!json_is_boolean(value)) {
		answer_invalid(call, key, "%s must be a boolean", key);
		return false;
	}
	*ret = json_is_true(value);
	return true;
}

bool call_array(struct call *call, const char *key, json_t **ret)
{
	json_t *value = json_object_get(call->body, key);

	if (!value || json_is_null(value))
		return true;
	if (!json_is_array(value)) {
		answer_invalid(call, key, "%s must be an array", key);
		return false;
	}
	*ret = value;
	return true;
}

bool call_labels(struct call *call, json_t **ret)
{
	struct error err = ERROR_INIT;
	json_t *labels = json_object_get(call->body, "labels");

	if (!labels || json_is_null(labels))
		return true;
	if (labels_check(labels, &err)) {
		answer_invalid(call, "labels", "%s", err.message);
		return false;
	}
	*ret = labels;
	return true;
}

bool call_rename(struct call *call, const struct resource_list *list, const struct resource *self, const char **ret)
{
	const char *name = NULL;

	if (!call_string(call, "name", &name))
		return false;
	if (!name)
		return true;
	if (!*name || strlen(name) > 128) {
		answer_invalid(call, "name", "name must have 1 to 128 characters");
		return false;
	}
	const struct resource *other = resource_find_name(list, name);
	if (other && other != self) {
		answer_not_unique(call, "name", "name is already used");
		return false;
	}
	*ret = name;
	return true;
}

json_t *call_time(int64_t ms)
{
	char string[TIMESTAMP_SIZE];

	if (ms < 0)
		return json_null();
	timestamp_format(ms / 1000, string);
	return json_string(string);
}

json_t *labels_or_empty(const struct resource *resource)
{
	return resource->labels ? json_incref(resource->labels) : json_object();
}
