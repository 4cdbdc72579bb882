/* Behind net/http.h: requests that travel to the simulated cloud, arrive or not, early or
 * late, and whose answers come back or not. What is on its way goes on when the sender dies. */
#include "net/http.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cloud_fault.h"
#include "cloud_hiding.h"
#include "cloud_view.h"
#include "flight.h"
#include "loop.h"
#include "net/url.h"
#include "oracle.h"
#include "owner.h"
#include "process.h"
#include "story.h"

#define LATENCY_MS 60 /* one way, at most */

struct http_client {
	struct process *process;
};

/* The world's: a request and its answer. */
struct flight {
	struct flight *next, *previous; /* of the world's */
	struct world *world;
	struct process *process; /* NULL: nobody waits any more */
	struct http_client *client;
	char *method, *path, *query, *bearer, *body;
	struct event *timeout;
	size_t maximum; /* bytes of an answer that the sender takes */
	http_done_fn *done;
	void *data;
	bool over; /* the sender was told, or is gone */
	bool arrived;
	/* the answer */
	struct sim_reply reply;
	bool broken;
};

static struct flight *flight_new(struct world *world)
{
	struct flight *flight = owner_world_calloc(1, sizeof(*flight));
	flight->world = world;
	flight->next = world->flights;
	if (flight->next)
		flight->next->previous = flight;
	world->flights = flight;
	return flight;
}

static void flight_free(struct flight *flight)
{
	if (flight->next)
		flight->next->previous = flight->previous;
	if (flight->previous)
		flight->previous->next = flight->next;
	else
		flight->world->flights = flight->next;
	event_cancel(flight->timeout);
	sim_reply_release(&flight->reply);
	free(flight->method);
	free(flight->path);
	free(flight->query);
	free(flight->bearer);
	free(flight->body);
	free(flight);
}

/* --- the sender's end ----------------------------------------------------------------- */

enum end { ENDED_WELL, TOO_LATE, BROKEN, TOO_LARGE };

static enum end end_of(const struct flight *flight)
{
	if (flight->broken)
		return BROKEN;
	return flight->reply.endless || flight->reply.body_length > flight->maximum ? TOO_LARGE : ENDED_WELL;
}

static void fill_error(enum end end, struct error *error)
{
	static const struct {
		const char *words;
		int errnum;
	} ends[] = {
		[TOO_LATE] = { "no answer in time", ETIMEDOUT },
		[BROKEN] = { "the connection broke", ECONNRESET },
		[TOO_LARGE] = { "the answer does not end", EFBIG },
	};
	error_set(error, ERROR_REMOTE, 0, "the drill's network: %s", ends[end].words);
	error->errnum = ends[end].errnum;
}

static void on_landed(void *data)
{
	struct flight *flight = data;
	struct error error = ERROR_INIT;
	struct http_reply reply = HTTP_REPLY_INIT;
	if (!flight->process) { /* the client was freed while this was on its way */
		flight_free(flight);
		return;
	}
	flight->process->unanswered--;
	enum end end = end_of(flight);
	if (end != ENDED_WELL) {
		fill_error(end, &error);
		reply.error = &error;
		reply.maybe_sent = true;
	} else {
		const struct sim_reply *sim = &flight->reply;
		reply.status = sim->status;
		reply.content_type = sim->html ? "text/html" : "application/json";
		reply.body = sim->body ? sim->body : "";
		reply.body_length = sim->body_length;
		reply.date = sim->date;
		if (sim->rate_limited) {
			reply.rate_limit = sim->rate_limit;
			reply.rate_remaining = sim->rate_remaining;
			reply.rate_reset = sim->rate_reset;
		}
	}
	flight->done(flight->data, &reply);
	flight_free(flight);
}

/* The process is gone before it was told. */
static void drop_landed(void *data)
{
	flight_free(data);
}

static void on_back(void *data)
{
	struct flight *flight = data;
	if (flight->over) { /* timed out, or nobody is left */
		flight_free(flight);
		return;
	}
	flight->over = true;
	event_cancel(flight->timeout);
	flight->timeout = NULL;
	process_deliver(flight->process, on_landed, drop_landed, flight);
}

/* --- time-outs: the answer, if one comes, finds nobody -------------------------------------- */

static void on_told_late(void *data)
{
	struct flight *late = data;
	struct error error = ERROR_INIT;
	struct http_reply reply = HTTP_REPLY_INIT;
	reply.error = &error;
	reply.maybe_sent = true;
	if (late->process) {
		late->process->unanswered--;
		fill_error(TOO_LATE, &error);
		late->done(late->data, &reply);
	}
	flight_free(late);
}

/* The waiting half of the flight is split off; the travelling half goes on alone. */
static void on_timeout(void *data)
{
	struct flight *flight = data, *late = flight_new(flight->world);
	flight->timeout = NULL;
	flight->over = late->over = true;
	late->process = flight->process;
	late->client = flight->client;
	late->done = flight->done;
	late->data = flight->data;
	flight->process = NULL;
	flight->client = NULL;
	process_deliver(late->process, on_told_late, drop_landed, late);
}

/* --- the cloud's end -------------------------------------------------------------------- */

static void tell(const struct flight *flight)
{
	const struct sim_reply *reply = &flight->reply;
	const char *what = !flight->broken ? "" : reply->status ? "lost, was " : "lost, nothing done yet ";
	story_tell(flight->world, "  %s %s%s%.60s -> %s%d%s", flight->method, flight->path, flight->query ? "?" : "",
		   flight->query ? flight->query : "", what, reply->status, reply->endless ? " without end" : "");
}

static void on_arrival(void *data)
{
	struct flight *flight = data;
	struct world *world = flight->world;
	struct sim_request request = { flight->method, flight->path, flight->query,
				       flight->bearer, flight->body, flight->body ? strlen(flight->body) : 0 };
	char query[HIDING_QUERY_SIZE];
	flight->arrived = true;
	if (world->network_is_down) {
		flight->broken = true;
	} else {
		oracle_sees_request(world->oracle, flight->method, flight->path, flight->bearer, flight->body);
		cloud_hiding_applies(world, &request, query);
		sim_answer(world->sim, &request, world->now_ms, &flight->reply);
		oracle_sees_answer(world->oracle, flight->method, flight->path, flight->reply.status);
		world_pass_on_host_events(world);
		flight->broken = flight->reply.dropped;
		tell(flight);
		if (flight->broken)
			cloud_awaits_late(world);
	}
	world_after(world, 1 + (int64_t)draw_below(&world->timing, LATENCY_MS) + flight->reply.delay_ms, on_back,
		    flight);
}

static char *copy_part(const char *start, size_t length)
{
	char *copy = owner_world_calloc(1, length + 1);
	memcpy(copy, start, length);
	return copy;
}

static char *copy_or_null(const char *string)
{
	return string ? owner_world_strdup(string) : NULL;
}

void http_start(struct http_client *client, const struct http_request *request, http_done_fn *done, void *data)
{
	struct process *process = client->process;
	struct world *world = process->world;
	(void)process_effect(process, "send", request->method, false);
	const char *path = strstr(request->url, "/v1"), *query = strchr(path, '?');
	struct flight *flight = flight_new(world);
	flight->process = process;
	flight->client = client;
	flight->method = owner_world_strdup(request->method);
	flight->path = copy_part(path, query ? (size_t)(query - path) : strlen(path));
	flight->query = query ? owner_world_strdup(query + 1) : NULL;
	flight->bearer = copy_or_null(request->bearer);
	flight->body = copy_or_null(request->body);
	flight->maximum = request->reply_maximum;
	flight->done = done;
	flight->data = data;
	process->unanswered++;
	flight->timeout = world_after(world, request->timeout_ms, on_timeout, flight);
	world_after(world, 1 + (int64_t)draw_below(&world->timing, LATENCY_MS) + cloud_fault_delay(world), on_arrival,
		    flight);
}

struct http_client *http_client_new(struct loop *loop, const char *user_agent, struct error *err)
{
	struct http_client *client = memory_new(sizeof(*client));
	(void)user_agent;
	(void)err;
	client->process = loop_system(loop)->process;
	return client;
}

/* What is on its way still arrives; nobody is called back. */
static void lose_sender(struct flight *flight)
{
	flight->process = NULL;
	flight->client = NULL;
	flight->over = true;
	event_cancel(flight->timeout);
	flight->timeout = NULL;
}

void http_client_free(struct http_client *client)
{
	if (!client)
		return;
	for (struct flight *flight = client->process->world->flights; flight; flight = flight->next)
		if (flight->client == client) {
			client->process->unanswered--;
			lose_sender(flight);
		}
	free(client);
}

void flights_lose_sender(struct world *world, const struct process *process)
{
	for (struct flight *flight = world->flights; flight; flight = flight->next)
		if (flight->process == process)
			lose_sender(flight);
}

void flights_free(struct world *world)
{
	while (world->flights)
		flight_free(world->flights);
}

int url_examine_for_token(const char *url, struct url_facts *ret, struct error *err)
{
	(void)url;
	(void)err;
	*ret = (struct url_facts){ .host = "drill", .plain = true, .loopback = true };
	return 0;
}
