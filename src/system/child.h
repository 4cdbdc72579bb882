#ifndef SYSTEM_CHILD_H
#define SYSTEM_CHILD_H
/*
 * Programs that we run. Each one runs below a guard: a small process (this
 * binary, executed again as `ccc --guard ...`) in a session of its own that holds
 * a copy of the lease and one end of a pipe. When the pipe closes (we died, or
 * stopped it) or the deadline passes, the guard ends the whole group, and only
 * then itself: so a killed ccc leaves nothing at work, and the lease stays taken
 * until the last descendant is gone.
 *
 * argv arrays only, never a shell; stdin is /dev/null, the file that is named, or what is given,
 * which then is in no file; the environment is exactly what is given. Standard output and error are one stream, which
 * is escaped and capped before anybody sees it.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "system/loop.h"

struct child;

struct child_result {
	bool timed_out;     /* the deadline ended it */
	int exit_status;    /* 0..255, or -1 when a signal ended it */
	int signal;         /* or 0 */
	const char *output; /* standard output (up to output_maximum), raw, NUL-terminated */
	size_t output_length;
	const char *tail; /* last lines of output and error together, escaped, for messages */
};

typedef void child_line_fn(void *data, const char *line);                  /* a line, escaped, without newline */
typedef void child_exit_fn(void *data, const struct child_result *result); /* once; the child is freed after it */

struct child_order {
	const char *guard;              /* absolute path of the binary that answers to --guard */
	const char *const *argv;        /* argv[0] is looked up in `path` unless it holds a '/' */
	const char *path;               /* search path for argv[0] */
	const char *const *environment; /* "NAME=value", NULL at the end: all that the child gets */
	const char *input_path;         /* what its stdin reads, from the begin, or NULL for nothing */
	const char *input;              /* that itself, instead; or NULL */
	int lease_fd;                   /* inherited by the guard, or -1 */
	int64_t deadline_ms;            /* from now; > 0 */
	const char *log_path;           /* output is appended here, escaped, at most 8 MiB; or NULL */
	size_t output_maximum;          /* bytes of standard output kept for the result; the rest is only logged */
	child_line_fn *on_line;         /* or NULL */
	child_exit_fn *on_exit;
	void *data;
};

/* Starts it; all of the order is copied. A program that is missing is reported
 * here (ENOENT). Afterwards on_exit is called exactly once, from loop_turn(),
 * unless child_abandon() comes first. */
int child_start(struct loop *loop, const struct child_order *order, struct child **ret, struct error *err);

/* Asks the guard to end the group: SIGTERM, after two seconds SIGKILL. on_exit still comes. */
void child_stop(struct child *child);

/* Closes our ends and frees: the guard ends the group. on_exit does not come. NULL is fine. */
void child_abandon(struct child *child);
#endif
