/*
 * Any bytes as what the program hcloud wrote. Whatever they are, a read never ends in "it may have been done", a change
 * whose request is not answered with a plain no is never said to be undone, and nothing is decided by an answer that
 * did not come whole.
 */
#include <string.h>

#include "base/json.h"
#include "cloud/hcloud/call.h"
#include "property.h"

static void check_exchange(const struct exchange *exchange)
{
	require(strlen(exchange->method) < sizeof(exchange->method) && strlen(exchange->path) < sizeof(exchange->path));
	require(!exchange->document || exchange->answered);
	require(!exchange->answered || (exchange->status >= 100 && exchange->status <= 599));
	require(exchange->trouble.kind == ERROR_NONE || (exchange->answered && !exchange->document));
	require(exchange->date >= -1 && exchange->rate_limit >= -1 && exchange->retry_after_s >= -1);
}

static void check_verdict(const struct call_order *order, const struct transcript *transcript)
{
	struct child_result result = { .exit_status = 1, .output = "", .tail = "" };
	struct verdict verdict;
	size_t sent = 0, refused = 0;
	judge(order, &result, "", transcript, &verdict);
	for (size_t i = 0; i < transcript->count; i++) {
		const struct exchange *exchange = &transcript->exchanges[i];
		if (!is_about(order, exchange))
			continue;
		sent++;
		refused += exchange->answered && exchange->status >= 300 && exchange->status < 500 &&
			   json_is_object(json_object_get(exchange->document, "error"));
	}
	require(!verdict.reply.error || (verdict.error.message[0] && !verdict.reply.document));
	require(verdict.reply.error || (sent && verdict.reply.status / 100 == 2));
	if (order->kind == CALL_READ)
		require(!verdict.reply.maybe_done);
	else if (verdict.reply.error && !verdict.reply.maybe_done)
		require(transcript->count > 0 && refused == sent);
	require(!verdict.reply.absent ||
		(verdict.reply.error && verdict.exchange && verdict.exchange->answered &&
		 verdict.exchange->status == 404 && strstr(verdict.exchange->path, order->path)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct call_order look = { .kind = CALL_READ, .method = "GET", .path = "/servers/7" },
				       list = { .kind = CALL_READ, .method = "GET", .path = "/servers" },
				       create = { .kind = CALL_ORDER, .method = "POST", .path = "/servers" },
				       end = { .kind = CALL_REPEATABLE, .method = "DELETE", .path = "/servers/7" };
	struct transcript transcript;
	struct error error = ERROR_INIT;
	struct verdict verdict;
	struct child_result result = { .output = "", .tail = "" };
	AUTO_JSON json_t *items = NULL;
	transcript_read((const char *)data, size, &transcript);
	for (size_t i = 0; i < transcript.count; i++)
		check_exchange(&transcript.exchanges[i]);
	check_verdict(&look, &transcript);
	check_verdict(&create, &transcript);
	check_verdict(&end, &transcript);
	judge(&list, &result, "", &transcript, &verdict);
	if (reply_items(&verdict.reply, "servers", &items, &error) < 0)
		require(error.message[0] && !items);
	else
		require(json_is_array(items));
	transcript_release(&transcript);
	return 0;
}
