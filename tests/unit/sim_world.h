#ifndef TEST_SIM_WORLD_H
#define TEST_SIM_WORLD_H
/* A simulated cloud whose clock the test owns, and the ways to ask it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/json.h"
#include "core/sim.h"

#define START_MS INT64_C(1767225600000)

struct world {
	struct sim *sim;
	int64_t now_ms;
	size_t project; /* whose token requests carry */
	int status;     /* of the last answer */
};

struct world world_new(struct sim_options options);

/* The reply to a request; release it. */
void send_request(struct world *world, const char *method, const char *path_and_query, const char *body,
		  struct sim_reply *ret);

/* The answer as JSON; {} when it has no body. Caller decrefs. */
json_t *ask(struct world *world, const char *method, const char *path_and_query, const char *body);

/* The status alone. */
int ask_status(struct world *world, const char *method, const char *path_and_query, const char *body);

json_t *order(struct world *world, const char *name); /* POST /servers, with the label n=name */
int64_t order_id(struct world *world, const char *name);

const char *error_code(const json_t *answer);
int64_t number_at(const json_t *answer, const char *outer, const char *inner);
#endif
