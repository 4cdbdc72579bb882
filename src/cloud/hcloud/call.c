/* Running the program: a few at a time, again where that is safe, and what its answers teach. */
#include "cloud/hcloud/call.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "cloud/hetzner/decode.h"
#include "system/clock.h"
#include "system/random.h"

#define RUNNING_MAXIMUM 8
#define OUTPUT_MAXIMUM  ((size_t)64 << 20)
#define RUN_MS          180000 /* what the program may take beside its last request: for those before, and to wait */
#define TRIES_MAXIMUM   5
#define SILENT_TRIES    3     /* what does not answer is told soon */
#define RETRY_WINDOW_MS 30000 /* later than this after the first try none is begun */
#define BACKOFF_BASE_MS 1000
#define RATE_RESERVE    20         /* requests kept back: below it reads are begun one a second, as the bucket fills */
#define LAST_WORD       "hcloud: " /* what its errors begin with */

struct listener {
	struct listener *next;
	call_done_fn *done;
	call_drop_fn *drop;
	void *data;
};

struct call {
	struct call *next;
	struct hcloud *hcloud;
	struct call_order order;
	struct arguments argv;
	char *input;
	struct listener *listeners;
	struct child *child;   /* while it runs */
	struct timer *timer;   /* while it pauses */
	struct timer *silence; /* while it runs: ends it when too long nothing is sent and nothing comes */
	bool silent;           /* which it did */
	unsigned tries;
	int64_t first_try_ms;
	bool maybe_done; /* some try may have had its effect */
	char last_word[512];
	struct error no_start; /* why the program could not be started */
};

static void begin(void *data);

static void begin_soon(struct hcloud *hcloud)
{
	if (!hcloud->begin_timer)
		hcloud->begin_timer = loop_after(hcloud->loop, 0, begin, hcloud);
}

static void unlink_call(struct call *call)
{
	for (struct call **link = &call->hcloud->calls; *link; link = &(*link)->next)
		if (*link == call) {
			*link = call->next;
			break;
		}
}

static void call_free(struct call *call)
{
	loop_cancel(call->timer);
	loop_cancel(call->silence);
	arguments_release(&call->argv);
	if (call->input)
		memory_wipe(call->input, strlen(call->input));
	free(call->input);
	free(call);
}

void calls_drop(struct hcloud *hcloud)
{
	loop_cancel(hcloud->begin_timer);
	hcloud->begin_timer = NULL;
	while (hcloud->calls) {
		struct call *call = hcloud->calls;
		hcloud->calls = call->next;
		child_abandon(call->child);
		while (call->listeners) {
			struct listener *listener = call->listeners;
			call->listeners = listener->next;
			listener->drop(listener->data);
			free(listener);
		}
		call_free(call);
	}
}

/* --- the end of a run --------------------------------------------------------------- */

static int64_t now_ms(const struct hcloud *hcloud)
{
	return clock_monotonic_ms(loop_system(hcloud->loop));
}

/* What time it is says the answer after which the program ended at once; it may have slept after any other. */
static void learn(struct hcloud *hcloud, const struct transcript *transcript, bool timed_out)
{
	for (size_t i = 0; i < transcript->count; i++) {
		const struct exchange *exchange = &transcript->exchanges[i];
		if (exchange->rate_limit >= 0 && exchange->rate_remaining >= 0) {
			hcloud->rate_limit = exchange->rate_limit;
			hcloud->rate_remaining = exchange->rate_remaining;
		}
		if (exchange->date < 0 || timed_out || i + 1 < transcript->count)
			continue;
		hcloud->date = exchange->date;
		hcloud->date_at_ms = now_ms(hcloud);
	}
}

static void finish(struct call *call, const struct call_reply *reply)
{
	unlink_call(call);
	while (call->listeners) {
		struct listener *listener = call->listeners;
		call->listeners = listener->next;
		listener->done(call->hcloud, listener->data, reply);
		free(listener);
	}
	call_free(call);
}

static void resume_call(void *data)
{
	struct call *call = data;
	call->timer = NULL;
	begin_soon(call->hcloud);
}

static int64_t backoff(const struct call *call)
{
	int64_t ceiling = (int64_t)BACKOFF_BASE_MS << (call->tries - 1);
	return 100 + (int64_t)random_below(loop_system(call->hcloud->loop), (uint64_t)ceiling);
}

/* How long until the bucket holds a request again; when it will be full again would be a waste of the others. */
static int64_t rate_limit_delay(const struct exchange *exchange)
{
	int64_t delay_ms = 1000;
	if (exchange->retry_after_s >= 0)
		delay_ms = exchange->retry_after_s < 60 ? exchange->retry_after_s * 1000 : 60000;
	else if (exchange->rate_limit > 0 && exchange->date >= 0 && exchange->rate_reset > exchange->date &&
		 exchange->rate_reset - exchange->date < 86400)
		delay_ms = (exchange->rate_reset - exchange->date) * 1000 / exchange->rate_limit;
	return delay_ms < 1000 ? 1000 : delay_ms > 60000 ? 60000 : delay_ms;
}

static bool put_off(struct call *call, const struct verdict *verdict)
{
	enum call_kind kind = call->order.kind;
	int64_t delay_ms = backoff(call);
	if (call->tries >= TRIES_MAXIMUM || kind == CALL_ORDER)
		return false;
	if (verdict->reply.status == 429 && !verdict->reply.maybe_done) {
		delay_ms += rate_limit_delay(verdict->exchange); /* it certainly did nothing */
	} else {
		bool passing = verdict->exchange && verdict->exchange->answered &&
			       decode_is_passing(verdict->reply.status, verdict->error.code);
		if (kind == CALL_CREATE || !(verdict->unanswered || passing) ||
		    (verdict->unanswered && call->tries >= SILENT_TRIES) ||
		    now_ms(call->hcloud) - call->first_try_ms >= RETRY_WINDOW_MS)
			return false;
	}
	call->timer = loop_after(call->hcloud->loop, delay_ms, resume_call, call);
	return true;
}

static void on_exit_of_program(void *data, const struct child_result *result)
{
	struct call *call = data;
	struct hcloud *hcloud = call->hcloud;
	struct transcript transcript;
	struct verdict verdict;
	struct child_result told = *result;
	call->child = NULL;
	loop_cancel(call->silence);
	call->silence = NULL;
	told.timed_out = told.timed_out || call->silent;
	hcloud->running--;
	begin_soon(hcloud);
	transcript_read(result->output, result->output_length, &transcript);
	learn(hcloud, &transcript, told.timed_out);
	judge(&call->order, &told, call->last_word, &transcript, &verdict);
	if (result->output_length >= OUTPUT_MAXIMUM) {
		error_set(&verdict.error, ERROR_REMOTE, 0, "the program hcloud wrote more than %zu bytes",
			  OUTPUT_MAXIMUM);
		verdict.reply = (struct call_reply){ .error = &verdict.error,
						     .maybe_done = call->order.kind != CALL_READ,
						     .transcript = &transcript,
						     .order = &call->order };
		verdict.unanswered = false;
		verdict.exchange = NULL;
	}
	if (verdict.reply.error) {
		call->maybe_done = call->maybe_done || verdict.reply.maybe_done;
		verdict.reply.maybe_done = call->maybe_done;
	}
	if (!verdict.reply.error || !put_off(call, &verdict))
		finish(call, &verdict.reply);
	transcript_release(&transcript);
}

static void on_silence(void *data)
{
	struct call *call = data;
	call->silence = NULL;
	call->silent = true;
	child_stop(call->child);
}

static void expect_sign(struct call *call)
{
	loop_cancel(call->silence);
	call->silence = loop_after(call->hcloud->loop, call->hcloud->timeout_ms, on_silence, call);
}

/* The program would send it again by itself, half a second later and then for ever. */
static bool is_conflict(const char *line)
{
	return strstr(line, "\"code\"") && strstr(line, "\"conflict\"");
}

/* Its errors go to the stream that is not kept; of the other stream no line begins so. */
static void on_line(void *data, const char *line)
{
	struct call *call = data;
	if (!call->silent && (strstr(line, "--- Request:") || strstr(line, "--- Response:")))
		expect_sign(call);
	if (call->order.kind == CALL_ORDER && is_conflict(line))
		child_stop(call->child);
	if (strncmp(line, LAST_WORD, strlen(LAST_WORD)) == 0)
		text_copy(call->last_word, sizeof(call->last_word), line + strlen(LAST_WORD));
}

/* --- the beginning ------------------------------------------------------------------- */

static void on_no_start(void *data)
{
	struct call *call = data;
	struct call_reply reply = { .error = &call->no_start, .maybe_done = call->maybe_done, .order = &call->order };
	call->timer = NULL;
	finish(call, &reply);
}

static void start(struct call *call)
{
	struct hcloud *hcloud = call->hcloud;
	struct child_order order = {
		.guard = hcloud->guard,
		.argv = arguments_list(&call->argv),
		.path = hcloud->path,
		.environment = arguments_list(&hcloud->environment),
		.input = call->input,
		.lease_fd = -1,
		.deadline_ms = RUN_MS + hcloud->timeout_ms,
		.output_maximum = OUTPUT_MAXIMUM,
		.on_line = on_line,
		.on_exit = on_exit_of_program,
		.data = call,
	};
	if (call->tries++ == 0)
		call->first_try_ms = now_ms(hcloud);
	call->last_word[0] = '\0';
	call->silent = false;
	if (child_start(hcloud->loop, &order, &call->child, &call->no_start) == 0) {
		hcloud->running++;
		expect_sign(call);
		if (hcloud->rate_remaining > 0)
			hcloud->rate_remaining--;
		return;
	}
	call->timer = loop_after(hcloud->loop, 0, on_no_start, call);
}

static struct call *first_waiting(struct hcloud *hcloud)
{
	struct call *call = hcloud->calls;
	while (call && (call->child || call->timer))
		call = call->next;
	return call;
}

static void begin(void *data)
{
	struct hcloud *hcloud = data;
	struct call *call;
	hcloud->begin_timer = NULL;
	while (hcloud->running < RUNNING_MAXIMUM && (call = first_waiting(hcloud)))
		start(call);
}

/* Near the end of the bucket reads go out one a second, as it fills; what changes something may use the rest. */
static int64_t hold_back_ms(struct hcloud *hcloud, enum call_kind kind)
{
	int64_t now = now_ms(hcloud);
	if (kind != CALL_READ || hcloud->rate_remaining < 0 || hcloud->rate_remaining >= RATE_RESERVE)
		return 0;
	hcloud->rate_slot_ms = (hcloud->rate_slot_ms > now ? hcloud->rate_slot_ms : now) + 1000;
	return hcloud->rate_slot_ms - now;
}

static bool is_same(const struct arguments *left, const struct arguments *right)
{
	if (left->count != right->count)
		return false;
	for (size_t i = 0; i < left->count; i++)
		if (strcmp(left->items[i], right->items[i]) != 0)
			return false;
	return true;
}

/* A read that was asked for already and has not begun: nobody gets an answer from before he asked (P3). */
static struct call *find_unbegun(struct hcloud *hcloud, const struct arguments *argv)
{
	for (struct call *call = hcloud->calls; call; call = call->next)
		if (call->order.kind == CALL_READ && call->tries == 0 && is_same(&call->argv, argv))
			return call;
	return NULL;
}

static void split_arguments(const struct call_order *order, struct arguments *ret)
{
	arguments_add(ret, "hcloud");
	for (const char *word = order->arguments; *word;) {
		size_t length = strcspn(word, " ");
		arguments_addf(ret, "%.*s", (int)length, word);
		word += length + (word[length] == ' ');
	}
	if (order->argument)
		arguments_add(ret, order->argument);
}

static void listen_to(struct call *call, const struct call_order *order)
{
	struct listener *listener = memory_new(sizeof(*listener));
	struct listener **link = &call->listeners;
	*listener =
		(struct listener){ .done = order->done, .drop = order->drop ? order->drop : free, .data = order->data };
	while (*link)
		link = &(*link)->next;
	*link = listener;
}

void hcloud_call(struct hcloud *hcloud, const struct call_order *order)
{
	AUTO_ARGUMENTS struct arguments argv = ARGUMENTS_INIT;
	split_arguments(order, &argv);
	struct call *call = order->kind == CALL_READ ? find_unbegun(hcloud, &argv) : NULL;
	if (call) {
		listen_to(call, order);
		return;
	}
	call = memory_new(sizeof(*call));
	struct call **link = &hcloud->calls;
	*call = (struct call){ .hcloud = hcloud, .order = *order, .argv = argv };
	call->input = memory_copy_string(order->input);
	argv = (struct arguments)ARGUMENTS_INIT;
	call->order.arguments = call->order.argument = call->order.input = NULL; /* borrowed until now */
	listen_to(call, order);
	while (*link)
		link = &(*link)->next;
	*link = call;
	int64_t hold_ms = hold_back_ms(hcloud, order->kind);
	if (hold_ms)
		call->timer = loop_after(hcloud->loop, hold_ms, resume_call, call);
	else
		begin_soon(hcloud);
}
