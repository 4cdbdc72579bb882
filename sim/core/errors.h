#ifndef SIM_CORE_ERRORS_H
#define SIM_CORE_ERRORS_H
/* The API's table of errors, and those that single operations add. */

struct known_error {
	const char *code;
	int status;
	const char *message;
	const char *details; /* JSON; NULL: null */
};

const struct known_error *error_find(const char *code); /* NULL: the API has no such code */
#endif
