#ifndef SIM_CORE_REQUEST_LOG_H
#define SIM_CORE_REQUEST_LOG_H
/* How many requests of each kind came, exactly: by method and route pattern. */
#include <jansson.h>

struct request_log {
	json_t *routes; /* "GET /servers/{id}": 3 */
	json_int_t total;
};

void request_log_init(struct request_log *log);
void request_log_release(struct request_log *log);
void request_log_reset(struct request_log *log);
void request_log_count(struct request_log *log, const char *method, const char *route);
json_t *request_log_report(const struct request_log *log); /* {"total": N, "routes": {...}} */
#endif
