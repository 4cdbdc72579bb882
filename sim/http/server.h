#ifndef SIM_HTTP_SERVER_H
#define SIM_HTTP_SERVER_H
/* The simulated cloud behind HTTP, on a loopback address, driven by our loop. */
#include <netinet/in.h>

#include "base/error.h"
#include "core/sim.h"
#include "system/loop.h"

struct http_server;

/* Milliseconds since 1970, and what to do after a request has changed the world. */
typedef int64_t http_server_clock_fn(void *data);
typedef void http_server_changed_fn(void *data);

/* Listens; port 0 takes a free one. Everything that is passed is borrowed and must outlive the server. */
int http_server_new(struct loop *loop, struct sim *sim, const struct sockaddr_in *address, http_server_clock_fn *now,
		    http_server_changed_fn *changed, void *data, struct http_server **ret, struct error *err);
uint16_t http_server_port(const struct http_server *server);
void http_server_free(struct http_server *server); /* drops what is open; NULL is fine */
#endif
