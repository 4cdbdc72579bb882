#include "core/request_log.h"

#include "base/text.h"

void request_log_init(struct request_log *log)
{
	*log = (struct request_log){ .routes = json_object() };
}

void request_log_release(struct request_log *log)
{
	json_decref(log->routes);
	log->routes = NULL;
}

void request_log_reset(struct request_log *log)
{
	json_object_clear(log->routes);
	log->total = 0;
}

void request_log_count(struct request_log *log, const char *method, const char *route)
{
	AUTO_TEXT struct text key;

	text_init(&key, 256);
	text_addf(&key, "%s %s", method, route);
	json_int_t seen = json_integer_value(json_object_get(log->routes, text_string(&key)));
	json_object_set_new(log->routes, text_string(&key), json_integer(seen + 1));
	log->total++;
}

json_t *request_log_report(const struct request_log *log)
{
	return json_pack("{s:I, s:O}", "total", log->total, "routes", log->routes);
}
