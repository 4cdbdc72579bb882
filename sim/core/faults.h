#ifndef SIM_CORE_FAULTS_H
#define SIM_CORE_FAULTS_H
/*
 * Trouble on demand. Each fault waits for requests of a method and route, lets
 * `skip` of them pass, troubles `times`, and is gone.
 */
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct fault {
	char *method, *route; /* NULL: any */
	int64_t skip, times;
	/* Instead of the request's effect: */
	int status; /* this error is the answer; 0: none */
	char *code, *message;
	bool html;   /* a web page is the answer */
	int64_t big; /* JSON of so many bytes is the answer; 0: no */
	/* After the request's effect: */
	bool lose_answer; /* the connection closes without an answer */
	bool cut;         /* half of the body comes */
	bool fail_action; /* the actions that it starts will fail */
	int64_t hang_ms;  /* of real time before the answer, whatever that is */
};

struct faults {
	struct fault *items;
	size_t count;
};

/* Reads the document that POST /_sim/faults takes. A fault that would do nothing,
 * or has a member that isn't known, is refused. */
int faults_add(struct faults *faults, json_t *document, struct error *err);
json_t *faults_report(const struct faults *faults);
void faults_clear(struct faults *faults);

/* What troubles this request: false, or a copy that the caller releases. */
bool faults_take(struct faults *faults, const char *method, const char *route, struct fault *ret);
void fault_release(struct fault *fault);
#endif
