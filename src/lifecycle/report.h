#ifndef LIFECYCLE_REPORT_H
#define LIFECYCLE_REPORT_H
/* What happens, told as it happens; commands/ decides how it looks. All strings are
 * borrowed for the call and free of control characters. */
#include <stdint.h>

enum report_kind {
	REPORT_BEGAN,    /* a step began */
	REPORT_PROGRESS, /* a step has something to say */
	REPORT_ENDED,    /* a step is done */
	REPORT_FAILED,   /* a step failed; `text` says why */
	REPORT_WARNING,  /* something that the operator should know, no step failed */
};

struct report {
	enum report_kind kind;
	const char *instance;
	const char *step;   /* the step's name: "create" */
	const char *text;   /* what is being done, or was learned */
	int64_t elapsed_ms; /* since the step began */
};

typedef void report_fn(void *data, const struct report *report);
#endif
