#include "audit/health.h"

#include "audit/audit.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "instance/adoption.h"
#include "instance/status.h"

#define SPAN_SIZE         48
#define ATTEMPTS_CRITICAL 3    /* of an end: the server is paid all the while */
#define RATE_WINDOW_S     3600 /* an older word on the rate limit says nothing: the bucket is full again */

static enum severity by_age(const struct health_input *input, int64_t age)
{
	return age >= input->sweep_critical ? SEVERITY_CRITICAL : SEVERITY_WARNING;
}

/* --- sweeps -------------------------------------------------------------------- */

/* Also while there is nothing to sweep: a cron that is dead must show before the first machine is due.
 * Before the first sweep time is counted from `ccc init`. */
static void judge_sweeps(const struct health_input *input, struct findings *ret)
{
	char span[SPAN_SIZE], when[TIMESTAMP_SIZE];
	int64_t age = input->now - (input->swept_at ? input->swept_at : input->fleet_created_at);
	if (age >= input->sweep_warning) {
		timestamp_format_span(age, span, sizeof(span));
		findings_add(ret, FINDING_STALE_SWEEP, "", "%s %s%s; is 'ccc reap' called every few minutes?",
			     input->swept_at ? "the last one was" : "there was none since 'ccc init', for", span,
			     input->swept_at ? " ago, or this machine's clock was wrong" : "")
			->severity = by_age(input, age);
	}
	if (input->sweep_began_at > input->swept_at && input->now - input->sweep_began_at >= input->sweep_warning) {
		timestamp_format(input->sweep_began_at, when);
		findings_add(ret, FINDING_UNENDED_SWEEP, "",
			     "it began at %s; it was killed, interrupted, or does not trust the clock", when);
	}
}

/* What it lacks only Hetzner can tell, and nobody asked. */
static void judge_adoption(const struct health_input *input, struct findings *ret)
{
	char when[TIMESTAMP_SIZE];
	if (!input->fleet_adopted_at)
		return;
	timestamp_format(input->fleet_adopted_at, when);
	finding_advise(findings_add(ret, FINDING_UNCOMPARED_STATE, "",
				    "made by 'ccc init --adopt' at %s, and not compared with Hetzner since; run: ccc "
				    "fsck --fix",
				    when),
		       "ccc fsck --fix");
}

/* --- instances ------------------------------------------------------------------ */

static void judge_failing(const struct record *record, struct findings *ret)
{
	char when[TIMESTAMP_SIZE];
	timestamp_format(record->retry_at, when);
	struct finding *finding =
		findings_add(ret, FINDING_FAILING, record->id, "%s failed %lld time%s, next at %s: %.200s",
			     record->goal == GOAL_GONE ? "its end" : "the last step", (long long)record->attempts,
			     text_plural((size_t)record->attempts), when, record->last_error);
	if (record->goal == GOAL_GONE && record->attempts >= ATTEMPTS_CRITICAL)
		finding->severity = SEVERITY_CRITICAL;
}

/* No attempt counts before the machine is handed over: what is missing here must not undo the order. */
static void judge_waiting(const struct record *record, struct findings *ret)
{
	if (*record->last_error)
		findings_add(ret, FINDING_WAITING, record->id, "%.400s", record->last_error);
}

static void judge_stuck(const struct health_input *input, const struct record *record, struct findings *ret)
{
	const struct life *life = past_find_instance(input->past, record->id);
	int64_t idle = input->now - (life ? life->changed_at : record->created_at);
	int64_t allowed = input->patience(record) + input->sweep_warning;
	char span[SPAN_SIZE];
	if (status_is_settled(record) || idle < allowed)
		return;
	timestamp_format_span(idle, span, sizeof(span));
	findings_add(ret, FINDING_STUCK, record->id, "it is %s, and nothing happened for %s",
		     status_of(record, input->now), span)
		->severity = by_age(input, idle - input->patience(record));
}

/* When it should have been ended; 0: it should not. */
static int64_t due_at(const struct record *record, int64_t now)
{
	if (status_is_expired(record, now))
		return record->expires_at;
	return record->failed_at && record->goal == GOAL_RUNNING ? record->keep_until : 0;
}

static void judge_overdue(const struct health_input *input, const struct record *record, struct findings *ret)
{
	int64_t due = due_at(record, input->now), age = input->now - due;
	char span[SPAN_SIZE];
	if (!due || age < input->sweep_warning)
		return;
	timestamp_format_span(age, span, sizeof(span));
	findings_add(ret, FINDING_OVERDUE, record->id, "it should have been ended %s ago", span)->severity =
		by_age(input, age);
}

static void judge_instances(const struct health_input *input, struct findings *ret)
{
	for (size_t i = 0; i < input->record_count; i++) {
		const struct record *record = &input->records[i];
		char when[TIMESTAMP_SIZE];
		if (record->attempts) {
			judge_failing(record, ret);
		} else {
			judge_waiting(record, ret);
			judge_stuck(input, record, ret);
		}
		judge_overdue(input, record, ret);
		if (adoption_is_open(record) && record->goal == GOAL_RUNNING && record->expires_at &&
		    input->now >= record->expires_at) {
			timestamp_format(record->expires_at, when);
			findings_add(ret, FINDING_ADOPTED_OVERDUE, record->id,
				     "its label's expiry was %s; 'ccc fsck' says what can be done", when);
		}
	}
}

/* --- the machine and the account -------------------------------------------------- */

/* The newest time that was written down. */
static int64_t newest(const struct health_input *input)
{
	int64_t newest = input->swept_at > input->sweep_began_at ? input->swept_at : input->sweep_began_at;
	for (size_t i = 0; i < input->past->count; i++)
		if (input->past->lives[i].changed_at > newest)
			newest = input->past->lives[i].changed_at;
	return newest;
}

static void judge_clock(const struct health_input *input, struct findings *ret)
{
	char span[SPAN_SIZE];
	int64_t ahead = newest(input) - input->now;
	if (ahead <= CLOCK_TOLERANCE_S)
		return;
	timestamp_format_span(ahead, span, sizeof(span));
	findings_add(ret, FINDING_CLOCK_BEHIND, "",
		     "by %s or more; nothing here can be judged by time until it is right", span);
}

static void judge_disk(const struct health_input *input, struct findings *ret)
{
	if (input->disk_free >= input->disk_warning)
		return;
	struct finding *finding =
		findings_add(ret, FINDING_DISK_FULL, "", "%lld MiB are left", (long long)(input->disk_free >> 20));
	if (input->disk_free < input->disk_critical)
		finding->severity = SEVERITY_CRITICAL;
}

/* A tenth is left, or a hundredth. */
static void judge_rate_limit(const struct health_input *input, struct findings *ret)
{
	if (!input->rate_limit || input->now - input->rate_seen_at >= RATE_WINDOW_S ||
	    input->rate_remaining * 10 >= input->rate_limit)
		return;
	struct finding *finding =
		findings_add(ret, FINDING_RATE_LIMIT, "", "%lld of %lld an hour were left after the last sweep",
			     (long long)input->rate_remaining, (long long)input->rate_limit);
	if (input->rate_remaining * 100 < input->rate_limit)
		finding->severity = SEVERITY_CRITICAL;
}

void health_judge(const struct health_input *input, struct findings *ret)
{
	bool is_stale = audit_is_stale(input->fleet, input->commit, input->past, ret);
	if (input->settings_trouble)
		findings_add(ret, FINDING_SETTINGS, "", "%s", input->settings_trouble);
	if (!is_stale) {
		judge_sweeps(input, ret);
		judge_adoption(input, ret);
		judge_instances(input, ret);
	}
	judge_clock(input, ret);
	judge_disk(input, ret);
	if (is_stale)
		return;
	judge_rate_limit(input, ret);
	audit_records(input->records, input->record_count, ret);
	audit_history(input->fleet, input->earlier, input->earlier_count, input->records, input->record_count,
		      input->past, ret);
}

enum severity health_worst(const struct findings *findings)
{
	enum severity worst = SEVERITY_NOTICE;
	for (size_t i = 0; i < findings->count; i++)
		if (findings->items[i].severity > worst)
			worst = findings->items[i].severity;
	return worst;
}
