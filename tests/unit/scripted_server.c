#include "scripted_server.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <sys/socket.h>

#include "base/memory.h"
#include "base/text.h"

#define REQUESTS_MAXIMUM 256

struct scripted_server {
	const struct scripted_step *steps;
	size_t step_count;
	int listener, port;
	pthread_t acceptor;
	pthread_mutex_t lock;
	struct {
		pthread_t thread;
		int fd;
	} connections[REQUESTS_MAXIMUM];
	size_t connection_count;
	char *requests[REQUESTS_MAXIMUM];
	size_t request_count;
};

struct connection {
	struct scripted_server *server;
	int fd;
};

static int listen_on_loopback(int *ret_port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) < 0 || listen(fd, 64) < 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &size) < 0)
		abort();
	*ret_port = ntohs(address.sin_port);
	return fd;
}

int unused_port(void)
{
	int port, fd = listen_on_loopback(&port);

	close(fd);
	return port;
}

static size_t body_length(const char *request)
{
	const char *header = strcasestr(request, "\r\nContent-Length:");

	return header ? strtoul(header + strlen("\r\nContent-Length:"), NULL, 10) : 0;
}

/* False when the peer closed before a whole request was there. */
static bool read_request(int fd, struct text *ret)
{
	char bytes[4096];

	for (;;) {
		const char *end = strstr(text_string(ret), "\r\n\r\n");
		if (end && strlen(end + 4) >= body_length(text_string(ret)))
			return true;
		ssize_t got = recv(fd, bytes, sizeof(bytes), 0);
		if (got <= 0)
			return false;
		text_add(ret, bytes, (size_t)got);
	}
}

static void send_all(int fd, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t sent = send(fd, bytes, length, MSG_NOSIGNAL);
		if (sent <= 0)
			return;
		bytes += sent;
		length -= (size_t)sent;
	}
}

static void send_answer(int fd, const struct scripted_step *step)
{
	AUTO_TEXT struct text answer = TEXT_INIT((size_t)64 << 20);
	const char *body = step->body ? step->body : "";
	size_t length = strlen(body) + step->padding + (step->kind == CUT ? 1000 : 0);

	text_addf(&answer, "HTTP/1.1 %d Scripted\r\n%sContent-Length: %zu\r\n%s\r\n%s", step->status,
		  step->headers ? step->headers : "Content-Type: application/json\r\n", length,
		  step->keep_alive ? "" : "Connection: close\r\n", body);
	for (size_t i = 0; i < step->padding; i++)
		text_add(&answer, " ", 1);
	send_all(fd, answer.data, answer.length);
}

static const struct scripted_step *take_step(struct scripted_server *server, struct text *request)
{
	static const struct scripted_step unscripted = {
		.status = 418, .body = "{\"error\": {\"code\": \"unscripted\", \"message\": \"past the script\"}}"
	};
	const struct scripted_step *step = &unscripted;

	pthread_mutex_lock(&server->lock);
	if (server->request_count == REQUESTS_MAXIMUM)
		abort();
	if (server->request_count < server->step_count)
		step = &server->steps[server->request_count];
	server->requests[server->request_count++] = text_take(request);
	pthread_mutex_unlock(&server->lock);
	return step;
}

static void *serve(void *data)
{
	struct connection *connection = data;
	const struct scripted_step *step;
	char byte;

	do {
		AUTO_TEXT struct text request = TEXT_INIT(1 << 20);
		if (!read_request(connection->fd, &request))
			break;
		step = take_step(connection->server, &request);
		usleep(step->delay_ms * 1000);
		if (step->kind == ANSWER || step->kind == CUT)
			send_answer(connection->fd, step);
		if (step->kind == HANG)
			while (recv(connection->fd, &byte, 1, 0) > 0)
				continue;
	} while (step->keep_alive);
	shutdown(connection->fd, SHUT_RDWR);
	free(connection);
	return NULL;
}

static void *accept_all(void *data)
{
	struct scripted_server *server = data;
	int fd;

	while ((fd = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
		struct connection *connection = memory_new(sizeof(*connection));
		*connection = (struct connection){ server, fd };
		pthread_mutex_lock(&server->lock);
		if (server->connection_count == REQUESTS_MAXIMUM)
			abort();
		server->connections[server->connection_count].fd = fd;
		if (pthread_create(&server->connections[server->connection_count++].thread, NULL, serve, connection))
			abort();
		pthread_mutex_unlock(&server->lock);
	}
	return NULL;
}

struct scripted_server *scripted_server_new(const struct scripted_step *steps, size_t count)
{
	struct scripted_server *server = memory_new(sizeof(*server));

	server->steps = steps;
	server->step_count = count;
	server->listener = listen_on_loopback(&server->port);
	pthread_mutex_init(&server->lock, NULL);
	if (pthread_create(&server->acceptor, NULL, accept_all, server))
		abort();
	return server;
}

void scripted_server_free(struct scripted_server *server)
{
	shutdown(server->listener, SHUT_RDWR);
	pthread_join(server->acceptor, NULL);
	for (size_t i = 0; i < server->connection_count; i++) {
		shutdown(server->connections[i].fd, SHUT_RDWR);
		pthread_join(server->connections[i].thread, NULL);
		close(server->connections[i].fd);
	}
	for (size_t i = 0; i < server->request_count; i++)
		free(server->requests[i]);
	close(server->listener);
	pthread_mutex_destroy(&server->lock);
	free(server);
}

int scripted_server_port(const struct scripted_server *server)
{
	return server->port;
}

size_t scripted_server_count(struct scripted_server *server)
{
	pthread_mutex_lock(&server->lock);
	size_t count = server->request_count;
	pthread_mutex_unlock(&server->lock);
	return count;
}

const char *scripted_server_request(struct scripted_server *server, size_t index)
{
	pthread_mutex_lock(&server->lock);
	const char *request = index < server->request_count ? server->requests[index] : "";
	pthread_mutex_unlock(&server->lock);
	return request;
}
