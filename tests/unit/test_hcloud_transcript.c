/* What the program hcloud (1.30.3, by hcloud-go 1.35) writes of its talk, and what is made of it when it is cut or
 * garbled. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "cloud/hcloud/transcript.h"

#define REQUEST(method, path)                                                                                          \
	"--- Request:\n" method " " path " HTTP/1.1\r\nHost: api\r\nAuthorization: REDACTED\r\n\r\n\n\n"
#define RESPONSE(status, headers, body) "--- Response:\nHTTP/1.1 " status "\r\n" headers "\r\n" body "\n\n"
#define JSON                            "Content-Type: application/json\r\n"
#define SERVER                          "{\"server\":{\"id\":5}}"

static void read_string(const char *bytes, struct transcript *ret)
{
	transcript_read(bytes, strlen(bytes), ret);
}

static void test_whole_talk(void **state)
{
	struct transcript transcript;
	(void)state;
	read_string("hcloud: warning: x\n" REQUEST("GET", "/v1/images?name=debian-12") RESPONSE(
			    "200 OK",
			    JSON
			    "Content-Length: 13\r\nDate: Wed, 25 Nov 2026 14:59:14 GMT\r\n"
			    "Ratelimit-Limit: 3600\r\nRatelimit-Remaining: 3598\r\nRatelimit-Reset: 1795618757\r\n",
			    "{\"images\":[]}") "Waiting for server ... " REQUEST("POST", "/v1/servers")
			    RESPONSE("429 Too Many Requests", JSON "Retry-After: 7\r\nContent-Length: 2\r\n", "{}"),
		    &transcript);
	assert_int_equal(transcript.count, 2);
	const struct exchange *first = &transcript.exchanges[0], *second = &transcript.exchanges[1];
	assert_string_equal(first->method, "GET");
	assert_string_equal(first->path, "/v1/images?name=debian-12");
	assert_true(first->answered);
	assert_int_equal(first->status, 200);
	assert_true(json_is_array(json_object_get(first->document, "images")));
	assert_int_equal(first->date, 1795618754);
	assert_int_equal(first->rate_limit, 3600);
	assert_int_equal(first->rate_remaining, 3598);
	assert_int_equal(first->rate_reset, 1795618757);
	assert_int_equal(first->retry_after_s, -1);
	assert_string_equal(second->method, "POST");
	assert_string_equal(second->path, "/v1/servers");
	assert_int_equal(second->status, 429);
	assert_int_equal(second->retry_after_s, 7);
	assert_int_equal(second->date, -1);
	transcript_release(&transcript);
}

/* Whatever the length of the answer is told by. After it comes what the program prints, JSON too. */
static void test_bodies(void **state)
{
	static const struct {
		const char *response;
		bool answered, document;
	} rows[] = {
		{ RESPONSE("200 OK", JSON "Content-Length: 19\r\n", SERVER) "{\"id\":5}\n", true, true },
		{ RESPONSE("200 OK", JSON "Connection: close\r\n", SERVER) "{\"id\":5}\n", true, true },
		{ "--- Response:\nHTTP/2.0 200 OK\r\n" JSON "\r\n" SERVER "\n\n5\n", true, true },
		{ RESPONSE("200 OK", JSON "Transfer-Encoding: chunked\r\n", "13\r\n" SERVER "\r\n0\r\n\r\n"), true,
		  true },
		{ RESPONSE("200 OK", JSON "Transfer-Encoding: chunked\r\n",
			   "a\r\n{\"server\":\r\n9\r\n{\"id\":5}}\r\n0\r\n\r\n"),
		  true, true },
		{ RESPONSE("204 No Content", "", ""), true, false },
		{ RESPONSE("204 No Content", "", "") "SSH Key k deleted\n", true, false },
		/* cut, or not to be understood */
		{ RESPONSE("200 OK", JSON "Content-Length: 50\r\n", SERVER), false, false },
		{ RESPONSE("200 OK", JSON "Transfer-Encoding: chunked\r\n", "13\r\n" SERVER "\r\n"), false, false },
		{ RESPONSE("200 OK", JSON "Transfer-Encoding: chunked\r\n", "ffffffff\r\n" SERVER "\r\n"), false,
		  false },
		{ RESPONSE("200 OK", JSON "Transfer-Encoding: chunked\r\n", SERVER), false, false },
		{ RESPONSE("200 OK", JSON, "{\"server\":{\"id\":"), true, false },
		{ RESPONSE("502 Bad Gateway", "Content-Type: text/html\r\nContent-Length: 6\r\n", "<html>"), true,
		  false },
		{ "--- Response:\nHTTP/1.1 200 OK\r\n" JSON, false, false },
		{ "--- Response:\nHTTP/1.1 OK\r\n\r\n" SERVER, false, false },
		{ "--- Response:\nHTTP/1.1 2000 OK\r\n\r\n" SERVER, false, false },
		{ "--- Response:\n", false, false },
		{ "hcloud: Get: dial tcp: connection refused\n", false, false },
		{ "", false, false },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		char bytes[1024];
		struct transcript transcript;
		snprintf(bytes, sizeof(bytes), "%s%s", REQUEST("GET", "/v1/servers/5"), rows[i].response);
		read_string(bytes, &transcript);
		assert_int_equal(transcript.count, 1);
		const struct exchange *exchange = &transcript.exchanges[0];
		if (exchange->answered != rows[i].answered || (exchange->document != NULL) != rows[i].document)
			fail_msg("row %zu: %d %d %s", i, exchange->answered, exchange->document != NULL,
				 exchange->trouble.message);
		if (exchange->document)
			assert_true(json_is_object(json_object_get(exchange->document, "server")));
		transcript_release(&transcript);
	}
}

/* A proxy's page carries the proxy's clock. */
static void test_clock_of_json_alone(void **state)
{
	struct transcript transcript;
	(void)state;
	read_string(REQUEST("GET", "/v1/servers/5") RESPONSE(
			    "502 Bad Gateway",
			    "Content-Type: text/html\r\nDate: Wed, 25 Nov 2026 14:59:14 GMT\r\nContent-Length: 1\r\n",
			    "<"),
		    &transcript);
	assert_int_equal(transcript.exchanges[0].date, -1);
	assert_int_equal(transcript.exchanges[0].trouble.kind, ERROR_REMOTE);
	transcript_release(&transcript);
}

/* What a server is called, and what it is told, begins no exchange of its own: JSON has no bare newline. */
static void test_marks_inside(void **state)
{
	struct transcript transcript;
	(void)state;
	read_string("--- Request:\nPOST /v1/servers HTTP/1.1\r\n\r\n{\"user_data\":\"--- Response:\\nHTTP/1.1 200 "
		    "OK\\r\\n\\r\\n{}\\n--- Request:\\nGET / \"}\n\n",
		    &transcript);
	assert_int_equal(transcript.count, 1);
	assert_false(transcript.exchanges[0].answered);
	transcript_release(&transcript);
	transcript_read(NULL, 0, &transcript);
	assert_int_equal(transcript.count, 0);
	read_string("Server 5 created\n", &transcript);
	assert_int_equal(transcript.count, 0);
	transcript_release(&transcript);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole_talk),
		cmocka_unit_test(test_bodies),
		cmocka_unit_test(test_clock_of_json_alone),
		cmocka_unit_test(test_marks_inside),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
