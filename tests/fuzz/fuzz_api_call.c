/*
 * Any bytes as the answers to a call of cloud.h: a letter says which, then each line is an answer, a status and
 * a body, or anything else, by which the connection breaks. So what is around the objects is read too: the envelope of
 * errors, the pages of a list, the actions that are waited for. Whatever comes, every call is answered once, with an
 * error that says what is wrong, or with what is fit to be used; and what is unknown is never absent (P3).
 *
 * Behind net/http.h, system/loop.h, system/clock.h and system/random.h stand the few functions that the driver
 * calls: answers come from the lines, time passes by itself, chance is none.
 */
#include <errno.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "cloud/hetzner/hetzner.h"
#include "net/http.h"
#include "property.h"
#include "system/clock.h"
#include "system/random.h"
#include "system/timer_list.h"

#define TURNS_MAXIMUM 5000 /* that many timers in one call: it would not end */

struct system {
	int64_t now_ms;
};

struct loop {
	struct system system;
	struct timer *timers;
	const char *line, *end; /* the next answer */
};

struct http_client {
	struct loop *loop;
};

/* A request under way. */
struct exchange {
	struct loop *loop;
	http_done_fn *done;
	void *data;
};

struct system *loop_system(struct loop *loop)
{
	return &loop->system;
}

struct timer *loop_after(struct loop *loop, int64_t delay_ms, loop_timer_fn *fn, void *data)
{
	return timer_list_add(&loop->timers, loop->system.now_ms + (delay_ms > 0 ? delay_ms : 0), fn, data);
}

int64_t clock_monotonic_ms(struct system *system)
{
	return system->now_ms;
}

int64_t clock_now(struct system *system)
{
	return INT64_C(1764000000) + system->now_ms / 1000;
}

uint64_t random_below(struct system *system, uint64_t bound)
{
	(void)system;
	return bound - 1;
}

struct http_client *http_client_new(struct loop *loop, const char *user_agent, struct error *err)
{
	struct http_client *http = memory_new(sizeof(*http));
	(void)user_agent;
	(void)err;
	http->loop = loop;
	return http;
}

void http_client_free(struct http_client *http)
{
	free(http);
}

/* The status at the begin of a line; 0: there is none. */
static int status_of_line(const char *line, size_t length)
{
	if (length < 3 || line[0] < '1' || line[0] > '5' || line[1] < '0' || line[1] > '9' || line[2] < '0' ||
	    line[2] > '9')
		return 0;
	return (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
}

static void on_answer(void *data)
{
	struct exchange exchange = *(struct exchange *)data;
	struct loop *loop = exchange.loop;
	struct error error = ERROR_INIT;
	struct http_reply reply = HTTP_REPLY_INIT;
	AUTO_FREE char *body = NULL;
	free(data);
	size_t left = (size_t)(loop->end - loop->line);
	const char *newline = left ? memchr(loop->line, '\n', left) : NULL;
	size_t length = newline ? (size_t)(newline - loop->line) : left;
	reply.status = status_of_line(loop->line, length);
	if (reply.status) {
		body = memory_new(length - 3 + 1);
		memcpy(body, loop->line + 3, length - 3);
		reply.body = body;
		reply.body_length = length - 3;
		reply.content_type = "application/json";
		reply.date = clock_now(&loop->system);
	} else {
		error_set(&error, ERROR_REMOTE, ECONNRESET, "the connection broke");
		reply.error = &error;
		reply.maybe_sent = true;
	}
	loop->line += length + (newline ? 1 : 0);
	exchange.done(exchange.data, &reply);
}

void http_start(struct http_client *http, const struct http_request *request, http_done_fn *done, void *data)
{
	struct exchange *exchange = memory_new(sizeof(*exchange));
	require(strncmp(request->url, "http://localhost/v1/", 20) == 0);
	*exchange = (struct exchange){ http->loop, done, data };
	loop_after(http->loop, 1, on_answer, exchange);
}

/* --- what came back -------------------------------------------------------------------- */

struct heard {
	unsigned times;
};

static bool is_one_line(const char *text)
{
	AUTO_TEXT struct text escaped = TEXT_INIT(8192);
	text_add_escaped(&escaped, text, strlen(text), false);
	return strcmp(text_string(&escaped), text) == 0;
}

static void check_error(const struct cloud_reply *reply)
{
	AUTO_JSON json_t *code = json_string(reply->error->code);
	require(reply->error->kind == ERROR_REMOTE);
	require(reply->error->message[0] != '\0' && is_one_line(reply->error->message));
	require(code != NULL);
	require(reply->presence == PRESENCE_UNKNOWN);
}

#define REQUIRE_IDS(things, count)                                                                                     \
	for (size_t i = 0; i < (count); i++)                                                                           \
		for (size_t k = 0; k <= i; k++)                                                                        \
	require((things)[i].id > 0 && (k == i || (things)[k].id != (things)[i].id))

static void hear(void *data, const struct cloud_reply *reply)
{
	struct heard *heard = data;
	heard->times++;
	if (reply->error) {
		check_error(reply);
		return;
	}
	require(!reply->maybe_done);
	REQUIRE_IDS(reply->servers, reply->server_count);
	REQUIRE_IDS(reply->firewalls, reply->firewall_count);
	REQUIRE_IDS(reply->ssh_keys, reply->ssh_key_count);
	REQUIRE_IDS(reply->primary_ips, reply->primary_ip_count);
	REQUIRE_IDS(reply->snapshots, reply->snapshot_count);
	for (size_t i = 0; i < reply->action_count; i++)
		require(reply->actions[i] > 0);
}

/* --- the calls --------------------------------------------------------------------------- */

static void create_server(struct cloud *cloud, struct heard *heard)
{
	const struct cloud_order order = {
		.name = "cc-abc123", .type = "cx23", .location = "fsn1", .image = "debian-12"
	};
	cloud_create_server(cloud, &order, hear, heard);
}

static void get_server(struct cloud *cloud, struct heard *heard)
{
	cloud_get_server(cloud, 42, hear, heard);
}

static void find_server(struct cloud *cloud, struct heard *heard)
{
	cloud_find_server(cloud, "cc-abc123", hear, heard);
}

static void list_servers(struct cloud *cloud, struct heard *heard)
{
	cloud_list_servers(cloud, "0123abcd", hear, heard);
}

static void delete_server(struct cloud *cloud, struct heard *heard)
{
	cloud_delete_server(cloud, 42, hear, heard);
}

static void wait_actions(struct cloud *cloud, struct heard *heard)
{
	static const int64_t ids[] = { 1, 2, 3 };
	cloud_wait_actions(cloud, ids, ARRAY_LENGTH(ids), hear, heard);
}

static void get_firewall(struct cloud *cloud, struct heard *heard)
{
	cloud_get_firewall(cloud, 9, hear, heard);
}

static void list_firewalls(struct cloud *cloud, struct heard *heard)
{
	cloud_list_firewalls(cloud, "0123abcd", hear, heard);
}

static void create_firewall(struct cloud *cloud, struct heard *heard)
{
	cloud_create_firewall(cloud, "ccc-0123abcd", "0123abcd", hear, heard);
}

static void apply_firewall(struct cloud *cloud, struct heard *heard)
{
	cloud_apply_firewall(cloud, 9, 42, hear, heard);
}

static void find_ssh_key(struct cloud *cloud, struct heard *heard)
{
	cloud_find_ssh_key(cloud, "aa:bb:cc", hear, heard);
}

static void list_ssh_keys(struct cloud *cloud, struct heard *heard)
{
	cloud_list_ssh_keys(cloud, hear, heard);
}

static void list_offers(struct cloud *cloud, struct heard *heard)
{
	cloud_list_offers(cloud, hear, heard);
}

static void list_primary_ips(struct cloud *cloud, struct heard *heard)
{
	cloud_list_primary_ips(cloud, hear, heard);
}

static void list_snapshots(struct cloud *cloud, struct heard *heard)
{
	cloud_list_snapshots(cloud, hear, heard);
}

static void list_prices(struct cloud *cloud, struct heard *heard)
{
	cloud_list_prices(cloud, hear, heard);
}

static void (*const calls[])(struct cloud *cloud, struct heard *heard) = {
	/* by letters, from a */
	create_server, get_server,       find_server,     list_servers,   delete_server, wait_actions,
	get_firewall,  list_firewalls,   create_firewall, apply_firewall, find_ssh_key,  list_ssh_keys,
	list_offers,   list_primary_ips, list_snapshots,  list_prices,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0 || data[0] < 'a' || data[0] >= 'a' + ARRAY_LENGTH(calls))
		return -1;
	struct loop loop = { .line = (const char *)data + 1, .end = (const char *)data + size };
	struct heard heard = { 0 };
	struct error error = ERROR_INIT;
	struct cloud *cloud;
	unsigned turns = 0;
	require(hetzner_new(&loop, "http://localhost/v1", "token", &cloud, &error) == 0);
	calls[data[0] - 'a'](cloud, &heard);
	while (loop.timers) {
		require(turns++ < TURNS_MAXIMUM);
		if (loop.timers->due_ms > loop.system.now_ms)
			loop.system.now_ms = loop.timers->due_ms;
		timer_list_fire(&loop.timers);
	}
	require(heard.times == 1);
	cloud_free(cloud);
	return 0;
}
