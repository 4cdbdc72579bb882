#ifndef SIM_CORE_CALL_H
#define SIM_CORE_CALL_H
/*
 * One request on its way through the simulator, and the ways to answer it. A
 * handler answers exactly once and then returns.
 */
#include "base/text.h"
#include "core/query.h"
#include "core/world.h"
#include "core/write.h"

struct call;
typedef void call_handler(struct call *call);

struct route {
	const char *method;
	const char *pattern; /* below /v1; "{id}" and the like stand for a number */
	call_handler *handler;
};

struct call {
	struct sim *sim;
	struct project *project; /* NULL for control routes */
	const struct sim_request *request;
	const struct route *route;
	struct query query;
	json_t *body;              /* an object; empty when the request has none */
	int64_t ids[2];            /* of the path; -1: not a number */
	const struct fault *fault; /* that troubles it; never NULL, see no_fault */
	struct text written;       /* the body of the answer so far */
	struct sim_reply *reply;
};

/* The answer's status and body, as a template of write.h; NULL: no body. More can be
 * appended with write_json(). */
void answer(struct call *call, int status, const char *template, ...);
void answer_tree(struct call *call, int status, json_t *body); /* takes the reference */

/* {"error": {"code", "message", "details"}}; details is JSON, NULL gives null. */
void answer_error(struct call *call, int status, const char *code, const char *details, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/* 422 invalid_input, with the field in its details. */
void answer_invalid(struct call *call, const char *field, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* 409 uniqueness_error. */
void answer_not_unique(struct call *call, const char *field, const char *message);

/* 404: "<what> with ID '<id>' not found". */
void answer_not_found(struct call *call, const char *what, int64_t id);

/* The thing that the path's first id means; NULL after a 404. */
struct resource *call_find(struct call *call, const struct resource_list *list, const char *what);

/* Body members. Each gives false after having answered 422; a missing one leaves *ret alone. */
bool call_string(struct call *call, const char *key, const char **ret);
bool call_flag(struct call *call, const char *key, bool *ret);
bool call_array(struct call *call, const char *key, json_t **ret);
bool call_labels(struct call *call, json_t **ret);

/* The body has no members but these, NULL-terminated; false after a 422. */
bool call_only(struct call *call, const char *const *names);

/* The body's new "name" when it has one: 1 to 128 characters and no other thing's name. */
bool call_rename(struct call *call, const struct resource_list *list, const struct resource *self, const char **ret);

/* For trees: "2026-01-21T10:00:00Z"; null for -1. */
json_t *call_time(int64_t ms);
#endif
