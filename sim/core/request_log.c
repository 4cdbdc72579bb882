#include "core/request_log.h"

#include "base/memory.h"
#include "base/text.h"
#include "core/routes.h"

void request_log_init(struct request_log *log)
{
	*log = (struct request_log){ .routes = memory_new(route_count() * sizeof(int64_t)),
				     .seen = memory_new(route_count() * sizeof(size_t)),
				     .refused = json_object() };
}

void request_log_release(struct request_log *log)
{
	free(log->routes);
	free(log->seen);
	json_decref(log->refused);
	*log = (struct request_log){ 0 };
}

void request_log_reset(struct request_log *log)
{
	memset(log->routes, 0, route_count() * sizeof(int64_t));
	json_object_clear(log->refused);
	log->seen_count = 0;
	log->total = 0;
}

void request_log_count(struct request_log *log, const struct route *route)
{
	size_t place = (size_t)(route - api_routes);

	if (log->routes[place]++ == 0)
		log->seen[log->seen_count++] = place;
	log->total++;
}

/* Anybody can invent methods. */
static const char *known_method(const char *method)
{
	static const char *const methods[] = { "GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS" };

	for (size_t i = 0; i < ARRAY_LENGTH(methods); i++)
		if (strcmp(methods[i], method) == 0)
			return method;
	return "(other)";
}

static void add(json_t *counts, const char *method, const char *pattern, int64_t count)
{
	AUTO_TEXT struct text key = TEXT_INIT(256);

	text_addf(&key, "%s %s", method, pattern);
	count += json_integer_value(json_object_get(counts, text_string(&key)));
	json_object_set_new(counts, text_string(&key), json_integer(count));
}

void request_log_count_refused(struct request_log *log, const char *method, const char *pattern)
{
	add(log->refused, known_method(method), pattern, 1);
	log->total++;
}

json_t *request_log_report(const struct request_log *log)
{
	json_t *routes = json_object();

	for (size_t i = 0; i < log->seen_count; i++) {
		const struct route *route = &api_routes[log->seen[i]];
		add(routes, route->method, route->pattern, log->routes[log->seen[i]]);
	}
	json_object_update(routes, log->refused);
	return json_pack("{s:I, s:o}", "total", (json_int_t)log->total, "routes", routes);
}
