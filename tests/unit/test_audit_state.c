/* Records, history and files: each kind of finding is there when it should be, alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "audit_changes.h"
#include "audit_world.h"
#include "base/text.h"

/* --- the state ------------------------------------------------------------------- */

static void reason_without_end(struct record *record)
{
	text_copy(record->reason, sizeof(record->reason), "expired");
}

static void contradiction(struct audit_world *world)
{
	audit_world_change(world, reason_without_end);
}

static void pay_more(struct record *record)
{
	record_add_payment(record, "", 1, NOW);
}

static void short_time(struct audit_world *world)
{
	audit_world_change(world, pay_more);
}

static void twin(struct audit_world *world)
{
	struct record *record = audit_world_add_record(world, "def456");
	text_copy(record->email, sizeof(record->email), "ABC123@example.com");
	audit_world_tell(world, record, "requested");
	struct cloud_server *server = audit_world_add_server(world, 43);
	text_copy(server->name, sizeof(server->name), "cc-def456");
	audit_add_label(server->labels.instance, "def456");
	audit_add_label(server->labels.nonce, record->nonce);
	arguments_add(&world->observed.files.pinned, "def456");
}

static void lost(struct audit_world *world)
{
	record_release(&world->records[0]);
	record_release(&world->earlier[0]);
	world->record_count = world->earlier_count = 0;
}

static void never_admitted(struct audit_world *world)
{
	struct record *record = audit_world_add_record(world, "def456");
	record->revision = 1;
	record->create_sent_at = 0;
	audit_world_tell(world, record, "requested");
	record_release(record);
	record_release(&world->earlier[1]);
	world->record_count = world->earlier_count = 1;
}

static void lost_before_create(struct audit_world *world)
{
	never_admitted(world);
	struct record *record = audit_world_add_record(world, "fed456");
	record->revision = 2; /* extended before anything was asked for */
	record->create_sent_at = record->server_id = 0;
	record->server_ip[0] = '\0';
	audit_world_tell(world, record, "extended");
	record_release(record);
	record_release(&world->earlier[1]);
	world->record_count = world->earlier_count = 1;
}

static void stale(struct audit_world *world)
{
	world->records[0].revision = world->earlier[0].revision = 7;
}

/* Nothing of what the records say is believed. */
static void stale_by_number(struct audit_world *world)
{
	world->past.commit = 2;
	stale(world);
	world->observed.server_count = 0;
	arguments_release(&world->observed.files.pinned);
}

static void one_ahead(struct audit_world *world)
{
	world->records[0].revision = world->earlier[0].revision = 8; /* a commit that crashed after its line */
	world->records[0].label_expires_at = world->earlier[0].label_expires_at = NOW + 17999;
}

static void edited(struct audit_world *world)
{
	world->records[0].label_expires_at = world->earlier[0].label_expires_at = NOW + 17999;
}

static void edited_away(struct audit_world *world)
{
	world->records[0].built_at = world->earlier[0].built_at = 0;
}

static void other_status(struct audit_world *world)
{
	text_copy(world->records[0].status, 16, "expired"); /* derived: of no weight */
	text_copy(world->earlier[0].status, 16, "expired");
}

static void short_history(struct audit_world *world)
{
	world->records[0].revision = world->earlier[0].revision = 10;
}

static void no_history(struct audit_world *world)
{
	past_release(&world->past);
}

static void written_meanwhile(struct audit_world *world)
{
	world->records[0].revision = 12;
	world->records[0].label_expires_at = 1;
}

/* --- files ------------------------------------------------------------------------- */

static void known_hosts_missing(struct audit_world *world)
{
	arguments_release(&world->observed.files.pinned);
}

static void private_half_missing(struct audit_world *world)
{
	world->observed.files.operator_key = false;
}

static void public_half_missing(struct audit_world *world)
{
	world->observed.files.operator_public_key = false;
}

static void key_missing(struct audit_world *world)
{
	private_half_missing(world);
	public_half_missing(world);
}

static void same_key(struct audit_world *world)
{
	text_copy(world->observed.files.operator_print, 48, "aa:bb");
}

static void other_key(struct audit_world *world)
{
	text_copy(world->observed.files.operator_print, 48, "aa:cc");
}

static void stray_folder(struct audit_world *world)
{
	arguments_add(&world->observed.files.folders, "def456");
}

static void folder_of_never_admitted(struct audit_world *world)
{
	never_admitted(world);
	stray_folder(world);
	arguments_add(&world->observed.files.locks, "def456");
}

static void stray_lock(struct audit_world *world)
{
	arguments_add(&world->observed.files.locks, "def456");
}

static void stray_temporary(struct audit_world *world)
{
	arguments_add(&world->observed.files.temporaries, ".instances.json.1a2b3c4d.tmp");
}

static const struct audit_case cases[] = {
	{ "contradiction", contradiction, "contradiction", 0, FIX_NONE, "has a reason to be gone" },
	{ "paid for longer", short_time, "short-time", 0, FIX_NONE, "by 3600 s" },
	{ "one user twice", twin, "twin-records", 0, FIX_NONE,
	  "instances abc123 and def456 have the same e-mail address" },
	{ "record lost", lost, "lost-record", 8990000, FIX_RESTORE, "of abc123@example.com, 192.0.2.7" },
	{ "record lost early", lost_before_create, "lost-record", 0, FIX_RESTORE, "no server" },
	{ "never admitted", never_admitted, "", 0, FIX_NONE, NULL },
	{ "old state", stale, "stale-state", 0, FIX_NONE, "revision 7 of the state, 9 of the history" },
	{ "old state by its number", stale_by_number, "stale-state", 0, FIX_NONE, "nothing else can be judged by it" },
	{ "a crashed commit", one_ahead, "", 0, FIX_NONE, NULL },
	{ "edited", edited, "edited-record", 0, FIX_NONE, "member 'labelExpiresAt'" },
	{ "a member taken out", edited_away, "edited-record", 0, FIX_NONE, "member 'builtAt'" },
	{ "another status", other_status, "", 0, FIX_NONE, NULL },
	{ "lines missing", short_history, "short-history", 0, FIX_NONE, "revision 10 of the state, 9 of the history" },
	{ "lines missing, and what to do", short_history, "short-history", 0, FIX_NONE,
	  "put the missing lines back from a copy of history.jsonl" },
	{ "no history", no_history, "short-history", 0, FIX_NONE, "0 of the history" },
	{ "written while we look", written_meanwhile, "", 0, FIX_NONE, NULL },
	{ "operator's private half missing", private_half_missing, "operator-file-missing", 0, FIX_NONE,
	  "remove keys/operator.pub" },
	{ "operator's public half missing", public_half_missing, "operator-file-missing", 0, FIX_NONE,
	  "from the private half: ccc init" },
	{ "the registered key", same_key, "", 0, FIX_NONE, NULL },
	{ "another key", other_key, "operator-key-differs", 0, FIX_NONE, "is MD5:aa:cc, and registered is MD5:aa:bb" },
	{ "operator's key missing", key_missing, "operator-file-missing", 0, FIX_NONE,
	  "lost: make a new one: ccc init" },
	{ "no known_hosts", known_hosts_missing, "known-hosts-missing", 0, FIX_PIN, NULL },
	{ "a folder nobody knows", stray_folder, "stray-folder", 0, FIX_NONE, NULL },
	{ "files of one never admitted", folder_of_never_admitted, "stray-folder stray-lock", 0, FIX_REMOVE, NULL },
	{ "a lease of nothing", stray_lock, "stray-lock", 0, FIX_REMOVE_LOCK, NULL },
	{ "left by a crash", stray_temporary, "stray-temporary", 0, FIX_SWEEP, NULL },
};

static void test_kinds(void **state)
{
	(void)state;
	audit_world_check(cases, sizeof(cases) / sizeof(cases[0]), FINDING_CONTRADICTION, FINDING_STALE_SWEEP);
}

/* --- contradictions, each by one member too much or too few ------------------------- */

#define CHANGE(name, statement)                                                                                        \
	static void name(struct record *record)                                                                        \
	{                                                                                                              \
		statement;                                                                                             \
	}

CHANGE(unsent, record->create_sent_at = 0)
CHANGE(without_server, record->server_id = 0)
CHANGE(unreached, record->reachable_at = 0)
CHANGE(uninstalled, record->installed_at = 0)
CHANGE(unrotated, record->takes_user_data = true)
CHANGE(unverified, record->verified_at = 0)
CHANGE(endless, record->expires_at = 0)
CHANGE(ends_early, record->expires_at = record->verified_at - 1)
CHANGE(gone, record->goal = GOAL_GONE)
CHANGE(running, text_copy(record->reason, sizeof(record->reason), "failed"))
CHANGE(deleting, record->deleting_at = NOW)
CHANGE(confirmed, record->delete_confirmed_at = NOW)
CHANGE(deleted, record->deleted_at = NOW)
CHANGE(nonceless, record->nonce[0] = '\0')
CHANGE(misnamed, text_copy(record->server_name, sizeof(record->server_name), "cc-def456"))
CHANGE(overpaid, record->paid_seconds++)
CHANGE(accepted, record->accepted_at = NOW)

static const struct {
	void (*change)(struct record *record);
	const char *says;
} contradictions[] = {
	{ unsent, "it has a server that was never asked for" },
	{ without_server, "it answered and has no server" },
	{ without_server, "it was verified and has no server" },
	{ unreached, "it was installed and never answered" },
	{ uninstalled, "it was verified and never installed" },
	{ unrotated, "it was verified and never given its host key" },
	{ unverified, "it expires and its time never began" },
	{ endless, "its time began and it never expires" },
	{ ends_early, "it expires before its time began" },
	{ gone, "it is to be gone and nothing says why" },
	{ running, "it is to run and has a reason to be gone" },
	{ deleting, "it is being deleted and is to run" },
	{ confirmed, "it was deleted before that was decided" },
	{ deleted, "it was deleted before that was decided" },
	{ deleted, "it is gone and no delete was confirmed" },
	{ nonceless, "no server can be proven to be its own" },
	{ misnamed, "its server is not named after it" },
	{ overpaid, "the paid time is not the sum of the payments" },
	{ accepted, "it was accepted and never adopted" },
};

static bool is_said(const struct findings *findings, const char *says)
{
	for (size_t i = 0; i < findings->count; i++)
		if (findings->items[i].kind == FINDING_CONTRADICTION && strstr(findings->items[i].detail, says))
			return true;
	return false;
}

static void test_contradictions(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(contradictions) / sizeof(contradictions[0]); i++) {
		struct audit_world world;
		struct findings findings = FINDINGS_INIT;
		audit_world_open(&world);
		audit_records(world.records, 1, &findings);
		assert_int_equal(findings.count, 0);
		contradictions[i].change(&world.records[0]);
		audit_records(world.records, 1, &findings);
		if (!is_said(&findings, contradictions[i].says))
			fail_msg("not found: %s", contradictions[i].says);
		findings_release(&findings);
		audit_world_close(&world);
	}
}

/* Two records may share nothing; what one alone has is no finding. */
static void test_twins(void **state)
{
	(void)state;
	struct audit_world world;
	struct findings findings = FINDINGS_INIT;
	audit_world_open(&world);
	struct record *other = audit_world_add_record(&world, "def456");
	audit_records(world.records, 2, &findings);
	assert_int_equal(findings.count, 0);
	other->server_id = 42;
	audit_records(world.records, 2, &findings);
	assert_non_null(strstr(findings.items[0].detail, "instances abc123 and def456 have the same server"));
	findings_release(&findings);
	other->server_id = 43;
	text_copy(other->nonce, sizeof(other->nonce), NONCE);
	audit_records(world.records, 2, &findings);
	assert_non_null(strstr(findings.items[0].detail, "have the same nonce"));
	findings_release(&findings);
	text_copy(other->nonce, sizeof(other->nonce), "n2");
	other->email[0] = world.records[0].email[0] = '\0'; /* nobody knows whose they are */
	audit_records(world.records, 2, &findings);
	assert_int_equal(findings.count, 0);
	audit_world_close(&world);
}

static enum fix fix_of(const struct audit_world *world, enum finding_kind kind)
{
	for (size_t i = 0; i < world->findings.count; i++)
		if (world->findings.items[i].kind == kind)
			return world->findings.items[i].fix;
	fail_msg("'%s' was not found", finding_rules[kind].name);
	return FIX_NONE;
}

/* A folder may hold the only copy of a host key: it goes only when its instance ended. Of one that may live
 * nothing is said at all (test_kinds). */
static void test_folders(void **state)
{
	(void)state;
	static const struct {
		void (*change)(struct audit_world *world);
		enum fix fix;
	} rows[] = { { audit_idle_address, FIX_REMOVE }, { stray_folder, FIX_NONE } };
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct audit_world world;
		audit_world_open(&world);
		rows[i].change(&world);
		audit_world_compare(&world);
		assert_int_equal(fix_of(&world, FINDING_STRAY_FOLDER), rows[i].fix);
		audit_world_close(&world);
	}
	struct audit_world world;
	audit_world_open(&world);
	arguments_add(&world.observed.files.folders, "lost+found");
	arguments_add(&world.observed.files.locks, "..");
	assert_string_equal(audit_world_compare(&world), "stray-folder stray-lock");
	assert_int_equal(fix_of(&world, FINDING_STRAY_FOLDER), FIX_NONE);
	assert_int_equal(fix_of(&world, FINDING_STRAY_LOCK), FIX_NONE);
	audit_world_close(&world);
}

static void test_rules_are_whole(void **state)
{
	(void)state;
	for (size_t kind = 0; kind < FINDING_KIND_COUNT; kind++) {
		assert_non_null(finding_rules[kind].name);
		assert_non_null(finding_rules[kind].explanation);
		for (size_t other = 0; other < kind; other++)
			assert_string_not_equal(finding_rules[kind].name, finding_rules[other].name);
	}
	for (size_t fix = 0; fix < FIX_COUNT; fix++) {
		assert_non_null(fix_rules[fix].text);
		bool needs_a_word = fix == FIX_ACCEPT || fix == FIX_RULES;
		assert_int_equal(fix_rules[fix].safe, fix != FIX_NONE && !needs_a_word);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),   cmocka_unit_test(test_contradictions),  cmocka_unit_test(test_twins),
		cmocka_unit_test(test_folders), cmocka_unit_test(test_rules_are_whole),
	};
	return cmocka_run_group_tests_name("audit_state", tests, NULL, NULL);
}
