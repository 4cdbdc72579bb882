#ifndef NET_HTTP_H
#define NET_HTTP_H
/*
 * HTTP requests over libcurl's multi interface, driven by our loop: one pool of
 * connections and one load of the CA bundle a process. Redirects are not
 * followed, proxies come from the environment as curl's documentation says,
 * only http and https are spoken, and http is refused for a bearer token unless
 * the host is a loopback address.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "system/loop.h"

struct http_client;

struct http_request {
	const char *method; /* "GET", "POST", "PUT", "DELETE" */
	const char *url;
	const char *bearer;   /* token, or NULL; never logged */
	const char *body;     /* JSON, or NULL */
	size_t reply_maximum; /* bytes of body accepted; more fails with EFBIG */
	int64_t timeout_ms;   /* whole request */
};

struct http_reply {
	const struct error *error; /* NULL when an answer arrived whole, whatever its status */
	bool maybe_sent;           /* on error: the server may have acted on the request */
	int status;
	const char *content_type; /* "" when missing */
	const char *body;         /* NUL-terminated */
	size_t body_length;
	int64_t date;       /* Date header in unix seconds, or -1 */
	int64_t rate_limit; /* RateLimit-Limit, -Remaining, -Reset (unix seconds); -1 when missing */
	int64_t rate_remaining;
	int64_t rate_reset;
	int64_t retry_after_s; /* Retry-After in seconds, or -1 */
};

/* Before anything of it is known. */
#define HTTP_REPLY_INIT                                                                                                \
	{                                                                                                              \
		.content_type = "",                                                                                    \
		.body = "",                                                                                            \
		.date = -1,                                                                                            \
		.rate_limit = -1,                                                                                      \
		.rate_remaining = -1,                                                                                  \
		.rate_reset = -1,                                                                                      \
		.retry_after_s = -1,                                                                                   \
	}

typedef void http_done_fn(void *data, const struct http_reply *reply); /* the reply is borrowed for the call */

struct http_client *http_client_new(struct loop *loop, const char *user_agent, struct error *err);
void http_client_free(struct http_client *client); /* open requests are dropped, their callbacks don't come */

/* Starts a request; everything is copied. `done` is called once, from loop_turn(). */
void http_start(struct http_client *client, const struct http_request *request, http_done_fn *done, void *data);
#endif
