#ifndef TESTS_SCRIPTED_SERVER_H
#define TESTS_SCRIPTED_SERVER_H
/*
 * A real HTTP server on a loopback port that plays a script: the first request gets
 * the first step, and so on. It keeps every request as it came in. Requests past
 * the script's end are kept too, and answered with status 418.
 */
#include <stdbool.h>
#include <stddef.h>

enum scripted_kind {
	ANSWER, /* status, headers, body */
	CLOSE,  /* read the request, then close without a word: a lost answer */
	CUT,    /* promise more body than is sent, then close */
	HANG,   /* read the request and never answer */
};

struct scripted_step {
	enum scripted_kind kind;
	int status;
	const char *headers; /* more of them, each with "\r\n" at its end; NULL: "Content-Type: application/json" */
	const char *body;    /* NULL: "" */
	size_t padding;      /* so many blanks follow the body */
	unsigned delay_ms;   /* before the answer */
	bool keep_alive;     /* the connection stays open for another request */
};

struct scripted_server;

struct scripted_server *scripted_server_new(const struct scripted_step *steps, size_t count); /* steps are borrowed */
void scripted_server_free(struct scripted_server *server);

int scripted_server_port(const struct scripted_server *server);
size_t scripted_server_count(struct scripted_server *server);                      /* requests so far */
const char *scripted_server_request(struct scripted_server *server, size_t index); /* whole, with headers and body */

int unused_port(void); /* one on which nobody listens */
#endif
