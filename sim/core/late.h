#ifndef SIM_CORE_LATE_H
#define SIM_CORE_LATE_H
/* Requests that a fault holds back: they have their effect later, and nobody sees the answer. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sim;
struct sim_request;

struct late_request {
	int64_t due_ms;
	bool counts; /* it is one more request than the caller sent */
	char *method, *path, *query, *bearer, *body;
	size_t body_length;
};

struct late_requests {
	struct late_request *items;
	size_t count;
};

void late_add(struct late_requests *late, const struct sim_request *request, int64_t due_ms, bool counts);
const struct late_request *late_next(const struct late_requests *late); /* the first that is due, or NULL */
struct late_request late_take_next(struct late_requests *late);         /* there is one; the caller releases it */
void late_release(struct late_request *request);
void late_clear(struct late_requests *late);

/* Lets it have its effect now (answer.c). */
void late_answer(struct sim *sim, const struct late_request *request);
#endif
