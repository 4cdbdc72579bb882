#include "net/http.h"

#include <curl/curl.h>
#include <errno.h>

#include "base/memory.h"
#include "base/number.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "net/multi.h"
#include "net/trouble.h"
#include "net/url.h"

#define CONNECT_TIMEOUT_MS   10000L
#define STALLED_AFTER_S      30L /* with less than a byte a second */
#define HEADER_BYTES_MAXIMUM 65536

struct transfer {
	struct http_client *client;
	struct transfer *next;
	CURL *easy;
	struct curl_slist *headers;
	struct url_facts url;
	struct text body;
	char content_type[128];
	size_t header_bytes;
	bool was_sent; /* sending began: from here on the server may act */
	struct error error;
	struct timer *delivery; /* set when it ended and `done` is about to be called */
	http_done_fn *done;
	void *data;
};

struct http_client {
	struct loop *loop;
	struct multi *multi;
	char *user_agent;
	struct transfer *transfers;
};

static void wipe_headers(struct curl_slist *headers)
{
	for (struct curl_slist *header = headers; header; header = header->next)
		memory_wipe(header->data, strlen(header->data));
	curl_slist_free_all(headers);
}

/* Lets go of all that is libcurl's, and of the token. */
static void disconnect(struct transfer *transfer)
{
	curl_easy_cleanup(transfer->easy);
	wipe_headers(transfer->headers);
	transfer->easy = NULL;
	transfer->headers = NULL;
}

static void transfer_free(struct transfer *transfer)
{
	disconnect(transfer);
	text_release(&transfer->body);
	free(transfer);
}

static void unlink_transfer(struct transfer *transfer)
{
	for (struct transfer **link = &transfer->client->transfers; *link; link = &(*link)->next)
		if (*link == transfer) {
			*link = transfer->next;
			return;
		}
}

static int64_t header_number(CURL *easy, const char *name)
{
	struct curl_header *header;
	struct error ignored;
	int64_t value = -1;

	if (curl_easy_header(easy, name, 0, CURLH_HEADER, -1, &header) == CURLHE_OK &&
	    number_parse(header->value, 0, INT64_MAX, name, &value, &ignored) < 0)
		return -1;
	return value;
}

static int64_t header_date(CURL *easy)
{
	struct curl_header *header;
	int64_t date = -1;

	if (curl_easy_header(easy, "Date", 0, CURLH_HEADER, -1, &header) == CURLHE_OK &&
	    !timestamp_parse_http(header->value, &date))
		return -1;
	return date;
}

static void read_answer(struct transfer *transfer, struct http_reply *reply)
{
	CURL *easy = transfer->easy;
	char *type = NULL;
	long status = 0;

	curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(easy, CURLINFO_CONTENT_TYPE, &type);
	reply->status = (int)status;
	text_copy(transfer->content_type, sizeof(transfer->content_type), type ? type : "");
	reply->content_type = transfer->content_type;
	reply->body = text_string(&transfer->body);
	reply->body_length = transfer->body.length;
	reply->date = header_date(easy);
	reply->rate_limit = header_number(easy, "RateLimit-Limit");
	reply->rate_remaining = header_number(easy, "RateLimit-Remaining");
	reply->rate_reset = header_number(easy, "RateLimit-Reset");
	reply->retry_after_s = header_number(easy, "Retry-After");
}

static void deliver(void *data)
{
	struct transfer *transfer = data;
	struct http_reply reply = HTTP_REPLY_INIT;

	if (transfer->error.kind == ERROR_NONE) {
		read_answer(transfer, &reply);
	} else {
		reply.error = &transfer->error;
		reply.maybe_sent = transfer->was_sent;
	}
	unlink_transfer(transfer);
	disconnect(transfer);
	transfer->done(transfer->data, &reply); /* may free the client */
	transfer_free(transfer);
}

static void ended(void *data, CURLcode result)
{
	struct transfer *transfer = data;
	struct error *error = &transfer->error;

	if (transfer->body.overflowed || transfer->header_bytes > HEADER_BYTES_MAXIMUM) {
		error_set(error, ERROR_REMOTE, 0, "'%s' sent more than %zu bytes; check that it is the right endpoint",
			  transfer->url.host,
			  transfer->body.overflowed ? transfer->body.maximum : (size_t)HEADER_BYTES_MAXIMUM);
		error->errnum = EFBIG;
	} else if (result != CURLE_OK) {
		trouble_describe(result, transfer->url.host, transfer->was_sent, error);
	}
	/* From a turn of its own: libcurl is not to be entered from its own callbacks. */
	transfer->delivery = loop_after(transfer->client->loop, 0, deliver, transfer);
}

static size_t on_body(char *bytes, size_t size, size_t count, void *data)
{
	struct transfer *transfer = data;

	return text_add(&transfer->body, bytes, size * count) ? size * count : 0;
}

static size_t on_header(char *bytes, size_t size, size_t count, void *data)
{
	struct transfer *transfer = data;

	(void)bytes;
	transfer->header_bytes += size * count;
	return transfer->header_bytes <= HEADER_BYTES_MAXIMUM ? size * count : 0;
}

/* libcurl calls this when a connection stands and before the first byte of the request. */
static int before_sending(void *data, char *remote_ip, char *local_ip, int remote_port, int local_port)
{
	struct transfer *transfer = data;

	(void)remote_ip;
	(void)local_ip;
	(void)remote_port;
	(void)local_port;
	transfer->was_sent = true;
	return CURL_PREREQFUNC_OK;
}

static void add_header(struct transfer *transfer, const char *header)
{
	struct curl_slist *headers = curl_slist_append(transfer->headers, header);

	if (!headers)
		abort(); /* out of memory */
	transfer->headers = headers;
}

static void set_headers(struct transfer *transfer, const struct http_request *request)
{
	add_header(transfer, "Accept: application/json");
	if (request->body)
		add_header(transfer, "Content-Type: application/json");
	if (request->bearer) {
		AUTO_TEXT struct text header = TEXT_INIT(4096);
		/* at once to its full size: growing would leave copies of the token behind */
		header.data = memory_new(header.maximum);
		header.capacity = header.maximum;
		text_addf(&header, "Authorization: Bearer ");
		text_add_string(&header, request->bearer);
		add_header(transfer, text_string(&header));
		memory_wipe(header.data, header.capacity);
	}
	curl_easy_setopt(transfer->easy, CURLOPT_HTTPHEADER, transfer->headers);
}

static void set_request(struct transfer *transfer, const struct http_request *request)
{
	CURL *easy = transfer->easy;

	curl_easy_setopt(easy, CURLOPT_URL, request->url);
	if (request->body) {
		curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)strlen(request->body));
		curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, request->body);
	}
	curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
	/* On a connection that turns out to have been closed, libcurl silently sends a
	 * request once more. A POST is sent once, so it never gets a used connection. */
	if (strcmp(request->method, "POST") == 0)
		curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
	/* What is for this machine must not be handed to a proxy, least of all a token. */
	if (transfer->url.loopback)
		curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)request->timeout_ms);
	set_headers(transfer, request);
}

static void set_behaviour(struct transfer *transfer)
{
	CURL *easy = transfer->easy;

	curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, transfer->client->user_agent);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MS);
	curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
	curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, STALLED_AFTER_S);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
	curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, before_sending);
	curl_easy_setopt(easy, CURLOPT_PREREQDATA, transfer);
}

static int begin(struct transfer *transfer, const struct http_request *request, struct error *err)
{
	if (request->bearer) {
		if (url_examine_for_token(request->url, &transfer->url, err) < 0)
			return -1;
		if (strpbrk(request->bearer, "\r\n") || strlen(request->bearer) > 2048)
			return error_set(err, ERROR_USAGE, 0, "the token holds a line break or is too long");
	} else if (url_examine(request->url, &transfer->url, err) < 0) {
		return -1;
	}
	transfer->easy = curl_easy_init();
	if (!transfer->easy)
		return error_set(err, ERROR_FAILED, 0, "libcurl could not be set up");
	set_behaviour(transfer);
	set_request(transfer, request);
	CURLMcode code = multi_add(transfer->client->multi, transfer->easy);
	if (code != CURLM_OK)
		return error_set(err, ERROR_FAILED, 0, "libcurl could not start the request (%s)",
				 curl_multi_strerror(code));
	return 0;
}

void http_start(struct http_client *client, const struct http_request *request, http_done_fn *done, void *data)
{
	struct transfer *transfer = memory_new(sizeof(*transfer));

	transfer->client = client;
	transfer->next = client->transfers;
	transfer->done = done;
	transfer->data = data;
	text_init(&transfer->body, request->reply_maximum);
	client->transfers = transfer;
	if (begin(transfer, request, &transfer->error) < 0)
		transfer->delivery = loop_after(client->loop, 0, deliver, transfer);
}

struct http_client *http_client_new(struct loop *loop, const char *user_agent, struct error *err)
{
	struct http_client *client = memory_new(sizeof(*client));

	/* Counted inside libcurl: the last http_client_free() of the process undoes it. */
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		free(client);
		error_set(err, ERROR_FAILED, 0, "libcurl could not be set up");
		return NULL;
	}
	client->loop = loop;
	client->user_agent = memory_copy_string(user_agent);
	client->multi = multi_new(loop, ended);
	if (!client->multi) {
		http_client_free(client);
		error_set(err, ERROR_FAILED, 0, "libcurl could not be set up");
		return NULL;
	}
	return client;
}

void http_client_free(struct http_client *client)
{
	if (!client)
		return;
	while (client->transfers) {
		struct transfer *transfer = client->transfers;

		client->transfers = transfer->next;
		if (transfer->delivery)
			loop_cancel(transfer->delivery);
		else
			multi_remove(client->multi, transfer->easy);
		transfer_free(transfer);
	}
	multi_free(client->multi);
	free(client->user_agent);
	free(client);
	curl_global_cleanup();
}
