/* One call of the API: error envelope, retries, rate limit, the API's clock. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "cloud/hetzner/client.h"
#include "system/clock.h"
#include "system/random.h"

#define REPLY_MAXIMUM   ((size_t)8 << 20)
#define TRIES_MAXIMUM   5
#define RETRY_WINDOW_MS 30000 /* later than this after the first try none is started */
#define NETWORK_TRIES   3     /* a network that is down is told soon */
#define BACKOFF_BASE_MS 1000
#define BACKOFF_CAP_MS  60000
#define WAIT_TOLD_MS    5000 /* not more often is it told that the rate limit makes us wait */
#define RATE_RESERVE    20   /* requests kept back: below it the rest goes out one a second, as the bucket fills */

struct request {
	struct client *client;
	struct request *next;
	const char *method;
	char *url, *body;
	unsigned tries;
	int64_t first_try_ms;
	bool maybe_done; /* some try may have had its effect */
	struct timer *timer;
	api_done_fn *done;
	api_drop_fn *drop;
	void *data;
};

static void request_free(struct request *request)
{
	for (struct request **link = &request->client->requests; *link; link = &(*link)->next)
		if (*link == request) {
			*link = request->next;
			break;
		}
	loop_cancel(request->timer);
	free(request->url);
	free(request->body);
	free(request);
}

void client_drop_requests(struct client *client)
{
	while (client->requests) {
		struct request *request = client->requests;
		if (request->drop)
			request->drop(request->data);
		request_free(request);
	}
}

static void send(void *data);

/* Exponential, with full jitter, so that many clients don't come back together. */
static int64_t backoff(const struct request *request)
{
	int64_t ceiling = (int64_t)BACKOFF_BASE_MS << (request->tries - 1);
	if (ceiling > BACKOFF_CAP_MS)
		ceiling = BACKOFF_CAP_MS;
	return 100 + (int64_t)random_below(loop_system(request->client->loop), (uint64_t)ceiling);
}

static void retry_after(struct request *request, int64_t delay_ms)
{
	request->timer = loop_after(request->client->loop, delay_ms, send, request);
}

static int64_t now_ms(const struct client *client)
{
	return clock_monotonic_ms(loop_system(client->loop));
}

static void learn(struct client *client, const struct http_reply *http)
{
	client->rate_limit = http->rate_limit;
	client->rate_remaining = http->rate_remaining;
	if (http->date < 0 || !strstr(http->content_type, "json"))
		return; /* a proxy's page carries the proxy's clock */
	client->date = http->date;
	client->date_at_ms = now_ms(client);
}

static bool is_create(const struct request *request)
{
	return strcmp(request->method, "POST") == 0;
}

/* Its intent is durable with the time at which it is sent, so it is sent at no other: a server, or a rebuild. */
static bool is_order(const struct request *request)
{
	const char *path = request->url + strlen(request->client->endpoint);
	size_t length = strlen(path);
	bool rebuilds = length > strlen(REBUILD) && strcmp(path + length - strlen(REBUILD), REBUILD) == 0;
	return is_create(request) && (rebuilds || strcmp(path, "/servers") == 0);
}

/* How long until the bucket holds a token again. RateLimit-Reset is when it will be full: waiting for
 * that would waste the others. */
static int64_t rate_limit_delay(const struct http_reply *http)
{
	int64_t seconds = http->retry_after_s, delay_ms = 1000;
	if (seconds >= 0)
		delay_ms = seconds < 60 ? seconds * 1000 : 60000;
	else if (http->rate_limit > 0 && http->rate_reset > http->date && http->date >= 0 &&
		 http->rate_reset - http->date < 86400)
		delay_ms = (http->rate_reset - http->date) * 1000 / http->rate_limit;
	return delay_ms < 1000 ? 1000 : delay_ms > 60000 ? 60000 : delay_ms;
}

static void wait_for_limit(struct request *request, int64_t delay_ms)
{
	struct client *client = request->client;
	int64_t now = now_ms(client);
	if (client->on_wait && (!client->wait_told_ms || now - client->wait_told_ms >= WAIT_TOLD_MS)) {
		client->wait_told_ms = now;
		client->on_wait(client->on_wait_data, delay_ms);
	}
	retry_after(request, delay_ms);
}

/* Gives true when the request was put off. */
static bool put_off(struct request *request, const struct http_reply *http, const struct error *error)
{
	if (request->tries >= TRIES_MAXIMUM || is_order(request))
		return false;
	if (http->status == 429) { /* it certainly did nothing: what creates is sent again too */
		wait_for_limit(request, rate_limit_delay(http) + backoff(request));
		return true;
	}
	if (now_ms(request->client) - request->first_try_ms >= RETRY_WINDOW_MS)
		return false;
	/* what is too large now, or badly certified, would be so again */
	bool network = http->error && http->error->kind == ERROR_REMOTE && http->error->errnum != EFBIG &&
		       http->error->errnum != EKEYREJECTED;
	if (network && request->tries >= NETWORK_TRIES)
		return false;
	if (is_create(request) || !(network || (!http->error && decode_is_passing(http->status, error->code))))
		return false;
	retry_after(request, backoff(request));
	return true;
}

static void finish(struct request *request, const struct api_reply *reply)
{
	struct client *client = request->client;
	api_done_fn *done = request->done;
	void *data = request->data;
	request_free(request);
	done(client, data, reply);
}

/* What is no JSON comes from something between us and Hetzner, or was cut. */
static void describe_garbage(const struct http_reply *http, struct error *err)
{
	struct error why = *err;
	if (strncasecmp(http->content_type, "text/html", 9) == 0)
		error_set(err, ERROR_REMOTE, 0,
			  "a web page came back instead of the API's answer (status %d); check HCLOUD_ENDPOINT and "
			  "proxies",
			  http->status);
	else
		error_set(err, ERROR_REMOTE, 0, "the API's answer (status %d) can't be understood: %s", http->status,
			  why.message);
	err->http_status = http->status;
}

static void on_http(void *data, const struct http_reply *http)
{
	struct request *request = data;
	struct error error = ERROR_INIT;
	struct api_reply reply = { .status = http->status };
	AUTO_JSON json_t *document = NULL;
	bool success = http->status >= 200 && http->status < 300;
	if (http->error) {
		error = *http->error;
		reply.maybe_done = http->maybe_sent;
	} else {
		learn(request->client, http);
		if (http->body_length && !(document = json_parse(http->body, http->body_length, &error)))
			describe_garbage(http, &error);
		else if (!success)
			decode_refusal(http->status, document, "export the right HCLOUD_TOKEN", &error);
		/* Only a plain refusal proves that nothing was done. */
		reply.maybe_done = error.kind != ERROR_NONE && (success || http->status >= 500 || !*error.code);
	}
	if (error.kind != ERROR_NONE) {
		request->maybe_done = request->maybe_done || reply.maybe_done;
		if (put_off(request, http, &error))
			return;
		reply.error = &error;
		reply.maybe_done = request->maybe_done;
	} else {
		reply.document = document;
	}
	finish(request, &reply);
}

static void send(void *data)
{
	struct request *request = data;
	struct client *client = request->client;
	request->timer = NULL;
	if (request->tries++ == 0)
		request->first_try_ms = now_ms(client);
	if (client->rate_remaining > 0)
		client->rate_remaining--;
	struct http_request http = {
		.method = request->method,
		.url = request->url,
		.bearer = client->token,
		.body = request->body,
		.reply_maximum = REPLY_MAXIMUM,
		.timeout_ms = client->timeout_ms,
	};
	http_start(client->http, &http, on_http, request);
}

/* Near the end of the bucket reads go out one a second, as it fills; what changes something (deletes above
 * all) may use the rest at once. */
static int64_t hold_back_ms(struct client *client, const char *method)
{
	int64_t now = now_ms(client);
	if (strcmp(method, "GET") != 0 || client->rate_remaining < 0 || client->rate_remaining >= RATE_RESERVE)
		return 0;
	client->rate_slot_ms = (client->rate_slot_ms > now ? client->rate_slot_ms : now) + 1000;
	return client->rate_slot_ms - now;
}

void client_request(struct client *client, const char *method, const char *path, const json_t *body, api_done_fn *done,
		    api_drop_fn *drop, void *data)
{
	struct request *request = memory_new(sizeof(*request));
	struct text url;
	text_init(&url, 65536);
	text_addf(&url, "%s%s", client->endpoint, path);
	*request = (struct request){ .client = client,
				     .next = client->requests,
				     .method = method,
				     .url = text_take(&url),
				     .done = done,
				     .drop = drop,
				     .data = data };
	client->requests = request;
	if (body)
		request->body = json_format(body, false);
	int64_t hold_ms = hold_back_ms(client, method);
	if (hold_ms)
		retry_after(request, hold_ms);
	else
		send(request);
}
