/* The HTTP client against a real server on a loopback port. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/text.h"
#include "net/http.h"
#include "scripted_server.h"
#include "system/clock.h"

#define TOKEN "s3cret-token"

struct outcome {
	unsigned times; /* `done` was called */
	struct error error;
	bool maybe_sent;
	int status;
	char content_type[64], body[256];
	size_t length;
	int64_t date, limit, remaining, reset, retry_after;
	struct http_client **free_me; /* in the callback */
};

struct stage {
	struct system *system;
	struct loop *loop;
	struct http_client *client;
	struct scripted_server *server;
	char url[64];
};

static void open_stage(struct stage *stage, const struct scripted_step *steps, size_t count)
{
	struct error error = ERROR_INIT;

	stage->system = system_new();
	stage->loop = loop_new(stage->system);
	stage->client = http_client_new(stage->loop, "ccc-test/1", &error);
	assert_non_null(stage->client);
	stage->server = scripted_server_new(steps, count);
	snprintf(stage->url, sizeof(stage->url), "http://127.0.0.1:%d/v1/x?y=1", scripted_server_port(stage->server));
}

static void close_stage(struct stage *stage)
{
	http_client_free(stage->client);
	scripted_server_free(stage->server);
	loop_free(stage->loop);
	system_free(stage->system);
}

static void on_done(void *data, const struct http_reply *reply)
{
	struct outcome *outcome = data;

	outcome->times++;
	if (reply->error)
		outcome->error = *reply->error;
	outcome->maybe_sent = reply->maybe_sent;
	outcome->status = reply->status;
	text_copy(outcome->content_type, sizeof(outcome->content_type), reply->content_type);
	text_copy(outcome->body, sizeof(outcome->body), reply->body);
	outcome->length = reply->body_length;
	outcome->date = reply->date;
	outcome->limit = reply->rate_limit;
	outcome->remaining = reply->rate_remaining;
	outcome->reset = reply->rate_reset;
	outcome->retry_after = reply->retry_after_s;
	if (outcome->free_me) {
		http_client_free(*outcome->free_me);
		*outcome->free_me = NULL;
	}
}

static void run(struct stage *stage, const struct http_request *request, struct outcome *outcome)
{
	struct error error;
	unsigned before = outcome->times;

	http_start(stage->client, request, on_done, outcome);
	assert_int_equal(outcome->times, before); /* never from inside the call */
	while (outcome->times == before)
		assert_int_equal(loop_turn(stage->loop, &error), 0);
}

static struct http_request get(const char *url)
{
	return (struct http_request){
		.method = "GET", .url = url, .bearer = TOKEN, .reply_maximum = 1000, .timeout_ms = 5000
	};
}

/* One GET to a server that plays one step. */
static void get_once(const struct scripted_step *step, struct outcome *outcome)
{
	struct stage stage;

	open_stage(&stage, step, 1);
	struct http_request request = get(stage.url);
	run(&stage, &request, outcome);
	assert_int_equal(scripted_server_count(stage.server), 1);
	close_stage(&stage);
}

static void test_answer_and_headers(void **state)
{
	(void)state;
	const struct scripted_step step = {
		.status = 200,
		.headers = "content-type: application/json; charset=utf-8\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
			   "ratelimit-limit: 3600\r\nRateLimit-Remaining: 3599\r\nRateLimit-Reset: 784111778\r\n"
			   "Retry-After: 7\r\n",
		.body = "{\"a\": 1}",
	};
	struct outcome outcome = { 0 };
	get_once(&step, &outcome);
	assert_int_equal(outcome.error.kind, ERROR_NONE);
	assert_int_equal(outcome.status, 200);
	assert_string_equal(outcome.content_type, "application/json; charset=utf-8");
	assert_string_equal(outcome.body, "{\"a\": 1}");
	assert_int_equal(outcome.length, 8);
	assert_int_equal(outcome.date, 784111777);
	assert_int_equal(outcome.limit, 3600);
	assert_int_equal(outcome.remaining, 3599);
	assert_int_equal(outcome.reset, 784111778);
	assert_int_equal(outcome.retry_after, 7);
}

static void test_missing_and_broken_headers(void **state)
{
	(void)state;
	const struct scripted_step step = { .status = 204,
					    .headers =
						    "Date: yesterday\r\nRateLimit-Limit: many\r\nRetry-After: -1\r\n" };
	struct outcome outcome = { 0 };
	get_once(&step, &outcome);
	assert_int_equal(outcome.error.kind, ERROR_NONE);
	assert_string_equal(outcome.content_type, "");
	assert_string_equal(outcome.body, "");
	assert_int_equal(outcome.date, -1);
	assert_int_equal(outcome.limit, -1);
	assert_int_equal(outcome.remaining, -1);
	assert_int_equal(outcome.reset, -1);
	assert_int_equal(outcome.retry_after, -1);
}

static void test_what_is_sent(void **state)
{
	(void)state;
	const struct scripted_step step = { .status = 201, .body = "{}" };
	struct outcome outcome = { 0 };
	struct stage stage;
	open_stage(&stage, &step, 1);
	struct http_request request = get(stage.url);
	request.method = "PUT";
	request.body = "{\"name\": \"x\"}";
	run(&stage, &request, &outcome);
	const char *sent = scripted_server_request(stage.server, 0);
	assert_int_equal(strncmp(sent, "PUT /v1/x?y=1 HTTP/1.1\r\n", 24), 0);
	assert_non_null(strstr(sent, "\r\nAuthorization: Bearer " TOKEN "\r\n"));
	assert_non_null(strstr(sent, "\r\nUser-Agent: ccc-test/1\r\n"));
	assert_non_null(strstr(sent, "\r\nContent-Type: application/json\r\n"));
	assert_non_null(strstr(sent, "\r\n\r\n{\"name\": \"x\"}"));
	close_stage(&stage);
}

static void test_redirect_is_an_answer(void **state)
{
	(void)state;
	const struct scripted_step step = { .status = 302, .headers = "Location: /elsewhere\r\n" };
	struct outcome outcome = { 0 };
	get_once(&step, &outcome); /* which asserts that one request was made */
	assert_int_equal(outcome.error.kind, ERROR_NONE);
	assert_int_equal(outcome.status, 302);
}

static void test_body_up_to_the_maximum(void **state)
{
	(void)state;
	const struct scripted_step fits = { .status = 200, .padding = 1000 },
				   large = { .status = 200, .padding = 1001 };
	struct outcome outcome = { 0 };
	get_once(&fits, &outcome);
	assert_int_equal(outcome.error.kind, ERROR_NONE);
	assert_int_equal(outcome.length, 1000);
	get_once(&large, &outcome);
	assert_int_equal(outcome.error.kind, ERROR_REMOTE);
	assert_int_equal(outcome.error.errnum, EFBIG);
	assert_true(outcome.maybe_sent);
}

static void test_endless_headers(void **state)
{
	(void)state;
	AUTO_TEXT struct text headers = TEXT_INIT(1 << 20);
	for (int i = 0; i < 3000; i++)
		text_addf(&headers, "X-Filler-%04d: 0123456789012345678901234567890123456789\r\n", i);
	const struct scripted_step step = { .status = 200, .headers = text_string(&headers) };
	struct outcome outcome = { 0 };
	get_once(&step, &outcome);
	assert_int_equal(outcome.error.errnum, EFBIG);
}

static void test_hanging_server(void **state)
{
	(void)state;
	const struct scripted_step step = { .kind = HANG };
	struct outcome outcome = { 0 };
	struct stage stage;
	open_stage(&stage, &step, 1);
	struct http_request request = get(stage.url);
	request.timeout_ms = 300;
	int64_t begin = clock_monotonic_ms(stage.system);
	run(&stage, &request, &outcome);
	int64_t took = clock_monotonic_ms(stage.system) - begin;
	assert_true(took >= 250 && took < 3000);
	assert_int_equal(outcome.error.errnum, ETIMEDOUT);
	assert_true(outcome.maybe_sent);
	close_stage(&stage);
}

static void test_lost_and_cut_answers(void **state)
{
	(void)state;
	const struct scripted_step lost = { .kind = CLOSE }, cut = { .kind = CUT, .status = 200, .body = "{\"a\":" };
	struct outcome outcome = { 0 };
	get_once(&lost, &outcome);
	assert_int_equal(outcome.error.errnum, ECONNRESET);
	assert_true(outcome.maybe_sent);
	outcome = (struct outcome){ 0 };
	get_once(&cut, &outcome);
	assert_int_equal(outcome.error.kind, ERROR_REMOTE);
	assert_true(outcome.maybe_sent);
}

/* An error of a request that certainly never left, with neither token nor a callback too early. */
static void assert_never_sent(const char *url, const char *bearer, enum error_kind kind)
{
	struct outcome outcome = { .maybe_sent = true };
	struct stage stage;
	open_stage(&stage, NULL, 0);
	struct http_request request = get(url);
	request.bearer = bearer;
	run(&stage, &request, &outcome);
	assert_int_equal(outcome.error.kind, kind);
	assert_false(outcome.maybe_sent);
	assert_null(strstr(outcome.error.message, "s3cret"));
	assert_int_equal(scripted_server_count(stage.server), 0);
	close_stage(&stage);
}

static void test_refused_connection(void **state)
{
	(void)state;
	char url[64];
	snprintf(url, sizeof(url), "http://127.0.0.1:%d/", unused_port());
	assert_never_sent(url, TOKEN, ERROR_REMOTE);
	assert_never_sent("https://name.invalid/", TOKEN, ERROR_REMOTE);
}

static void test_urls_and_tokens_refused(void **state)
{
	(void)state;
	static const char *const urls[] = { "http://192.0.2.1/v1",
					    "http://10.0.0.1/",
					    "http://126.255.255.255/",
					    "http://128.0.0.1/",
					    "http://localhost.example.com/",
					    "http://127.0.0.1.example.com/",
					    "ftp://127.0.0.1/",
					    "file:///etc/passwd",
					    "https://user:s3cret@127.0.0.1/",
					    "not a url",
					    "" };
	for (size_t i = 0; i < ARRAY_LENGTH(urls); i++)
		assert_never_sent(urls[i], TOKEN, ERROR_USAGE);
	assert_never_sent("http://127.0.0.1/", "s3cret\r\nX-Evil: 1", ERROR_USAGE);
}

/* https to something that does not speak TLS: the request itself never left. */
static void test_no_tls(void **state)
{
	(void)state;
	struct outcome outcome = { .maybe_sent = true };
	const struct scripted_step step = { .kind = CLOSE };
	struct stage stage;
	char url[64];
	open_stage(&stage, &step, 1);
	snprintf(url, sizeof(url), "https://127.0.0.1:%d/", scripted_server_port(stage.server));
	struct http_request request = get(url);
	request.timeout_ms = 500;
	run(&stage, &request, &outcome);
	assert_int_equal(outcome.error.kind, ERROR_REMOTE);
	assert_false(outcome.maybe_sent);
	close_stage(&stage);
}

/* libcurl sends a request again by itself when a used connection turns out to be
 * closed. Harmless for a GET; a POST must reach the server once. */
static void test_post_is_sent_once(void **state)
{
	(void)state;
	const struct scripted_step steps[] = { { .status = 200, .keep_alive = true },
					       { .kind = CLOSE },
					       { .status = 200 } };
	struct outcome outcome = { 0 };
	struct stage stage;
	open_stage(&stage, steps, 3);
	struct http_request request = get(stage.url);
	run(&stage, &request, &outcome);
	assert_int_equal(outcome.status, 200);
	request.method = "POST";
	request.body = "{}";
	run(&stage, &request, &outcome);
	assert_int_equal(outcome.error.kind, ERROR_REMOTE);
	assert_true(outcome.maybe_sent);
	assert_int_equal(scripted_server_count(stage.server), 2);
	close_stage(&stage);
}

static void test_loopback_needs_no_proxy(void **state)
{
	(void)state;
	const struct scripted_step step = { .status = 200 };
	struct outcome outcome = { 0 };
	char proxy[64];
	snprintf(proxy, sizeof(proxy), "http://127.0.0.1:%d", unused_port());
	setenv("http_proxy", proxy, 1);
	get_once(&step, &outcome);
	unsetenv("http_proxy");
	assert_int_equal(outcome.error.kind, ERROR_NONE);
}

static void on_timer(void *data)
{
	*(bool *)data = true;
}

static void test_free_drops_open_requests(void **state)
{
	(void)state;
	const struct scripted_step step = { .kind = HANG };
	struct outcome outcome = { 0 };
	struct stage stage;
	struct error error;
	bool over = false;
	open_stage(&stage, &step, 1);
	struct http_request request = get(stage.url), wrong = get("nonsense");
	http_start(stage.client, &request, on_done, &outcome);
	while (scripted_server_count(stage.server) == 0) {
		loop_after(stage.loop, 10, on_timer, &over);
		assert_int_equal(loop_turn(stage.loop, &error), 0);
	}
	http_start(stage.client, &wrong, on_done, &outcome);
	http_client_free(stage.client);
	stage.client = NULL;
	loop_after(stage.loop, 300, on_timer, &over);
	over = false;
	while (!over)
		assert_int_equal(loop_turn(stage.loop, &error), 0);
	assert_int_equal(outcome.times, 0);
	close_stage(&stage);
}

static void test_free_from_the_callback(void **state)
{
	(void)state;
	const struct scripted_step step = { .status = 200, .body = "{}" };
	struct stage stage;
	open_stage(&stage, &step, 1);
	struct outcome outcome = { .free_me = &stage.client };
	struct http_request request = get(stage.url);
	run(&stage, &request, &outcome);
	assert_null(stage.client);
	assert_int_equal(outcome.status, 200);
	close_stage(&stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answer_and_headers),
		cmocka_unit_test(test_missing_and_broken_headers),
		cmocka_unit_test(test_what_is_sent),
		cmocka_unit_test(test_redirect_is_an_answer),
		cmocka_unit_test(test_body_up_to_the_maximum),
		cmocka_unit_test(test_endless_headers),
		cmocka_unit_test(test_hanging_server),
		cmocka_unit_test(test_lost_and_cut_answers),
		cmocka_unit_test(test_refused_connection),
		cmocka_unit_test(test_urls_and_tokens_refused),
		cmocka_unit_test(test_no_tls),
		cmocka_unit_test(test_post_is_sent_once),
		cmocka_unit_test(test_loopback_needs_no_proxy),
		cmocka_unit_test(test_free_drops_open_requests),
		cmocka_unit_test(test_free_from_the_callback),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
