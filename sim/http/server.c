#include "http/server.h"

#include <errno.h>
#include <microhttpd.h>
#include <strings.h>
#include <sys/epoll.h>

#include "base/memory.h"
#include "base/text.h"
#include "base/timestamp.h"

#define BODY_MAXIMUM   (1024 * 1024)
#define IDLE_SECONDS   300
#define ENDLESS_PIECE  4096
#define MEMORY_MAXIMUM (64 * 1024) /* of libmicrohttpd for a connection: the longest request line and headers */

struct http_server {
	struct loop *loop;
	struct sim *sim;
	struct MHD_Daemon *daemon;
	struct watch *watch;
	struct timer *timeout;
	struct exchange *waiting; /* answers that a fault holds back */
	http_server_clock_fn *now;
	http_server_changed_fn *changed;
	void *data;
	bool closing;
};

/* One request and its answer. */
struct exchange {
	struct http_server *server;
	struct MHD_Connection *connection;
	struct exchange *next; /* among the waiting */
	struct timer *timer;
	char *uri; /* as it came: libmicrohttpd would decode it, and the core does that itself */
	struct text body;
	bool begun, answered;
	struct sim_reply reply;
};

static void run_timeout(void *data);

static void schedule(struct http_server *server)
{
	MHD_UNSIGNED_LONG_LONG timeout_ms;

	loop_cancel(server->timeout);
	server->timeout = NULL;
	if (MHD_get_timeout(server->daemon, &timeout_ms) == MHD_YES)
		server->timeout = loop_after(server->loop, (int64_t)timeout_ms, run_timeout, server);
}

static void run(struct http_server *server)
{
	MHD_run(server->daemon);
	schedule(server);
}

static void run_timeout(void *data)
{
	struct http_server *server = data;

	server->timeout = NULL; /* it fired, and is gone */
	run(server);
}

static void readable(void *data, uint32_t events)
{
	(void)events;
	run(data);
}

static void *begin(void *data, const char *uri, struct MHD_Connection *connection)
{
	struct exchange *exchange = memory_new(sizeof(*exchange));

	exchange->server = data;
	exchange->connection = connection;
	exchange->uri = memory_copy_string(uri);
	text_init(&exchange->body, BODY_MAXIMUM);
	return exchange;
}

static void stop_waiting(struct exchange *exchange)
{
	struct exchange **link = &exchange->server->waiting;

	while (*link && *link != exchange)
		link = &(*link)->next;
	if (*link)
		*link = exchange->next;
	loop_cancel(exchange->timer);
	exchange->timer = NULL;
}

static void end(void *data, struct MHD_Connection *connection, void **state, enum MHD_RequestTerminationCode code)
{
	struct exchange *exchange = *state;

	(void)data;
	(void)connection;
	(void)code;
	if (!exchange)
		return;
	stop_waiting(exchange);
	sim_reply_release(&exchange->reply);
	text_release(&exchange->body);
	free(exchange->uri);
	free(exchange);
	*state = NULL;
}

static void resume(void *data)
{
	struct exchange *exchange = data;
	struct http_server *server = exchange->server;

	exchange->timer = NULL;
	stop_waiting(exchange);
	MHD_resume_connection(exchange->connection);
	run(server);
}

static const char *bearer_of(struct MHD_Connection *connection)
{
	const char *value = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Authorization");

	return value && strncasecmp(value, "Bearer ", 7) == 0 ? value + 7 : NULL;
}

static void ask(struct exchange *exchange, const char *method)
{
	struct http_server *server = exchange->server;
	char *query = strchr(exchange->uri, '?');

	if (query)
		*query++ = 0;
	struct sim_request request = { .method = method,
				       .path = exchange->uri,
				       .query = query,
				       .bearer = bearer_of(exchange->connection),
				       .body = text_string(&exchange->body),
				       .body_length = exchange->body.length };
	sim_answer(server->sim, &request, server->now(server->data), &exchange->reply);
	exchange->answered = true;
	server->changed(server->data);
}

static void add_number(struct MHD_Response *response, const char *name, int64_t value)
{
	char string[24];

	snprintf(string, sizeof(string), "%lld", (long long)value);
	MHD_add_response_header(response, name, string);
}

/* The answer, then blanks for ever. The exchange lives as long as its connection. */
static ssize_t give_piece(void *data, uint64_t position, char *buffer, size_t size)
{
	const struct sim_reply *reply = data;

	memset(buffer, ' ', size);
	if (position < reply->body_length) {
		size_t left = reply->body_length - (size_t)position;
		memcpy(buffer, reply->body + position, left < size ? left : size);
	}
	return (ssize_t)size;
}

static struct MHD_Response *make_response(struct sim_reply *reply)
{
	if (reply->endless)
		return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, ENDLESS_PIECE, give_piece, reply, NULL);
	return MHD_create_response_from_buffer(reply->body_length, reply->body, MHD_RESPMEM_MUST_COPY);
}

static enum MHD_Result send_reply(struct exchange *exchange)
{
	const struct sim_reply *reply = &exchange->reply;
	char date[64];
	struct MHD_Response *response = make_response(&exchange->reply);

	timestamp_format_http(reply->date, date, sizeof(date));
	MHD_add_response_header(response, "Date", date);
	if (reply->body)
		MHD_add_response_header(response, "Content-Type", reply->html ? "text/html" : "application/json");
	if (reply->rate_limited) {
		add_number(response, "RateLimit-Limit", reply->rate_limit);
		add_number(response, "RateLimit-Remaining", reply->rate_remaining);
		add_number(response, "RateLimit-Reset", reply->rate_reset);
	}
	enum MHD_Result result = MHD_queue_response(exchange->connection, (unsigned)reply->status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result refuse_size(struct MHD_Connection *connection)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_MUST_COPY);
	enum MHD_Result result = MHD_queue_response(connection, MHD_HTTP_CONTENT_TOO_LARGE, response);

	MHD_destroy_response(response);
	return result;
}

/* Called for the headers, for each piece of the body, at its end, and once more after a wait. */
static enum MHD_Result handle(void *data, struct MHD_Connection *connection, const char *url, const char *method,
			      const char *version, const char *upload, size_t *upload_size, void **state)
{
	struct exchange *exchange = *state;
	struct http_server *server = data;

	(void)url;
	(void)version;
	if (server->closing)
		return MHD_NO;
	if (!exchange->begun) {
		exchange->begun = true;
		return MHD_YES;
	}
	if (*upload_size > 0) {
		text_add(&exchange->body, upload, *upload_size);
		*upload_size = 0;
		return MHD_YES;
	}
	if (exchange->body.overflowed)
		return refuse_size(connection);
	if (!exchange->answered) {
		ask(exchange, method);
		if (exchange->reply.delay_ms > 0) {
			exchange->next = server->waiting;
			server->waiting = exchange;
			exchange->timer = loop_after(server->loop, exchange->reply.delay_ms, resume, exchange);
			MHD_suspend_connection(connection);
			return MHD_YES;
		}
	}
	return exchange->reply.dropped ? MHD_NO : send_reply(exchange);
}

int http_server_new(struct loop *loop, struct sim *sim, const struct sockaddr_in *address, http_server_clock_fn *now,
		    http_server_changed_fn *changed, void *data, struct http_server **ret, struct error *err)
{
	struct http_server *server = memory_new(sizeof(*server));

	*server = (struct http_server){ .loop = loop, .sim = sim, .now = now, .changed = changed, .data = data };
	errno = 0;
	server->daemon = MHD_start_daemon(
		MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_SUPPRESS_DATE_NO_CLOCK, ntohs(address->sin_port),
		NULL, NULL, handle, server, MHD_OPTION_SOCK_ADDR, address, MHD_OPTION_URI_LOG_CALLBACK, begin, server,
		MHD_OPTION_NOTIFY_COMPLETED, end, NULL, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)MEMORY_MAXIMUM, MHD_OPTION_END);
	if (!server->daemon) {
		free(server);
		return error_set(err, ERROR_FAILED, errno, "can't listen on port %d; is something else there?",
				 ntohs(address->sin_port));
	}
	const union MHD_DaemonInfo *info = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	server->watch = loop_watch(loop, info->epoll_fd, EPOLLIN, readable, server);
	schedule(server);
	*ret = server;
	return 0;
}

uint16_t http_server_port(const struct http_server *server)
{
	return MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
}

void http_server_free(struct http_server *server)
{
	if (!server)
		return;
	server->closing = true;
	/* A daemon with suspended connections can't be stopped. */
	while (server->waiting) {
		struct exchange *exchange = server->waiting;
		stop_waiting(exchange);
		MHD_resume_connection(exchange->connection);
	}
	MHD_run(server->daemon);
	loop_unwatch(server->watch);
	loop_cancel(server->timeout);
	MHD_stop_daemon(server->daemon);
	free(server);
}
