#include "net/multi.h"

#include <sys/epoll.h>

#include "base/memory.h"

struct multi {
	struct loop *loop;
	CURLM *handle;
	multi_ended_fn *ended;
	struct timer *timer; /* libcurl's time-out, or NULL */
	struct socket *sockets;
};

struct socket {
	struct multi *multi;
	struct socket *next;
	curl_socket_t fd;
	struct watch *watch;
};

static void collect_ended(struct multi *multi)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(multi->handle, &left))) {
		if (message->msg != CURLMSG_DONE)
			continue;
		CURLcode result = message->data.result; /* the message dies with the removal */
		CURL *easy = message->easy_handle;
		char *transfer = NULL;

		curl_multi_remove_handle(multi->handle, easy);
		curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
		multi->ended(transfer, result);
	}
}

static void act(struct multi *multi, curl_socket_t fd, int happened)
{
	int running;

	curl_multi_socket_action(multi->handle, fd, happened, &running);
	collect_ended(multi);
}

static void on_ready(void *data, uint32_t events)
{
	struct socket *socket = data; /* may be gone after act() */
	int happened = 0;

	if (events & EPOLLIN)
		happened |= CURL_CSELECT_IN;
	if (events & EPOLLOUT)
		happened |= CURL_CSELECT_OUT;
	if (events & (EPOLLERR | EPOLLHUP))
		happened |= CURL_CSELECT_ERR;
	act(socket->multi, socket->fd, happened);
}

static void on_time_out(void *data)
{
	struct multi *multi = data;

	multi->timer = NULL;
	act(multi, CURL_SOCKET_TIMEOUT, 0);
}

static void drop_socket(struct multi *multi, struct socket *socket)
{
	for (struct socket **link = &multi->sockets; *link; link = &(*link)->next)
		if (*link == socket) {
			*link = socket->next;
			break;
		}
	loop_unwatch(socket->watch);
	free(socket);
}

/* libcurl says what it wants to know about a socket. */
static int socket_wanted(CURL *easy, curl_socket_t fd, int what, void *data, void *socket_data)
{
	struct multi *multi = data;
	struct socket *socket = socket_data;
	uint32_t events = 0;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (socket)
			drop_socket(multi, socket);
		return 0;
	}
	if (what == CURL_POLL_IN || what == CURL_POLL_INOUT)
		events |= EPOLLIN;
	if (what == CURL_POLL_OUT || what == CURL_POLL_INOUT)
		events |= EPOLLOUT;
	if (socket) {
		loop_watch_change(socket->watch, events);
		return 0;
	}
	socket = memory_new(sizeof(*socket));
	*socket = (struct socket){ .multi = multi, .next = multi->sockets, .fd = fd };
	socket->watch = loop_watch(multi->loop, fd, events, on_ready, socket);
	multi->sockets = socket;
	curl_multi_assign(multi->handle, fd, socket);
	return 0;
}

/* libcurl says when it wants to be called; -1: not at all. */
static int timer_wanted(CURLM *handle, long delay_ms, void *data)
{
	struct multi *multi = data;

	(void)handle;
	loop_cancel(multi->timer);
	multi->timer = delay_ms >= 0 ? loop_after(multi->loop, delay_ms, on_time_out, multi) : NULL;
	return 0;
}

struct multi *multi_new(struct loop *loop, multi_ended_fn *ended)
{
	struct multi *multi = memory_new(sizeof(*multi));

	*multi = (struct multi){ .loop = loop, .handle = curl_multi_init(), .ended = ended };
	if (!multi->handle) {
		free(multi);
		return NULL;
	}
	curl_multi_setopt(multi->handle, CURLMOPT_SOCKETFUNCTION, socket_wanted);
	curl_multi_setopt(multi->handle, CURLMOPT_SOCKETDATA, multi);
	curl_multi_setopt(multi->handle, CURLMOPT_TIMERFUNCTION, timer_wanted);
	curl_multi_setopt(multi->handle, CURLMOPT_TIMERDATA, multi);
	return multi;
}

void multi_free(struct multi *multi)
{
	if (!multi)
		return;
	curl_multi_cleanup(multi->handle); /* closes connections and still tells us about their sockets */
	while (multi->sockets)
		drop_socket(multi, multi->sockets);
	loop_cancel(multi->timer);
	free(multi);
}

CURLMcode multi_add(struct multi *multi, CURL *easy)
{
	return curl_multi_add_handle(multi->handle, easy);
}

void multi_remove(struct multi *multi, CURL *easy)
{
	curl_multi_remove_handle(multi->handle, easy);
}
