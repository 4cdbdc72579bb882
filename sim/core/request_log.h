#ifndef SIM_CORE_REQUEST_LOG_H
#define SIM_CORE_REQUEST_LOG_H
/*
 * How many requests of each kind came, exactly: by method and route pattern. Its size
 * has a limit, however many requests come and whatever they ask for.
 */
#include <jansson.h>
#include <stdint.h>

struct route;

struct request_log {
	int64_t *routes; /* by the place in api_routes */
	size_t *seen;    /* the places that were asked for, in the order of their first request */
	size_t seen_count;
	json_t *refused; /* what no route answers: "PATCH /servers/{id}": 3 */
	int64_t total;
};

void request_log_init(struct request_log *log);
void request_log_release(struct request_log *log);
void request_log_reset(struct request_log *log);
void request_log_count(struct request_log *log, const struct route *route);
void request_log_count_refused(struct request_log *log, const char *method, const char *pattern);
json_t *request_log_report(const struct request_log *log); /* {"total": N, "routes": {...}} */
#endif
