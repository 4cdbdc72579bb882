/* What a fleet has at Hetzner beside servers, what is nobody's of ours, and what it costs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "audit_changes.h"
#include "audit_world.h"
#include "base/text.h"

/* --- the rest of the project ---------------------------------------------------- */

static void anchor_missing(struct audit_world *world)
{
	world->observed.anchor_seen = false;
	world->observed.firewalls[0] = world->observed.firewalls[1];
	world->observed.firewall_count = 1;
}

static void anchor_relabelled(struct audit_world *world)
{
	world->observed.anchor_seen = false;
	audit_add_label(world->observed.firewalls[0].labels.fleet, "");
}

static void anchor_with_a_role(struct audit_world *world)
{
	audit_add_label(world->observed.firewalls[0].labels.role, "else");
}

static void vanished_without_anchor(struct audit_world *world)
{
	audit_vanished(world);
	anchor_missing(world); /* it may be another project's token */
}

static void spare_firewall(struct audit_world *world)
{
	world->observed.firewalls[1].labels = world->observed.firewalls[0].labels;
}

static void isolating_firewall(struct audit_world *world)
{
	spare_firewall(world);
	world->observed.firewalls[1].id = 10;
	audit_add_label(world->observed.firewalls[1].labels.role, CLOUD_ROLE_ISOLATED);
}

static void two_isolating_firewalls(struct audit_world *world)
{
	isolating_firewall(world);
	world->observed.firewalls[1].id = 11;
}

static void changed_anchor(struct audit_world *world)
{
	text_copy(world->observed.firewalls[0].changes, CLOUD_RULES_SIZE, "it has one more");
}

static void leaky_isolation(struct audit_world *world)
{
	isolating_firewall(world);
	text_copy(world->observed.firewalls[1].changes, CLOUD_RULES_SIZE, "it leaks");
}

static void suspend(struct record *record)
{
	record->suspended_at = record->isolation_began_at = record->isolated_at = NOW - 100;
}

static void leaky_isolation_of_one(struct audit_world *world)
{
	leaky_isolation(world);
	audit_world_change(world, suspend);
	audit_world_server(world, 42)->attachments[0].firewall = 10;
}

static void leaky_isolation_of_a_stranger(struct audit_world *world)
{
	leaky_isolation_of_one(world);
	struct cloud_server *server = audit_world_server(world, 7);
	server->attachments[server->attachment_count++].firewall = 10;
}

/* Of an id that another server has taken. */
static void leaky_isolation_of_a_namesake(struct audit_world *world)
{
	leaky_isolation_of_a_stranger(world);
	audit_add_label(audit_world_server(world, 7)->labels.instance, "abc123");
}

static void key_missing(struct audit_world *world)
{
	world->observed.ssh_keys[0].id = 6;
	audit_add_label(world->observed.ssh_keys[0].labels.fleet, "");
}

static void spare_key(struct audit_world *world)
{
	world->observed.ssh_keys[1].labels = world->observed.ssh_keys[0].labels;
}

static void key_of_ours(struct audit_world *world)
{
	spare_key(world);
	text_copy(world->observed.ssh_keys[1].fingerprint, 48, "aa:cc");
	text_copy(world->observed.files.operator_print, 48, "aa:cc");
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
	audit_adopted(world);
	struct record *record = audit_world_add_record(world, "def456");
	audit_world_tell(world, record, "changed");
	struct cloud_server *server = audit_world_add_server(world, 43);
	text_copy(server->name, sizeof(server->name), "mine");
	audit_add_label(server->labels.instance, "def456");
	audit_add_label(server->labels.nonce, record->nonce);
	arguments_add(&world->observed.files.pinned, "def456");
}

static void kept_snapshot(struct audit_world *world)
{
	world->observed.snapshots[0].labels = world->observed.firewalls[0].labels;
}

#define STRAYS " stray-folder stray-lock" /* files of what is in no record any more */

static const struct audit_case cases[] = {
	{ "anchor gone", anchor_missing, "anchor-missing", 0, FIX_REGISTER, NULL },
	{ "anchor without its label", anchor_relabelled, "relabelled-anchor", 0, FIX_NONE,
	  "hcloud firewall add-label --overwrite 9 ccc-fleet=" FLEET },
	{ "anchor with a role", anchor_with_a_role, "relabelled-anchor", 0, FIX_NONE,
	  "hcloud firewall remove-label 9 ccc-role" },
	{ "absent without an anchor", vanished_without_anchor, "anchor-missing", 0, FIX_REGISTER, NULL },
	{ "two firewalls", spare_firewall, "spare-firewall", 0, FIX_NONE, "hcloud firewall delete 8" },
	{ "the isolating firewall", isolating_firewall, "", 0, FIX_NONE, NULL },
	{ "another isolating firewall", two_isolating_firewalls, "spare-firewall", 0, FIX_NONE, NULL },
	{ "rules of the anchor", changed_anchor, "changed-anchor", 0, FIX_RULES, "it has one more" },
	{ "rules of the isolating firewall", leaky_isolation, "leaky-isolation", 0, FIX_ISOLATE,
	  "it leaks; 0 machines have it" },
	{ "the same, and one is suspended", leaky_isolation_of_one, "leaky-isolation", 0, FIX_ISOLATE,
	  "1 machine has it" },
	{ "the same, and a stranger has it", leaky_isolation_of_a_stranger, "leaky-isolation", 0, FIX_RULES,
	  "would be cut off" },
	{ "the same, and a namesake has it", leaky_isolation_of_a_namesake, "leaky-isolation", 0, FIX_RULES, NULL },
	{ "key gone", key_missing, "operator-key-missing", 0, FIX_REGISTER, NULL },
	{ "two keys", spare_key, "spare-ssh-key", 0, FIX_NONE, "hcloud ssh-key delete 4" },
	{ "two keys, and the other lies here", key_of_ours, "operator-key-differs", 0, FIX_NONE, NULL },
	{ "address without a server", audit_idle_address, "idle-address" STRAYS, 500000, FIX_NONE,
	  "hcloud primary-ip delete 11" },
	{ "labelled address", idle_labelled_address, "idle-address", 500000, FIX_NONE, "by its label" },
	{ "somebody's address", idle_foreign_address, "", 0, FIX_NONE, NULL },
	{ "address of what is ending", address_being_freed, "", 0, FIX_NONE, NULL },
	{ "labelled address while another ends", idle_while_another_ends, "idle-address", 500000, FIX_NONE, NULL },
	{ "by kind", two_of_them, "renamed-server adopted", 8990000, FIX_NONE, NULL },
	{ "snapshot", kept_snapshot, "kept-snapshot", 14300, FIX_NONE, "1.00 GB" },
};

static void test_kinds(void **state)
{
	(void)state;
	audit_world_check(cases, sizeof(cases) / sizeof(cases[0]), FINDING_ANCHOR_MISSING, FINDING_CONTRADICTION);
}

/* It is ours, whatever its labels say. */
static void test_the_anchor_is_not_foreign(void **state)
{
	(void)state;
	struct audit_world world;
	audit_world_open(&world);
	anchor_relabelled(&world);
	audit_world_compare(&world);
	assert_int_equal(world.foreign.firewalls, 1);
	audit_world_close(&world);
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
	audit_other_fleet(&world);
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
	audit_off(&world);
	audit_protected(&world);
	audit_unrecorded(&world);
	assert_string_equal(audit_world_compare(&world), "unrecorded-server protected-server server-off");
	assert_int_equal(findings_monthly(&world.findings, &unknown), 2 * 8990000);
	assert_int_equal(unknown, 0);
	audit_rescaled(&world);
	audit_world_compare(&world);
	assert_int_equal(findings_monthly(&world.findings, &unknown), 8990000);
	assert_int_equal(unknown, 1);
	audit_world_close(&world);
}

/* By a server of a record, or by the operator's key: each alone. */
static void test_project_is_proven(void **state)
{
	(void)state;
	static void (*const one_gone[])(struct audit_world *) = { key_missing, audit_relabelled, audit_renamed,
								  audit_vanished };
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
	audit_relabelled(&world);
	audit_add_label(world.observed.ssh_keys[0].labels.fleet, "ffffffff");
	audit_world_compare(&world);
	assert_false(audit_proves_project(&world.input));
	audit_world_close(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_foreign_is_counted),
		cmocka_unit_test(test_the_anchor_is_not_foreign),
		cmocka_unit_test(test_total),
		cmocka_unit_test(test_project_is_proven),
	};
	return cmocka_run_group_tests_name("audit_project", tests, NULL, NULL);
}
