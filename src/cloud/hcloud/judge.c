/* What a run of the program means: what was sent, what came back, and what nobody can know. */
#include <string.h>

#include "cloud/hcloud/call.h"
#include "cloud/hetzner/decode.h"

#define MEND_TOKEN "the context's token is used; 'hcloud context list' shows which one"

static bool is_of_path(const struct call_order *order, const struct exchange *exchange)
{
	size_t length = strcspn(exchange->path, "?"), wanted = strlen(order->path);
	return length >= wanted && strncmp(exchange->path + length - wanted, order->path, wanted) == 0;
}

bool is_about(const struct call_order *order, const struct exchange *exchange)
{
	return strcmp(exchange->method, order->method) == 0 && is_of_path(order, exchange);
}

/* Of the very thing, and not of one that the program looked up besides: before a delete it asks for the server. */
static bool says_absent(const struct call_order *order, const struct exchange *exchange, const struct error *error)
{
	return exchange && exchange->answered && exchange->status == 404 && strcmp(error->code, "not_found") == 0 &&
	       is_of_path(order, exchange);
}

static const struct exchange *last_of(const struct transcript *transcript, const struct call_order *order)
{
	for (size_t i = transcript->count; i-- > 0;)
		if (is_about(order, &transcript->exchanges[i]))
			return &transcript->exchanges[i];
	return NULL;
}

static bool is_success(const struct exchange *exchange)
{
	return exchange->answered && exchange->status >= 200 && exchange->status < 300 &&
	       exchange->trouble.kind == ERROR_NONE;
}

/* Only a plain no proves that nothing was done. */
static bool is_plain_no(const struct exchange *exchange)
{
	const json_t *code = json_object_get(json_object_get(exchange->document, "error"), "code");
	return exchange->answered && exchange->status >= 300 && exchange->status < 500 && json_string_length(code) > 0;
}

static void describe_silence(const struct child_result *result, const char *last_word, struct error *ret)
{
	if (result->timed_out)
		error_set(ret, ERROR_REMOTE, 0, "the program hcloud got no answer from Hetzner in time");
	else if (*last_word)
		error_set(ret, ERROR_REMOTE, 0, "the program hcloud got no answer from Hetzner: %s", last_word);
	else
		error_set(ret, ERROR_REMOTE, 0, "the program hcloud ended with status %d and no answer from Hetzner",
			  result->exit_status);
}

static void describe_answer(const struct exchange *exchange, struct error *ret)
{
	if (exchange->trouble.kind != ERROR_NONE)
		error_set(ret, ERROR_REMOTE, 0,
			  "the API's answer (status %d) can't be understood: %s; check "
			  "HCLOUD_ENDPOINT and proxies",
			  exchange->status, exchange->trouble.message);
	else
		decode_refusal(exchange->status, exchange->document, MEND_TOKEN, ret);
	ret->http_status = exchange->status;
}

/* The request that it is about was not sent: what came before it says why. With no request at all we can't even tell
 * whether it writes down what it does. */
static void judge_unsent(const struct child_result *result, const char *last_word, const struct transcript *transcript,
			 struct verdict *ret)
{
	const struct exchange *last = transcript->count ? &transcript->exchanges[transcript->count - 1] : NULL;
	ret->reply.maybe_done = !last;
	ret->exchange = last;
	if (last && !last->answered) {
		ret->unanswered = true;
		describe_silence(result, last_word, &ret->error);
	} else if (last && !is_success(last)) {
		describe_answer(last, &ret->error);
	} else {
		error_set(&ret->error, ERROR_REMOTE, 0, "the program hcloud did not send the request: %s",
			  result->timed_out ? "it did not end in time"
			  : *last_word      ? last_word
					    : "it does not say why");
	}
}

void judge(const struct call_order *order, const struct child_result *result, const char *last_word,
	   const struct transcript *transcript, struct verdict *ret)
{
	const struct exchange *subject = last_of(transcript, order);
	*ret = (struct verdict){ .error = ERROR_INIT, .exchange = subject };
	ret->reply.transcript = transcript;
	ret->reply.order = order;
	if (!subject)
		judge_unsent(result, last_word, transcript, ret);
	else if (!subject->answered) {
		ret->unanswered = true;
		describe_silence(result, last_word, &ret->error);
	} else if (!is_success(subject))
		describe_answer(subject, &ret->error);
	else
		ret->reply.document = subject->document;
	if (ret->exchange)
		ret->reply.status = ret->exchange->answered ? ret->exchange->status : 0;
	if (ret->error.kind == ERROR_NONE)
		return;
	ret->reply.error = &ret->error;
	ret->reply.absent = says_absent(order, ret->exchange, &ret->error);
	/* each time that it was sent counts, as the program may have sent it again by itself */
	for (size_t i = 0; i < transcript->count; i++)
		if (is_about(order, &transcript->exchanges[i]) && !is_plain_no(&transcript->exchanges[i]))
			ret->reply.maybe_done = true;
	if (order->kind == CALL_READ)
		ret->reply.maybe_done = false;
}
