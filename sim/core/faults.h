#ifndef SIM_CORE_FAULTS_H
#define SIM_CORE_FAULTS_H
/*
 * Trouble on demand. Each fault waits for requests that it concerns, lets `skip` of them
 * pass, troubles some or all of those that follow, and is gone. A request is troubled
 * by one fault at most, the first that wants it. docs/hetzner-sim.md lists the members
 * of the document that makes one.
 */
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "core/errors.h"
#include "core/sim.h"

enum fault_repeat {
	REPEAT_NOT,
	REPEAT_SHOWS_FIRST,
	REPEAT_SHOWS_SECOND,
};

/* Zero, false and NULL: not so. */
struct fault {
	json_t *document;           /* as it was given; strings below are borrowed from it */
	const char *method, *route; /* of the requests that it concerns; NULL: any */
	int64_t project;            /* -1: any */
	/* Which of these, and how many: */
	int64_t skip, times;
	double probability;
	int64_t lasting_ms; /* from the first that it troubles, by the simulator's clock */
	int64_t until_ms;   /* its end, once it has begun */
	/* Instead of the request's effect: */
	struct known_error answer; /* code NULL: none */
	bool html;                 /* a web page */
	int64_t big;               /* JSON of so many bytes */
	bool drop;                 /* the connection closes, nothing was done */
	/* To the effect: */
	int repeat;       /* enum fault_repeat */
	int64_t late_ms;  /* it comes so much later, or its repetition does */
	int64_t stale_ms; /* servers younger than this are not seen */
	int ssh;          /* enum sim_host_ssh: how the machine that it boots behaves */
	/* To the actions that it starts: */
	bool fail_action, stall_action;
	double action_factor;
	int64_t action_ms;
	/* To the answer: */
	int64_t hang_ms; /* of real time before it */
	bool lose_answer;
	bool cut;     /* half of it comes */
	bool endless; /* it never ends */
};

extern const struct fault no_fault;

struct faults {
	struct fault *items;
	size_t count;
};

struct sim;

/* Reads one document, or an array of them: all are added, or none. What is misspelt, would
 * do nothing or contradicts itself is refused: it would silently test nothing. */
int faults_add(struct faults *faults, json_t *document, struct error *err);
json_t *faults_report(struct sim *sim);
void faults_clear(struct faults *faults);

/* What troubles this request: false, or a copy that the caller releases. */
bool faults_take(struct sim *sim, const char *method, const char *route, size_t project, struct fault *ret);
void fault_release(struct fault *fault);
#endif
