#ifndef BASE_ERROR_H
#define BASE_ERROR_H
/*
 * An error as a value. It is filled once, where the failure happens, gains
 * context where it crosses a layer, and is printed once, in commands/.
 * It owns no memory, so that it can never leak or fail itself.
 *
 * Convention: `int f(..., struct error *err)` gives 0 for success and leaves
 * *err alone, or -1 with *err filled. Messages are lower case, without a full
 * stop, say first what went wrong, and quote names as 'name'; what to do about
 * it follows after "; ".
 */
#include <stdbool.h>
#include <stddef.h>

enum error_kind {
	ERROR_NONE = 0,
	ERROR_FAILED,      /* something went wrong that has no kind of its own */
	ERROR_USAGE,       /* the command line, or a setting, is wrong */
	ERROR_NOT_FOUND,   /* no such instance */
	ERROR_REFUSED,     /* the input was read and is not acceptable */
	ERROR_REMOTE,      /* Hetzner said no, or could not be understood */
	ERROR_STATE,       /* the state is unusable or locked */
	ERROR_PARTIAL,     /* some of several failed, or it is recorded and not brought about yet */
	ERROR_INTERRUPTED, /* the operator pressed Ctrl-C */
};

struct error {
	enum error_kind kind;
	int errnum;         /* errno, or 0 */
	int http_status;    /* status of the API's answer, or 0 */
	char code[48];      /* error code of the API's answer, or "" */
	char message[1024]; /* one line, already free of control characters */
};

#define ERROR_INIT { .kind = ERROR_NONE }

/* Fills *err; errnum adds ": <text of errno>". Gives -1, so that callers can
 * `return error_set(...)`. Control characters in the message are escaped. */
#define error_set(...) (error_fill(__VA_ARGS__), error_result())

/* Puts "<context>: " before the message. Gives -1. */
#define error_wrap(...) (error_add_context(__VA_ARGS__), error_result())

/* What the two do. They are macros because so every compiler and analyzer sees, in each
 * caller, that -1 comes back, and never follows a path on which a refusal was a success. */
void error_fill(struct error *err, enum error_kind kind, int errnum, const char *format, ...)
	__attribute__((format(printf, 4, 5), cold));
void error_add_context(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3), cold));
static inline int error_result(void)
{
	return -1;
}

/* The process's exit code for this kind: design of the table in error.c, the
 * same that the manual page prints. 0 for ERROR_NONE. */
int error_exit_code(enum error_kind kind);

/* Walks the table of exit codes: gives false past its end. */
bool error_exit_code_row(size_t index, int *ret_code, const char **ret_meaning);

#endif
