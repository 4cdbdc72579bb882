#include "commands/would.h"

#include <stdarg.h>

#include "commands/view.h"

void would_add(struct session *session, json_t *list, json_t *object, const char *format, ...)
{
	va_list args;
	if (session->format == OUTPUT_JSON) {
		json_array_append_new(list, object);
		return;
	}
	json_decref(object);
	va_start(args, format);
	text_vaddf(&session->output, format, args);
	va_end(args);
	text_add_string(&session->output, "\n");
}

void would_print(struct session *session, const json_t *list)
{
	session_warn_of_age(session);
	if (session->format == OUTPUT_JSON)
		view_print_json(list, &session->output);
}

void would_say(struct session *session, json_t *object, const char *format, ...)
{
	va_list args;
	session_warn_of_age(session);
	if (session->format == OUTPUT_JSON) {
		view_print_json(object, &session->output);
	} else {
		va_start(args, format);
		text_vaddf(&session->output, format, args);
		va_end(args);
		text_add_string(&session->output, "\n");
	}
	json_decref(object);
}
