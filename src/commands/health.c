#include "audit/health.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "commands/all.h"
#include "commands/findings_view.h"
#include "commands/view.h"
#include "fleet/names.h"
#include "lifecycle/patience.h"
#include "system/clock.h"
#include "system/disk.h"
#include "system/durable_file.h"

/* What monitoring plug-ins say and exit with. */
enum verdict { VERDICT_OK = 0, VERDICT_WARNING, VERDICT_CRITICAL, VERDICT_UNKNOWN };

static const char *const verdict_names[] = {
	[VERDICT_OK] = "OK",
	[VERDICT_WARNING] = "WARNING",
	[VERDICT_CRITICAL] = "CRITICAL",
	[VERDICT_UNKNOWN] = "UNKNOWN",
};

static const struct {
	const char *name;
	int64_t otherwise, unit; /* the unit in seconds or bytes */
	size_t offset;           /* in struct health_input */
} thresholds[] = {
	{ "sweep-warning", 15, 60, offsetof(struct health_input, sweep_warning) },
	{ "sweep-critical", 60, 60, offsetof(struct health_input, sweep_critical) },
	{ "disk-warning", 1024, 1 << 20, offsetof(struct health_input, disk_warning) },
	{ "disk-critical", 100, 1 << 20, offsetof(struct health_input, disk_critical) },
};

/* What is CRITICAL is no less bad than what is WARNING; where it is not given, it follows. */
static int check_order(const struct session *session, struct health_input *input, struct error *err)
{
	bool sweep = input->sweep_critical<input->sweep_warning, disk = input->disk_critical> input->disk_warning;
	if (sweep && session_option(session, "sweep-critical"))
		return error_set(err, ERROR_USAGE, 0, "--sweep-critical (%lld) is less than --sweep-warning (%lld)",
				 (long long)(input->sweep_critical / 60), (long long)(input->sweep_warning / 60));
	if (disk && session_option(session, "disk-critical"))
		return error_set(err, ERROR_USAGE, 0, "--disk-critical (%lld) is more than --disk-warning (%lld)",
				 (long long)(input->disk_critical >> 20), (long long)(input->disk_warning >> 20));
	if (sweep)
		input->sweep_critical = input->sweep_warning;
	if (disk)
		input->disk_critical = input->disk_warning;
	return 0;
}

static int read_thresholds(const struct session *session, struct health_input *input, struct error *err)
{
	for (size_t i = 0; i < ARRAY_LENGTH(thresholds); i++) {
		const char *given = session_option(session, thresholds[i].name);
		int64_t value = thresholds[i].otherwise;
		if (given && number_parse(given, 0, 100000000, thresholds[i].name, &value, err) < 0)
			return -1;
		value *= thresholds[i].unit;
		memcpy((char *)input + thresholds[i].offset, &value, sizeof(value));
	}
	return check_order(session, input, err);
}

static void print(struct session *session, enum verdict verdict, const char *summary, const struct findings *findings)
{
	session->exit_status = (int)verdict;
	if (session->format == OUTPUT_JSON) {
		json_t *problems = json_array();
		for (size_t i = 0; i < findings->count; i++)
			json_array_append_new(problems, findings_view_json(&findings->items[i], ""));
		json_t *object = json_pack("{s:s, s:i, s:s, s:o}", "status", verdict_names[verdict], "code",
					   (int)verdict, "summary", summary, "problems", problems);
		view_print_json(object, &session->output);
		json_decref(object);
		return;
	}
	text_addf(&session->output, "%s - %s\n", verdict_names[verdict], summary);
	for (size_t i = 0; i < findings->count; i++)
		findings_view_line(&findings->items[i], &session->output);
}

static void summarise(const struct health_input *input, const struct findings *findings, struct text *ret)
{
	char span[48] = "never";
	if (findings->count) {
		text_addf(ret, "%zu problem%s:", findings->count, text_plural(findings->count));
		for (size_t i = 0; i < findings->count; i++) {
			enum finding_kind kind = findings->items[i].kind;
			if (i == 0 || findings->items[i - 1].kind != kind)
				text_addf(ret, "%s %s", i ? "," : "", finding_rules[kind].name);
		}
		return;
	}
	if (input->swept_at)
		timestamp_format_span(input->now - input->swept_at, span, sizeof(span));
	text_addf(ret, "%zu instance%s, last sweep %s%s", input->record_count, text_plural(input->record_count), span,
		  input->swept_at ? " ago" : "");
}

/* Without it no order is finished and no box is told anything. */
static void judge_operator_key(struct session *session, struct findings *ret)
{
	AUTO_FREE char *path = fleet_operator_key_path(session->store);
	struct file_facts facts;
	struct error error = ERROR_INIT;
	if (file_look(session->system, path, &facts, &error) < 0)
		findings_add(ret, FINDING_OPERATOR_FILE_MISSING, "", "%s", error.message);
	else if (!facts.exists)
		findings_add(ret, FINDING_OPERATOR_FILE_MISSING, "", "keys/operator; 'ccc fsck' says what can be done");
}

static int judge(struct session *session, struct health_input *input, const struct snapshot *earlier,
		 const struct snapshot *state, const struct past *past)
{
	struct findings findings = FINDINGS_INIT;
	AUTO_TEXT struct text summary = TEXT_INIT(1024);
	static const enum verdict verdicts[] = {
		[SEVERITY_NOTICE] = VERDICT_OK,
		[SEVERITY_WARNING] = VERDICT_WARNING,
		[SEVERITY_CRITICAL] = VERDICT_CRITICAL,
	};
	input->now = clock_now(session->system);
	input->fleet = state->fleet.id;
	input->fleet_created_at = state->fleet.created_at;
	input->fleet_adopted_at = state->fleet.adopted_at;
	input->sweep_began_at = state->fleet.sweep_began_at;
	input->swept_at = state->fleet.swept_at;
	input->rate_limit = state->fleet.rate_limit;
	input->rate_remaining = state->fleet.rate_remaining;
	input->rate_seen_at = state->fleet.rate_seen_at;
	input->earlier = earlier->records;
	input->earlier_count = earlier->count;
	input->records = state->records;
	input->record_count = state->count;
	input->commit = state->commit;
	input->past = past;
	if (session->settings.trouble.kind != ERROR_NONE)
		input->settings_trouble = session->settings.trouble.message;
	input->patience = patience_seconds;
	health_judge(input, &findings);
	judge_operator_key(session, &findings);
	summarise(input, &findings, &summary);
	print(session, verdicts[health_worst(&findings)], text_string(&summary), &findings);
	findings_release(&findings);
	return 0;
}

/* The state before and after the history, as others write on. */
static int run(struct session *session, struct error *err)
{
	struct health_input input = { 0 };
	struct snapshot earlier = { 0 }, state = { 0 };
	struct past past = PAST_INIT;
	int result = -1;
	if (read_thresholds(session, &input, err) == 0 &&
	    store_open(session->system, session->settings.state_directory, &session->store, err) == 0 &&
	    disk_room(session->system, session->settings.state_directory, &input.disk_free, err) == 0 &&
	    store_read(session->store, &earlier, err) == 0 &&
	    store_whole_history(session->store, past_add, &past, err) == 0 &&
	    store_read(session->store, &state, err) == 0)
		result = judge(session, &input, &earlier, &state, &past);
	snapshot_release(&earlier);
	snapshot_release(&state);
	past_release(&past);
	return result;
}

/* What can't be judged is UNKNOWN for who reads the first line, whatever the reason. */
static int fail(struct session *session, const struct error *error)
{
	static const struct findings none = FINDINGS_INIT;
	print(session, VERDICT_UNKNOWN, error->message, &none);
	return session->exit_status;
}

const struct command command_health = {
	.name = "health",
	.summary = "say whether the fleet is looked after; for monitoring",
	.usage = "[--sweep-warning MIN] [--sweep-critical MIN] [--disk-warning MIB] [--disk-critical MIB]",
	.details = "Reads the state and its history and asks nobody, so it needs no token. Says one line of summary and one a\n"
		   "problem: no completed sweep of 'ccc reap' lately, be there instances or not, one that did not end, an\n"
		   "instance that is stuck, or failing, or past its expiry, a clock that was set back, records that contradict\n"
		   "themselves or the history, little room on the disk, few requests left of Hetzner's limit, an adopted\n"
		   "machine past its label's expiry, a missing operator key, a state that was begun anew and not compared with\n"
		   "Hetzner since.\n"
		   "Exits as monitoring plug-ins do: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN (it can't be judged, for\n"
		   "whatever reason).",
	.options = {
		{ "sweep-warning", 0, "MIN", "minutes without a completed sweep, or past an expiry (default 15)" },
		{ "sweep-critical", 0, "MIN", "the same for CRITICAL (default 60)" },
		{ "disk-warning", 0, "MIB", "MiB that should be free for the state (default 1024)" },
		{ "disk-critical", 0, "MIB", "the same for CRITICAL (default 100)" },
	},
	.run = run,
	.fail = fail,
};
