#include "instance/status.h"
#include "base/memory.h"
#include "base/timestamp.h"
#include "commands/all.h"
#include "commands/view.h"
#include "instance/adoption.h"
#include "system/clock.h"

struct collected {
	json_t *lines;
	struct text *text;
};

static void collect(void *data, const struct history_line *line)
{
	struct collected *collected = data;
	char when[TIMESTAMP_SIZE];
	timestamp_format(line->at, when);
	json_array_append_new(collected->lines,
			      json_pack("{s:s, s:s, s:s}", "at", when, "event", line->event, "detail", line->detail));
	text_addf(collected->text, "  %s  %-16s %s\n", when, line->event, line->detail);
}

static void print_time(struct text *ret, const char *label, int64_t time)
{
	char when[TIMESTAMP_SIZE];
	if (!time)
		return;
	timestamp_format(time, when);
	text_addf(ret, "%-12s %s\n", label, when);
}

/* Wanted, and what was seen so far. */
static void print_suspension(const struct record *record, struct text *ret)
{
	if (!status_is_cut_off(record))
		return;
	print_time(ret, "Suspended", record->suspended_at);
	if (*record->suspend_reason)
		text_addf(ret, "%-12s %s\n", "Because", record->suspend_reason);
	print_time(ret, "Cut off from", record->isolated_at);
	if (!status_network_is_as_wanted(record))
		text_addf(ret, "%-12s to be %s, not yet%s%s\n", "Network", record->suspended_at ? "cut" : "as usual",
			  *record->last_error ? ": " : "", record->last_error);
}

static const char *reach(const struct record *record)
{
	if (!status_is_cut_off(record))
		return "";
	if (record->isolated_at)
		return " (cut off from the network)";
	return record->suspended_at ? " (to be cut off, not yet)" : " (to be given back, not yet)";
}

/* Not of all that have an expiry it is what ends them. */
static void print_end(const struct record *record, struct text *ret)
{
	char when[TIMESTAMP_SIZE];
	timestamp_format(record->expires_at, when);
	if (record->goal == GOAL_GONE)
		print_time(ret, "Paid until", record->expires_at);
	else if (adoption_is_open(record))
		text_addf(ret, "%-12s %s, but nothing ends it before you say so\n", "Label says",
			  record->expires_at ? when : "nothing");
	else
		print_time(ret, "Ends at", record->expires_at);
}

static void print_record(const struct record *record, int64_t now, struct text *ret)
{
	char left[48];
	view_time_left(record, now, left, sizeof(left));
	text_addf(ret, "%-12s %s\n%-12s %s\n%-12s %s\n", "Instance", record->id, "Status", status_of(record, now),
		  "E-mail", *record->email ? record->email : "not known");
	if (*record->server_ip)
		text_addf(ret, "%-12s ssh claude@%s%s\n", "Log in", record->server_ip, reach(record));
	text_addf(ret, "%-12s %s", "Size", *record->server_type ? record->server_type : "not known");
	if (*record->built_type)
		text_addf(ret, " (built as %s in %s)", record->built_type, record->location);
	text_addf(ret, "\n%-12s %lld h\n", "Paid", (long long)(record->paid_seconds / 3600));
	if (record->server_id)
		text_addf(ret, "%-12s %lld (%s)\n", "Server", (long long)record->server_id, record->server_name);
	print_time(ret, "Requested", record->created_at);
	print_time(ret, "Running from", record->verified_at);
	print_end(record, ret);
	if (*left)
		text_addf(ret, "%-12s %s\n", "Time left", left);
	print_suspension(record, ret);
	print_time(ret, "Adopted", record->adopted_at);
	print_time(ret, "Accepted", record->accepted_at);
	if (record->failed_at)
		text_addf(ret, "%-12s %s: %s\n", "Failed in", record->failed_step, record->failure);
	if (record->attempts)
		text_addf(ret, "%-12s %lld time%s, the last with: %s\n", "Tried", (long long)record->attempts,
			  text_plural((size_t)record->attempts), record->last_error);
	print_time(ret, "Next try at", record->retry_at);
	print_time(ret, "Kept until", record->keep_until);
}

static int run(struct session *session, struct error *err)
{
	const char *id = session->arguments[0];
	struct record record;
	struct text history;
	int64_t now = clock_now(session->system);
	session_warn_of_age(session); /* it may be why the id is unknown */
	if (session_record(session, id, &record, err) < 0)
		return -1;
	text_init(&history, (size_t)16 << 20);
	struct collected collected = { json_array(), &history };
	int result = store_history(session->store, id, collect, &collected, err);
	if (result == 0 && session->format == OUTPUT_JSON) {
		json_t *object = view_json(&record, now);
		json_object_set(object, "history", collected.lines);
		view_print_json(object, &session->output);
		json_decref(object);
	} else if (result == 0) {
		print_record(&record, now, &session->output);
		text_addf(&session->output, "History\n%s", text_string(&history));
	}
	json_decref(collected.lines);
	text_release(&history);
	record_release(&record);
	return result;
}

const struct command command_status = {
	.name = "status",
	.summary = "show one instance whole",
	.usage = "ID",
	.details = "Shows one instance with the time left and its history.",
	.min_arguments = 1,
	.max_arguments = 1,
	.ids = 1,
	.needs = NEEDS_STATE,
	.run = run,
};
