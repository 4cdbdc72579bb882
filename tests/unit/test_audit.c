/* Each kind of finding is there when it should be, alone, and not in a fleet that is in order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "audit_world.h"
#include "base/text.h"

static void add_label(char label[CLOUD_LABEL_SIZE], const char *value)
{
	text_copy(label, CLOUD_LABEL_SIZE, value);
}

/* --- servers ----------------------------------------------------------------- */

static void leaked(struct audit_world *world)
{
	audit_world_forget(world);
}

static void leaked_without_id(struct audit_world *world)
{
	world->records[0].server_id = 0; /* the create was never answered */
	audit_world_forget(world);
}

static void leaked_other_server(struct audit_world *world)
{
	audit_world_forget(world);
	audit_world_server(world, 42)->id = 43; /* labels may have been copied */
}

static void leaked_other_name(struct audit_world *world)
{
	audit_world_forget(world);
	text_copy(audit_world_server(world, 42)->name, 256, "bystander");
}

static void being_forgotten(struct audit_world *world)
{
	audit_world_tell(world, &world->records[0], "forgotten");
	record_release(&world->records[0]);
	world->record_count = 0; /* it was there before the look */
}

static void being_made(struct audit_world *world)
{
	record_release(&world->earlier[0]);
	world->earlier_count = 0;
}

static void unrecorded(struct audit_world *world)
{
	struct cloud_server *server = audit_world_add_server(world, 43);
	text_copy(server->name, sizeof(server->name), "cc-def456");
	add_label(server->labels.instance, "def456");
	add_label(server->labels.nonce, "n2");
}

static void unexplained_nonce(struct audit_world *world)
{
	unrecorded(world);
	add_label(audit_world_server(world, 43)->labels.nonce, ""); /* nothing proves that it is ours */
}

static void unexplained_long_nonce(struct audit_world *world)
{
	unrecorded(world);
	add_label(audit_world_server(world, 43)->labels.nonce, "00112233445566778899aabbccddeeff0");
}

static void unexplained_id(struct audit_world *world)
{
	unrecorded(world);
	add_label(audit_world_server(world, 43)->labels.instance, "DEF456");
}

static void unexplained_name(struct audit_world *world)
{
	unrecorded(world);
	text_copy(audit_world_server(world, 43)->name, 256, "cc-fed654");
}

static void known_nonce_of_another(struct audit_world *world)
{
	unrecorded(world);
	add_label(audit_world_server(world, 43)->labels.nonce, NONCE);
}

static void another_nonce_of_known(struct audit_world *world)
{
	struct cloud_server *server = audit_world_add_server(world, 43);
	add_label(server->labels.nonce, "n2");
}

static void duplicate(struct audit_world *world)
{
	audit_world_add_server(world, 43);
}

static void unanswered(struct record *record)
{
	record->server_id = record->reachable_at = record->installed_at = record->verified_at = record->expires_at = 0;
}

static void create_unanswered(struct audit_world *world)
{
	audit_world_change(world, unanswered);
}

static void create_given_up_meanwhile(struct audit_world *world)
{
	audit_world_change(world, unanswered);
	audit_world_tell(world, &world->records[0], "forgotten");
	record_release(&world->records[0]);
	world->record_count = 0;
}

static void other_fleet(struct audit_world *world)
{
	unrecorded(world);
	add_label(audit_world_server(world, 43)->labels.fleet, "ffffffff");
}

static void other_manager(struct audit_world *world)
{
	unrecorded(world);
	add_label(audit_world_server(world, 43)->labels.managed_by, "terraform");
}

static void vanished(struct audit_world *world)
{
	audit_world_drop_server(world, 42, PRESENCE_ABSENT);
}

static void missing_in_list(struct audit_world *world)
{
	audit_world_drop_server(world, 42, PRESENCE_PRESENT);
}

static void missing_unknown(struct audit_world *world)
{
	audit_world_drop_server(world, 42, PRESENCE_UNKNOWN);
}

static void missing_not_looked_up(struct audit_world *world)
{
	vanished(world);
	world->observed.look_count = 0;
}

static void confirmed(struct record *record)
{
	record->goal = GOAL_GONE;
	text_copy(record->reason, sizeof(record->reason), "expired");
	record->deleting_at = record->delete_confirmed_at = NOW;
}

static void undeleted(struct audit_world *world)
{
	audit_world_change(world, confirmed);
}

static void deleted(struct audit_world *world)
{
	undeleted(world);
	vanished(world);
}

static void relabelled(struct audit_world *world)
{
	add_label(audit_world_server(world, 42)->labels.nonce, "");
}

static void lost_fleet_label(struct audit_world *world)
{
	add_label(audit_world_server(world, 42)->labels.fleet, "");
}

static void renamed(struct audit_world *world)
{
	text_copy(audit_world_server(world, 42)->name, 256, "mine");
}

static void protected(struct audit_world *world)
{
	audit_world_server(world, 42)->delete_protected = true;
}

static void off(struct audit_world *world)
{
	text_copy(audit_world_server(world, 42)->status, 24, "off");
}

static void moved(struct audit_world *world)
{
	text_copy(audit_world_server(world, 42)->ipv4, 16, "192.0.2.9");
}

static void rescaled(struct audit_world *world)
{
	text_copy(audit_world_server(world, 42)->type, 32, "cx53");
}

static void early_label(struct audit_world *world)
{
	add_label(audit_world_server(world, 42)->labels.expires, "1800000001");
}

static void no_label(struct audit_world *world)
{
	add_label(audit_world_server(world, 42)->labels.expires, "");
}

static void raised(struct record *record)
{
	record->label_expires_at = record->expires_at;
}

static void raised_label_undone(struct audit_world *world)
{
	audit_world_change(world, raised);
	early_label(world);
}

static void extended(struct record *record)
{
	record->expires_at += 86400;
	record_add_payment(record, "", 24, NOW);
}

static void label_on_its_way(struct audit_world *world)
{
	audit_world_change(world, extended);
}

static void adopt(struct record *record)
{
	json_decref(record->payments);
	record->payments = NULL;
	record->paid_seconds = record->reachable_at = record->installed_at = record->verified_at = 0;
	record->host_key[0] = '\0';
	record->adopted_at = NOW - 100;
	record->expires_at = record->label_expires_at = NOW + 18000;
}

static void adopted(struct audit_world *world)
{
	audit_world_change(world, adopt);
}

static void adopted_overdue(struct audit_world *world)
{
	adopted(world);
	world->records[0].expires_at = world->earlier[0].expires_at = NOW;
	audit_world_tell(world, &world->records[0], "changed");
}

static void adopt_without_expiry(struct record *record)
{
	adopt(record);
	record->expires_at = record->label_expires_at = 0;
}

static void adopted_without_expiry(struct audit_world *world)
{
	audit_world_change(world, adopt_without_expiry);
}

static void accept(struct record *record)
{
	adopt(record);
	record->accepted_at = NOW;
	record->verified_at = record->created_at;
}

static void accepted(struct audit_world *world)
{
	audit_world_change(world, accept);
}

/* --- the rest of the project ---------------------------------------------------- */

static void anchor_missing(struct audit_world *world)
{
	world->observed.anchor_seen = false;
	world->observed.firewalls[0] = world->observed.firewalls[1];
	world->observed.firewall_count = 1;
}

static void vanished_without_anchor(struct audit_world *world)
{
	vanished(world);
	anchor_missing(world); /* it may be another project's token */
}

static void spare_firewall(struct audit_world *world)
{
	world->observed.firewalls[1].labels = world->observed.firewalls[0].labels;
}

static void key_missing(struct audit_world *world)
{
	world->observed.ssh_keys[0].id = 6;
	add_label(world->observed.ssh_keys[0].labels.fleet, "");
}

static void spare_key(struct audit_world *world)
{
	world->observed.ssh_keys[1].labels = world->observed.ssh_keys[0].labels;
}

static void idle_address(struct audit_world *world)
{
	audit_world_forget(world);
	audit_world_drop_server(world, 42, PRESENCE_ABSENT);
	world->observed.primary_ips[0].assignee = 0;
}

static void idle_labelled_address(struct audit_world *world)
{
	world->observed.primary_ips[2].assignee = 0;
	world->observed.primary_ips[2].labels = world->observed.firewalls[0].labels;
}

static void idle_foreign_address(struct audit_world *world)
{
	world->observed.primary_ips[2].assignee = 0;
}

static void ending(struct record *record)
{
	record->goal = GOAL_GONE;
	text_copy(record->reason, sizeof(record->reason), "expired");
}

static void address_being_freed(struct audit_world *world)
{
	audit_world_change(world, ending);
	world->observed.primary_ips[0].assignee = 0;
}

static void idle_while_another_ends(struct audit_world *world)
{
	idle_labelled_address(world);
	audit_world_change(world, ending);
}

static void two_of_them(struct audit_world *world)
{
	adopted(world);
	struct record *record = audit_world_add_record(world, "def456");
	audit_world_tell(world, record, "changed");
	struct cloud_server *server = audit_world_add_server(world, 43);
	text_copy(server->name, sizeof(server->name), "mine");
	add_label(server->labels.instance, "def456");
	add_label(server->labels.nonce, record->nonce);
	arguments_add(&world->observed.files.pinned, "def456");
}

static void kept_snapshot(struct audit_world *world)
{
	world->observed.snapshots[0].labels = world->observed.firewalls[0].labels;
}

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
	add_label(server->labels.instance, "def456");
	add_label(server->labels.nonce, record->nonce);
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

static void stray_folder(struct audit_world *world)
{
	arguments_add(&world->observed.files.folders, "def456");
}

static void stray_lock(struct audit_world *world)
{
	arguments_add(&world->observed.files.locks, "def456");
}

static void stray_temporary(struct audit_world *world)
{
	arguments_add(&world->observed.files.temporaries, ".instances.json.1a2b3c4d.tmp");
}

#define STRAYS " stray-folder stray-lock" /* files of what is in no record any more */

static const struct {
	const char *name;
	void (*change)(struct audit_world *world);
	const char *found; /* all kinds, in the order of the table */
	long long monthly; /* of the first, in millionths */
	enum fix fix;      /* of the first */
	const char *says;  /* in its detail or advice; NULL: whatever */
} cases[] = {
	{ "in order", NULL, "", 0, FIX_NONE, NULL },
	{ "ended, and the server is there", leaked, "leaked-server" STRAYS, 8990000, FIX_END,
	  "instance abc123 ended at 2027-01-15T07:59:50Z" },
	{ "ended without an id", leaked_without_id, "leaked-server" STRAYS, 8990000, FIX_END, NULL },
	{ "ended, another server", leaked_other_server, "unexplained-server" STRAYS, 8990000, FIX_NONE,
	  "the server of instance abc123 was 42" },
	{ "ended, another name", leaked_other_name, "unexplained-server" STRAYS, 8990000, FIX_NONE, NULL },
	{ "forgotten while we look", being_forgotten, "", 0, FIX_NONE, NULL },
	{ "made while we look", being_made, "", 0, FIX_NONE, NULL },
	{ "unrecorded", unrecorded, "unrecorded-server", 8990000, FIX_ADOPT, NULL },
	{ "no nonce", unexplained_nonce, "unexplained-server", 8990000, FIX_NONE, NULL },
	{ "a nonce too long", unexplained_long_nonce, "unexplained-server", 8990000, FIX_NONE, NULL },
	{ "no id", unexplained_id, "unexplained-server", 8990000, FIX_NONE, NULL },
	{ "another's name", unexplained_name, "unexplained-server", 8990000, FIX_NONE, NULL },
	{ "another's nonce", known_nonce_of_another, "unexplained-server", 8990000, FIX_NONE,
	  "its nonce is the one of instance abc123" },
	{ "another nonce", another_nonce_of_known, "unexplained-server", 8990000, FIX_NONE,
	  "hcloud server describe 43" },
	{ "two of one instance", duplicate, "duplicate-server", 8990000, FIX_NONE, "hcloud server delete 43" },
	{ "a create without an answer", create_unanswered, "", 0, FIX_NONE, NULL },
	{ "a create given up while we look", create_given_up_meanwhile, "", 0, FIX_NONE, NULL },
	{ "another fleet", other_fleet, "", 0, FIX_NONE, NULL },
	{ "another tool", other_manager, "", 0, FIX_NONE, NULL },
	{ "vanished", vanished, "vanished-server", 0, FIX_NONE, "ccc deprovision abc123" },
	{ "missing in the list", missing_in_list, "", 0, FIX_NONE, NULL },
	{ "nobody knows", missing_unknown, "", 0, FIX_NONE, NULL },
	{ "not looked up", missing_not_looked_up, "", 0, FIX_NONE, NULL },
	{ "delete confirmed, and there", undeleted, "undeleted-server", 8990000, FIX_NONE, "hcloud server delete 42" },
	{ "deleted", deleted, "", 0, FIX_NONE, NULL },
	{ "labels gone", relabelled, "relabelled-server", 8990000, FIX_NONE,
	  "hcloud server add-label --overwrite 42 ccc-nonce=0011" },
	{ "fleet label gone", lost_fleet_label, "relabelled-server", 8990000, FIX_NONE, NULL },
	{ "renamed", renamed, "renamed-server", 8990000, FIX_NONE, "hcloud server update --name cc-abc123 42" },
	{ "protected", protected, "protected-server", 8990000, FIX_NONE,
	  "hcloud server disable-protection 42 delete rebuild" },
	{ "off", off, "server-off", 8990000, FIX_NONE, "hcloud server poweron 42" },
	{ "another address", moved, "changed-address", 8990000, FIX_NONE, "hcloud server describe 42" },
	{ "another type", rescaled, "rescaled-server", MONEY_UNKNOWN, FIX_NONE, "hcloud server describe 42" },
	{ "label too early", early_label, "stale-label", 8990000, FIX_NONE,
	  "hcloud server add-label --overwrite 42 ccc-expires=1800018000" },
	{ "no expiry in the labels", no_label, "stale-label", 8990000, FIX_NONE, NULL },
	{ "a raised label undone", raised_label_undone, "stale-label", 8990000, FIX_NONE, NULL },
	{ "label about to be raised", label_on_its_way, "", 0, FIX_NONE, NULL },
	{ "adopted", adopted, "adopted", 8990000, FIX_ACCEPT, "until 2027-01-15T13:00:00Z" },
	{ "adopted without an expiry", adopted_without_expiry, "adopted", 8990000, FIX_NONE, "ccc extend abc123" },
	{ "adopted and over", adopted_overdue, "adopted-overdue", 8990000, FIX_ACCEPT,
	  "over since 2027-01-15T08:00:00Z" },
	{ "adopted and accepted", accepted, "", 0, FIX_NONE, NULL },
	{ "anchor gone", anchor_missing, "anchor-missing", 0, FIX_REGISTER, NULL },
	{ "absent without an anchor", vanished_without_anchor, "anchor-missing", 0, FIX_REGISTER, NULL },
	{ "two firewalls", spare_firewall, "spare-firewall", 0, FIX_NONE, "hcloud firewall delete 8" },
	{ "key gone", key_missing, "operator-key-missing", 0, FIX_REGISTER, NULL },
	{ "two keys", spare_key, "spare-ssh-key", 0, FIX_NONE, "hcloud ssh-key delete 4" },
	{ "address without a server", idle_address, "idle-address" STRAYS, 500000, FIX_NONE,
	  "hcloud primary-ip delete 11" },
	{ "labelled address", idle_labelled_address, "idle-address", 500000, FIX_NONE, "by its label" },
	{ "somebody's address", idle_foreign_address, "", 0, FIX_NONE, NULL },
	{ "address of what is ending", address_being_freed, "", 0, FIX_NONE, NULL },
	{ "labelled address while another ends", idle_while_another_ends, "idle-address", 500000, FIX_NONE, NULL },
	{ "by kind", two_of_them, "renamed-server adopted", 8990000, FIX_NONE, NULL },
	{ "snapshot", kept_snapshot, "kept-snapshot", 14300, FIX_NONE, "1.00 GB" },
	{ "contradiction", contradiction, "contradiction", 0, FIX_NONE, "has a reason to be gone" },
	{ "paid for longer", short_time, "short-time", 0, FIX_NONE, "by 3600 s" },
	{ "one user twice", twin, "twin-records", 0, FIX_NONE,
	  "instances abc123 and def456 have the same e-mail address" },
	{ "record lost", lost, "lost-record" STRAYS, 8990000, FIX_RESTORE, "of abc123@example.com, 192.0.2.7" },
	{ "record lost early", lost_before_create, "lost-record", 0, FIX_RESTORE, "no server" },
	{ "never admitted", never_admitted, "", 0, FIX_NONE, NULL },
	{ "old state", stale, "stale-state", 0, FIX_NONE, "revision 7 of the state, 9 of the history" },
	{ "a crashed commit", one_ahead, "", 0, FIX_NONE, NULL },
	{ "edited", edited, "edited-record", 0, FIX_NONE, "member 'labelExpiresAt'" },
	{ "a member taken out", edited_away, "edited-record", 0, FIX_NONE, "member 'builtAt'" },
	{ "another status", other_status, "", 0, FIX_NONE, NULL },
	{ "lines missing", short_history, "short-history", 0, FIX_NONE, "revision 10 of the state, 9 of the history" },
	{ "no history", no_history, "short-history", 0, FIX_NONE, "0 of the history" },
	{ "written while we look", written_meanwhile, "", 0, FIX_NONE, NULL },
	{ "no known_hosts", known_hosts_missing, "known-hosts-missing", 0, FIX_PIN, NULL },
	{ "a folder nobody knows", stray_folder, "stray-folder", 0, FIX_NONE, NULL },
	{ "a lease of nothing", stray_lock, "stray-lock", 0, FIX_REMOVE_LOCK, NULL },
	{ "left by a crash", stray_temporary, "stray-temporary", 0, FIX_SWEEP, NULL },
};

static void test_kinds(void **state)
{
	(void)state;
	bool produced[FINDING_KIND_COUNT] = { false };
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct audit_world world;
		audit_world_open(&world);
		if (cases[i].change)
			cases[i].change(&world);
		const char *found = audit_world_compare(&world);
		if (strcmp(found, cases[i].found) != 0)
			fail_msg("%s: '%s' instead of '%s'", cases[i].name, found, cases[i].found);
		if (world.findings.count) {
			const struct finding *first = &world.findings.items[0];
			if (first->monthly != cases[i].monthly || first->fix != cases[i].fix)
				fail_msg("%s: costs %lld, fix %d", cases[i].name, (long long)first->monthly,
					 first->fix);
			if (cases[i].says && !strstr(first->detail, cases[i].says) &&
			    !strstr(first->advice, cases[i].says))
				fail_msg("%s: '%s', '%s'", cases[i].name, first->detail, first->advice);
			/* what ccc does not mend, a person is told how to */
			if (first->fix == FIX_NONE && first->kind != FINDING_SHORT_HISTORY)
				assert_true(first->advice[0]);
		}
		for (size_t k = 0; k < world.findings.count; k++) {
			const struct finding *finding = &world.findings.items[k];
			produced[finding->kind] = true;
			assert_true(finding->monthly == 0 || (finding->thing != THING_NONE && finding->id != 0));
			if (finding->fix == FIX_REMOVE || finding->fix == FIX_REMOVE_LOCK || finding->fix == FIX_SWEEP)
				assert_true(finding->name[0]);
		}
		audit_world_close(&world);
	}
	for (size_t kind = 0; kind < FINDING_STALE_SWEEP; kind++)
		if (!produced[kind])
			fail_msg("no case gives '%s'", finding_rules[kind].name);
}

static enum fix fix_of(const struct audit_world *world, enum finding_kind kind)
{
	for (size_t i = 0; i < world->findings.count; i++)
		if (world->findings.items[i].kind == kind)
			return world->findings.items[i].fix;
	fail_msg("'%s' was not found", finding_rules[kind].name);
	return FIX_NONE;
}

/* A folder may hold the only copy of a host key: it goes only when its instance ended and no server is left. */
static void test_folders(void **state)
{
	(void)state;
	static const struct {
		void (*change)(struct audit_world *world);
		enum fix fix;
	} rows[] = {
		{ idle_address, FIX_REMOVE }, { leaked, FIX_NONE }, { lost, FIX_NONE }, { stray_folder, FIX_NONE }
	};
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
		assert_int_equal(fix_rules[fix].safe, fix != FIX_NONE && fix != FIX_ACCEPT);
	}
}

static void test_foreign_is_counted(void **state)
{
	(void)state;
	struct audit_world world;
	audit_world_open(&world);
	audit_world_compare(&world);
	assert_int_equal(world.foreign.servers, 1);
	assert_int_equal(world.foreign.primary_ips, 1);
	assert_int_equal(world.foreign.ssh_keys, 1);
	assert_int_equal(world.foreign.firewalls, 1);
	assert_int_equal(world.foreign.snapshots, 1);
	other_fleet(&world);
	audit_world_compare(&world);
	assert_int_equal(world.foreign.servers, 2);
	audit_world_close(&world);
}

/* A server with two findings is paid once; one without a price makes the sum a lower bound. */
static void test_total(void **state)
{
	(void)state;
	struct audit_world world;
	size_t unknown;
	audit_world_open(&world);
	off(&world);
	protected(&world);
	unrecorded(&world);
	assert_string_equal(audit_world_compare(&world), "unrecorded-server protected-server server-off");
	assert_int_equal(findings_monthly(&world.findings, &unknown), 2 * 8990000);
	assert_int_equal(unknown, 0);
	rescaled(&world);
	audit_world_compare(&world);
	assert_int_equal(findings_monthly(&world.findings, &unknown), 8990000);
	assert_int_equal(unknown, 1);
	audit_world_close(&world);
}

/* By a server of a record, or by the operator's key: each alone. */
static void test_project_is_proven(void **state)
{
	(void)state;
	static void (*const one_gone[])(struct audit_world *) = { key_missing, relabelled, renamed, vanished };
	for (size_t i = 0; i < sizeof(one_gone) / sizeof(one_gone[0]); i++) {
		struct audit_world world;
		audit_world_open(&world);
		one_gone[i](&world);
		audit_world_compare(&world);
		assert_true(audit_proves_project(&world.input));
		if (i > 0) {
			key_missing(&world);
			audit_world_compare(&world);
			assert_false(audit_proves_project(&world.input));
		}
		audit_world_close(&world);
	}
	struct audit_world world;
	audit_world_open(&world);
	relabelled(&world);
	add_label(world.observed.ssh_keys[0].labels.fleet, "ffffffff");
	audit_world_compare(&world);
	assert_false(audit_proves_project(&world.input));
	audit_world_close(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),   cmocka_unit_test(test_rules_are_whole),
		cmocka_unit_test(test_folders), cmocka_unit_test(test_foreign_is_counted),
		cmocka_unit_test(test_total),   cmocka_unit_test(test_project_is_proven),
	};
	return cmocka_run_group_tests_name("audit", tests, NULL, NULL);
}
