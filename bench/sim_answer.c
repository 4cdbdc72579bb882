/*
 * How many requests a second the simulator's core answers, without sockets: ten servers
 * of a fleet behind one firewall, and the requests that an operator's tool sends most.
 * Usage: bench_sim_answer [SECONDS for each, default 1 [PART OF A ROW'S NAME]]
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "core/sim.h"

#define SERVERS  10
#define START_MS INT64_C(1767225600000)

struct bench {
	struct sim *sim;
	int64_t now_ms;
	int64_t firewall, server, action; /* ids */
	size_t bytes;                     /* of all answers */
	unsigned created;
};

/* The id of {"MEMBER": {"id": N, ...}} in an answer, without the cost of reading all of it. */
static int64_t id_in(const struct sim_reply *reply, const char *member)
{
	char key[64];

	snprintf(key, sizeof(key), "\"%s\":{\"id\":", member);
	const char *found = strstr(reply->body, key);
	return found ? strtoll(found + strlen(key), NULL, 10) : 0;
}

/* Gives the id of `member` in the answer, when one is asked for. */
static int64_t ask(struct bench *bench, const char *method, const char *path, const char *query, const char *body,
		   const char *member)
{
	struct sim_reply reply;
	const struct sim_request request = { .method = method,
					     .path = path,
					     .query = query,
					     .bearer = sim_token(bench->sim, 0),
					     .body = body,
					     .body_length = body ? strlen(body) : 0 };

	sim_answer(bench->sim, &request, bench->now_ms, &reply);
	if (reply.status != 200 && reply.status != 201)
		abort();
	bench->now_ms += 1000;
	bench->bytes += reply.body_length;
	int64_t id = member ? id_in(&reply, member) : 0;
	sim_reply_release(&reply);
	return id;
}

static void create_server(struct bench *bench)
{
	char body[2048];
	char user_data[800];

	memset(user_data, 'x', sizeof(user_data) - 1);
	user_data[sizeof(user_data) - 1] = 0;
	snprintf(body, sizeof(body),
		 "{\"name\":\"cc-%06x\",\"server_type\":\"cpx22\",\"image\":\"debian-12\",\"location\":\"fsn1\","
		 "\"labels\":{\"managed-by\":\"ccc\",\"ccc-fleet\":\"f1e2d3c4\",\"ccc-instance\":\"%06x\","
		 "\"ccc-nonce\":\"0123456789abcdef\",\"ccc-expires\":\"1767312000\"},"
		 "\"firewalls\":[{\"firewall\":%" PRId64 "}],\"user_data\":\"%s\"}",
		 bench->created, bench->created, bench->firewall, user_data);
	bench->created++;
	bench->server = ask(bench, "POST", "/v1/servers", NULL, body, "server");
}

static void prepare(struct bench *bench)
{
	struct sim_options options = sim_default_options();

	options.rate_limit = 1000000000;
	*bench = (struct bench){ .sim = sim_new(&options, START_MS), .now_ms = START_MS };
	bench->firewall = ask(bench, "POST", "/v1/firewalls", NULL, "{\"name\":\"ccc\"}", "firewall");
	for (int i = 0; i < SERVERS; i++)
		create_server(bench);
	/* A server's first action has the id after its addresses'. */
	bench->action = bench->server + 3;
}

static void get_server(struct bench *bench)
{
	char path[64];

	snprintf(path, sizeof(path), "/v1/servers/%" PRId64, bench->server);
	ask(bench, "GET", path, NULL, NULL, NULL);
}

static void get_action(struct bench *bench)
{
	char query[64];

	snprintf(query, sizeof(query), "id=%" PRId64, bench->action);
	ask(bench, "GET", "/v1/actions", query, NULL, NULL);
}

static void list_servers(struct bench *bench)
{
	ask(bench, "GET", "/v1/servers", "label_selector=ccc-fleet%3Df1e2d3c4&per_page=50", NULL, NULL);
}

static void list_types(struct bench *bench)
{
	ask(bench, "GET", "/v1/server_types", "per_page=50", NULL, NULL);
}

static void get_firewall(struct bench *bench)
{
	char path[64];

	snprintf(path, sizeof(path), "/v1/firewalls/%" PRId64, bench->firewall);
	ask(bench, "GET", path, NULL, NULL, NULL);
}

/* Two requests, so that ten servers stay ten. */
static void create_and_delete(struct bench *bench)
{
	char path[64];

	create_server(bench);
	snprintf(path, sizeof(path), "/v1/servers/%" PRId64, bench->server);
	ask(bench, "DELETE", path, NULL, NULL, NULL);
}

static double seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(struct bench *bench);
		int requests;
	} rows[] = {
		{ "GET /servers/{id}", get_server, 1 },
		{ "GET /actions?id=", get_action, 1 },
		{ "GET /servers, ten of them", list_servers, 1 },
		{ "GET /firewalls/{id}", get_firewall, 1 },
		{ "GET /server_types", list_types, 1 },
		{ "POST and DELETE of a server", create_and_delete, 2 },
	};
	double duration = argc > 1 ? strtod(argv[1], NULL) : 1;
	const char *only = argc > 2 ? argv[2] : "";
	struct bench bench;

	printf("%-32s %12s %12s %12s\n", "request", "a second", "microseconds", "bytes");
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		long requests = 0;
		if (!strstr(rows[i].name, only))
			continue;
		prepare(&bench);
		bench.bytes = 0;
		double begun = seconds_now(), elapsed = 0;
		do {
			for (int j = 0; j < 100; j++)
				rows[i].run(&bench);
			requests += 100L * rows[i].requests;
			elapsed = seconds_now() - begun;
		} while (elapsed < duration);
		printf("%-32s %12.0f %12.2f %12zu\n", rows[i].name, (double)requests / elapsed,
		       elapsed / (double)requests * 1e6, bench.bytes / (size_t)requests);
		sim_free(bench.sim);
	}
	return 0;
}
