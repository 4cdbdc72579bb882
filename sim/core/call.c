#include "core/call.h"

#include <inttypes.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "core/labels.h"

#define DETAILS_MAXIMUM 262144
#define MESSAGE_MAXIMUM 16384

void answer(struct call *call, int status, const char *template, ...)
{
	va_list args;

	call->reply->status = status;
	if (!template)
		return;
	va_start(args, template);
	write_json_list(call, &call->written, template, args);
	va_end(args);
}

void answer_tree(struct call *call, int status, json_t *body)
{
	answer(call, status, "%j", body);
	json_decref(body);
}

static void answer_error_text(struct call *call, int status, const char *code, const char *details, const char *message)
{
	answer(call, status, "{'error':{'code':%s,'message':%s,'details':%r}}", code, message,
	       details ? details : "null");
}

static void message_format(struct text *message, const char *format, va_list args)
{
	AUTO_TEXT struct text raw = TEXT_INIT(4096);

	text_vaddf(&raw, format, args);
	/* What the request said may come back in it, and needn't be UTF-8. */
	text_add_escaped(message, text_string(&raw), raw.length, true);
}

void answer_error(struct call *call, int status, const char *code, const char *details, const char *format, ...)
{
	AUTO_TEXT struct text message = TEXT_INIT(MESSAGE_MAXIMUM);
	va_list args;

	va_start(args, format);
	message_format(&message, format, args);
	va_end(args);
	answer_error_text(call, status, code, details, text_string(&message));
}

void answer_invalid(struct call *call, const char *field, const char *format, ...)
{
	AUTO_TEXT struct text message = TEXT_INIT(MESSAGE_MAXIMUM), details = TEXT_INIT(DETAILS_MAXIMUM);
	va_list args;

	va_start(args, format);
	message_format(&message, format, args);
	va_end(args);
	write_json_to(&details, "{'fields':[{'name':%s,'messages':[%s]}]}", field, text_string(&message));
	answer_error_text(call, 422, "invalid_input", text_string(&details), text_string(&message));
}

void answer_not_unique(struct call *call, const char *field, const char *message)
{
	AUTO_TEXT struct text details = TEXT_INIT(DETAILS_MAXIMUM);

	write_json_to(&details, "{'fields':[{'name':%s}]}", field);
	answer_error(call, 409, "uniqueness_error", text_string(&details), "%s", message);
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

bool call_only(struct call *call, const char *const *names)
{
	const char *key;
	json_t *value;

	json_object_foreach(call->body, key, value) {
		const char *const *name = names;
		while (*name && strcmp(*name, key) != 0)
			name++;
		if (!*name) {
			answer_invalid(call, key, "unknown member '%s'", key);
			return false;
		}
	}
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
