/* What time should have brought and has not: each problem alone, with its severity, and not in a healthy fleet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "audit/health.h"
#include "audit_world.h"
#include "base/text.h"
#include "lifecycle/patience.h"

#define MINUTE INT64_C(60)
#define HOUR   INT64_C(3600)

struct health_world {
	struct audit_world fleet;
	struct health_input input;
};

static void no_instances(struct health_world *world)
{
	audit_world_forget(&world->fleet);
	world->input.swept_at = world->input.sweep_began_at = NOW - 100 * HOUR;
}

static void no_instances_since(struct health_world *world, int64_t age)
{
	no_instances(world);
	world->input.swept_at = world->input.sweep_began_at = 0;
	world->input.fleet_created_at = NOW - age;
}

static void no_instances_yet(struct health_world *world)
{
	no_instances_since(world, 15 * MINUTE - 1);
}

static void no_instances_never_swept(struct health_world *world)
{
	no_instances_since(world, 15 * MINUTE);
}

static void swept_14(struct health_world *world)
{
	world->input.swept_at = world->input.sweep_began_at = NOW - 15 * MINUTE + 1;
}

static void swept_15(struct health_world *world)
{
	world->input.swept_at = world->input.sweep_began_at = NOW - 15 * MINUTE;
}

static void swept_60(struct health_world *world)
{
	world->input.swept_at = world->input.sweep_began_at = NOW - 60 * MINUTE;
}

static void swept_20_allowed(struct health_world *world)
{
	world->input.swept_at = world->input.sweep_began_at = NOW - 20 * MINUTE;
	world->input.sweep_warning = 30 * MINUTE;
}

static void swept_20_critical(struct health_world *world)
{
	world->input.swept_at = world->input.sweep_began_at = NOW - 20 * MINUTE;
	world->input.sweep_critical = 20 * MINUTE;
}

static void never_swept(struct health_world *world)
{
	world->input.swept_at = world->input.sweep_began_at = 0;
}

static void never_swept_and_new(struct health_world *world)
{
	never_swept(world);
	world->input.fleet_created_at = NOW - 10;
}

static void began_16_ago(struct health_world *world)
{
	world->input.swept_at = NOW - 18 * MINUTE;
	world->input.sweep_began_at = NOW - 16 * MINUTE;
	world->input.sweep_warning = 16 * MINUTE;
	world->input.swept_at = NOW - 15 * MINUTE - 61;
}

static void began_just_now(struct health_world *world)
{
	world->input.sweep_began_at = NOW - 1;
}

/* --- instances -------------------------------------------------------------------- */

static void unfinished(struct record *record)
{
	record->installed_at = record->verified_at = record->expires_at = record->box_expires_at = 0;
}

/* Its last line is `age` old; what is next, the installation, may take an hour. */
static void tell_unfinished(struct health_world *world, int64_t age)
{
	audit_world_change(&world->fleet, unfinished);
	world->fleet.past.lives[0].changed_at = NOW - age;
}

static void installing(struct health_world *world)
{
	tell_unfinished(world, HOUR + 15 * MINUTE - 1);
}

static void lacks_nix(struct record *record)
{
	text_copy(record->last_error, sizeof(record->last_error), "cannot find 'nix-build'; install Nix");
}

static void waiting(struct health_world *world)
{
	tell_unfinished(world, MINUTE);
	audit_world_change(&world->fleet, lacks_nix);
}

static void stuck(struct health_world *world)
{
	tell_unfinished(world, HOUR + 15 * MINUTE);
}

static void stuck_for_long(struct health_world *world)
{
	tell_unfinished(world, 2 * HOUR);
}

static void idle_and_running(struct health_world *world)
{
	world->fleet.past.lives[0].changed_at = NOW - 100 * HOUR;
}

static void failing(struct record *record)
{
	record->attempts = 5;
	record->retry_at = NOW + 60;
	text_copy(record->last_error, sizeof(record->last_error), "no route to host");
	record->box_expires_at -= 10;
}

static void failing_announce(struct health_world *world)
{
	audit_world_change(&world->fleet, failing);
	world->fleet.past.lives[0].changed_at = NOW - 100 * HOUR; /* that it is retried is said, not that it is stuck */
}

static void failing_end(struct record *record)
{
	failing(record);
	record->goal = GOAL_GONE;
	text_copy(record->reason, sizeof(record->reason), "deprovision");
	record->attempts = 2;
}

static void failing_end_twice(struct health_world *world)
{
	audit_world_change(&world->fleet, failing_end);
}

static void failing_end_often(struct record *record)
{
	failing_end(record);
	record->attempts = 3;
}

static void failing_end_thrice(struct health_world *world)
{
	audit_world_change(&world->fleet, failing_end_often);
}

static void over_since(struct health_world *world, int64_t age)
{
	world->input.now = world->fleet.records[0].expires_at + age;
	world->input.swept_at = world->input.sweep_began_at = world->input.now;
}

static void over_14(struct health_world *world)
{
	over_since(world, 15 * MINUTE - 1);
}

static void over_15(struct health_world *world)
{
	over_since(world, 15 * MINUTE);
}

static void over_60(struct health_world *world)
{
	over_since(world, 60 * MINUTE);
}

static void kept(struct record *record)
{
	record->verified_at = record->expires_at = record->box_expires_at = 0;
	record->failed_at = NOW - HOUR;
	record->keep_until = NOW - 20 * MINUTE;
}

static void kept_too_long(struct health_world *world)
{
	audit_world_change(&world->fleet, kept);
}

static void adopt(struct record *record)
{
	json_decref(record->payments);
	record->payments = NULL;
	record->paid_seconds = record->reachable_at = record->installed_at = record->verified_at = 0;
	record->adopted_at = NOW - 100;
	record->expires_at = record->label_expires_at = NOW + 1;
}

static void adopted(struct health_world *world)
{
	audit_world_change(&world->fleet, adopt);
}

static void adopted_overdue(struct health_world *world)
{
	adopted(world);
	world->input.now = NOW + 1;
}

/* --- the rest ----------------------------------------------------------------------- */

static void clock_behind(struct health_world *world)
{
	world->fleet.past.lives[0].changed_at = NOW + 61;
}

static void clock_a_little_behind(struct health_world *world)
{
	world->fleet.past.lives[0].changed_at = NOW + 60;
}

static void swept_in_future(struct health_world *world)
{
	world->input.swept_at = world->input.sweep_began_at = NOW + 3600;
}

static void disk_low(struct health_world *world)
{
	world->input.disk_free = world->input.disk_warning - 1;
}

static void disk_full(struct health_world *world)
{
	world->input.disk_free = world->input.disk_critical - 1;
}

static void rate_low(struct health_world *world)
{
	world->input.rate_remaining = 359;
}

static void rate_spent(struct health_world *world)
{
	world->input.rate_remaining = 35;
}

static void rate_low_long_ago(struct health_world *world)
{
	world->input.rate_remaining = 0;
	world->input.rate_seen_at = NOW - HOUR;
}

static void setting_wrong(struct health_world *world)
{
	world->input.settings_trouble = "ccc.ini:3: image is ''; expected a name";
}

static void rate_unknown(struct health_world *world)
{
	world->input.rate_limit = world->input.rate_remaining = world->input.rate_seen_at = 0;
}

static void pay(struct record *record)
{
	record_add_payment(record, "", 1, NOW);
}

static void inconsistent(struct health_world *world)
{
	audit_world_change(&world->fleet, pay);
	world->fleet.records[0].revision = world->fleet.earlier[0].revision = 3;
}

static void just_adopted(struct health_world *world)
{
	world->input.fleet_adopted_at = NOW;
}

static void old_copy(struct health_world *world)
{
	inconsistent(world);
	world->fleet.past.commit = 2;
	world->input.swept_at = 0;
}

static const struct {
	const char *name;
	void (*change)(struct health_world *world);
	const char *found; /* "severity kind" of each */
	const char *says;  /* in the first; NULL: whatever */
} cases[] = {
	{ "healthy", NULL, "", NULL },
	{ "nothing to sweep, and no sweep", no_instances, "2 stale-sweep", "the last one was 4 d" },
	{ "no instance, no sweep yet", no_instances_yet, "", NULL },
	{ "no instance, never a sweep", no_instances_never_swept, "1 stale-sweep",
	  "none since 'ccc init', for 15 min" },
	{ "swept in time", swept_14, "", NULL },
	{ "swept 15 min ago", swept_15, "1 stale-sweep", "the last one was 15 min" },
	{ "swept 60 min ago", swept_60, "2 stale-sweep", "the last one was 1 h" },
	{ "seldom on purpose", swept_20_allowed, "", NULL },
	{ "often on purpose", swept_20_critical, "2 stale-sweep", NULL },
	{ "never swept", never_swept, "2 stale-sweep", "none since 'ccc init', for 1 h 6 min" },
	{ "never swept and new", never_swept_and_new, "", NULL },
	{ "a sweep that died", began_16_ago, "1 stale-sweep 1 unended-sweep", NULL },
	{ "a sweep at work", began_just_now, "", NULL },
	{ "installing", installing, "", NULL },
	{ "stuck", stuck, "1 stuck", "it is installing, and nothing happened for 1 h 15 min" },
	{ "stuck for long", stuck_for_long, "2 stuck", NULL },
	{ "running by itself", idle_and_running, "", NULL },
	{ "failing", failing_announce, "1 failing", "failed 5 times, next at 2027-01-15T08:01:00Z: no route to host" },
	{ "waiting", waiting, "1 waiting", "install Nix" },
	{ "an end that fails", failing_end_twice, "1 failing", "its end failed 2" },
	{ "an end that goes on failing", failing_end_thrice, "2 failing", NULL },
	{ "just over", over_14, "", NULL },
	{ "over and there", over_15, "1 overdue", "15 min ago" },
	{ "over for long", over_60, "2 overdue", NULL },
	{ "kept too long", kept_too_long, "1 overdue", "20 min ago" },
	{ "adopted", adopted, "", NULL },
	{ "adopted and over", adopted_overdue, "2 adopted-overdue", "2027-01-15T08:00:01Z" },
	{ "clock set back", clock_behind, "1 clock-behind", "by 1 min 1 s" },
	{ "clock a little off", clock_a_little_behind, "", NULL },
	{ "swept in the future", swept_in_future, "1 clock-behind", "by 1 h" },
	{ "disk low", disk_low, "1 disk-full", "1023 MiB are left" },
	{ "disk full", disk_full, "2 disk-full", NULL },
	{ "few requests left", rate_low, "1 rate-limit", "359 of 3600" },
	{ "no requests left", rate_spent, "2 rate-limit", NULL },
	{ "few requests left long ago", rate_low_long_ago, "", NULL },
	{ "no word on requests", rate_unknown, "", NULL },
	{ "a mistake in the settings", setting_wrong, "1 settings", "ccc.ini:3: image is" },
	{ "inconsistent", inconsistent, "2 short-time 2 stale-state", NULL },
	{ "begun anew", just_adopted, "2 uncompared-state", "run: ccc fsck --fix" },
	{ "an old copy", old_copy, "2 stale-state", "nothing else can be judged by it" },
};

static void open(struct health_world *world)
{
	audit_world_open(&world->fleet);
	world->input = (struct health_input){
		.now = NOW,
		.sweep_warning = 15 * MINUTE,
		.sweep_critical = 60 * MINUTE,
		.disk_free = INT64_C(1) << 30,
		.disk_warning = INT64_C(1) << 30,
		.disk_critical = INT64_C(100) << 20,
		.fleet_created_at = NOW - 4000,
		.sweep_began_at = NOW - 100,
		.swept_at = NOW - 100,
		.rate_limit = 3600,
		.rate_remaining = 360,
		.rate_seen_at = NOW - 100,
		.patience = patience_seconds,
	};
}

static const char *judge(struct health_world *world, struct findings *findings)
{
	static char names[512];
	world->input.earlier = world->fleet.earlier;
	world->input.earlier_count = world->fleet.earlier_count;
	world->input.records = world->fleet.records;
	world->input.record_count = world->fleet.record_count;
	world->input.past = &world->fleet.past;
	health_judge(&world->input, findings);
	names[0] = '\0';
	for (size_t i = 0; i < findings->count; i++)
		snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s%d %s", i ? " " : "",
			 (int)findings->items[i].severity, finding_rules[findings->items[i].kind].name);
	return names;
}

static void test_problems(void **state)
{
	(void)state;
	bool produced[FINDING_KIND_COUNT] = { false };
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct health_world world;
		struct findings findings = FINDINGS_INIT;
		open(&world);
		if (cases[i].change)
			cases[i].change(&world);
		const char *found = judge(&world, &findings);
		if (strcmp(found, cases[i].found) != 0)
			fail_msg("%s: '%s' instead of '%s'", cases[i].name, found, cases[i].found);
		if (cases[i].says && !strstr(findings.items[0].detail, cases[i].says))
			fail_msg("%s: '%s'", cases[i].name, findings.items[0].detail);
		for (size_t k = 0; k < findings.count; k++)
			produced[findings.items[k].kind] = true;
		findings_release(&findings);
		audit_world_close(&world.fleet);
	}
	for (size_t kind = FINDING_STALE_SWEEP; kind < FINDING_KIND_COUNT; kind++)
		if (!produced[kind])
			fail_msg("no case gives '%s'", finding_rules[kind].name);
}

static void test_worst(void **state)
{
	(void)state;
	struct findings findings = FINDINGS_INIT;
	assert_int_equal(health_worst(&findings), SEVERITY_NOTICE);
	findings_add(&findings, FINDING_DISK_FULL, "", "x")->severity = SEVERITY_WARNING;
	findings_add(&findings, FINDING_DISK_FULL, "", "x")->severity = SEVERITY_CRITICAL;
	findings_add(&findings, FINDING_DISK_FULL, "", "x")->severity = SEVERITY_NOTICE;
	assert_int_equal(health_worst(&findings), SEVERITY_CRITICAL);
	findings_release(&findings);
}

static void test_patience(void **state)
{
	(void)state;
	struct record record;
	record_init(&record);
	assert_int_equal(patience_seconds(&record), MINUTE); /* prepare */
	text_copy(record.host_key, sizeof(record.host_key), "k");
	text_copy(record.bootstrap_host_key, sizeof(record.bootstrap_host_key), "k");
	assert_int_equal(patience_seconds(&record), 20 * MINUTE); /* evaluate */
	record.evaluated_at = 1;
	assert_int_equal(patience_seconds(&record), HOUR); /* create, and the build beside it */
	record.built_at = 1;
	assert_int_equal(patience_seconds(&record), 10 * MINUTE);
	record.server_id = 42;
	record.goal = GOAL_GONE;
	assert_int_equal(patience_seconds(&record), MINUTE); /* decide */
	record.goal = GOAL_RUNNING;
	record.verified_at = 1;
	assert_int_equal(patience_seconds(&record), 0); /* nothing is left to do */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_problems),
		cmocka_unit_test(test_worst),
		cmocka_unit_test(test_patience),
	};
	return cmocka_run_group_tests_name("health", tests, NULL, NULL);
}
