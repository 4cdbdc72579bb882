/* Servers and their records: each kind of finding is there when it should be, alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "audit_changes.h"
#include "audit_world.h"
#include "base/text.h"

/* --- servers ----------------------------------------------------------------- */

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

static void unexplained_nonce(struct audit_world *world)
{
	audit_unrecorded(world);
	audit_add_label(audit_world_server(world, 43)->labels.nonce, ""); /* nothing proves that it is ours */
}

static void unexplained_long_nonce(struct audit_world *world)
{
	audit_unrecorded(world);
	audit_add_label(audit_world_server(world, 43)->labels.nonce, "00112233445566778899aabbccddeeff0");
}

static void unexplained_id(struct audit_world *world)
{
	audit_unrecorded(world);
	audit_add_label(audit_world_server(world, 43)->labels.instance, "DEF456");
}

static void unexplained_name(struct audit_world *world)
{
	audit_unrecorded(world);
	text_copy(audit_world_server(world, 43)->name, 256, "cc-fed654");
}

static void known_nonce_of_another(struct audit_world *world)
{
	audit_unrecorded(world);
	audit_add_label(audit_world_server(world, 43)->labels.nonce, NONCE);
}

static void another_nonce_of_known(struct audit_world *world)
{
	struct cloud_server *server = audit_world_add_server(world, 43);
	audit_add_label(server->labels.nonce, "n2");
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

static void other_manager(struct audit_world *world)
{
	audit_unrecorded(world);
	audit_add_label(audit_world_server(world, 43)->labels.managed_by, "terraform");
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
	audit_vanished(world);
	world->observed.look_count = 0;
}

static void confirmed(struct record *record)
{
	record->goal = GOAL_GONE;
	text_copy(record->reason, sizeof(record->reason), "expired");
	record->deleting_at = record->delete_confirmed_at = NOW;
}

static void undo_confirmation(struct record *record)
{
	record->delete_confirmed_at = 0;
}

static void undeleted(struct audit_world *world)
{
	audit_world_change(world, confirmed);
}

static void deleted(struct audit_world *world)
{
	undeleted(world);
	audit_vanished(world);
}

static void lost_fleet_label(struct audit_world *world)
{
	audit_add_label(audit_world_server(world, 42)->labels.fleet, "");
}

static void moved(struct audit_world *world)
{
	text_copy(audit_world_server(world, 42)->ipv4, 16, "192.0.2.9");
}

static void early_label(struct audit_world *world)
{
	audit_add_label(audit_world_server(world, 42)->labels.expires, "1800000001");
}

static void no_label(struct audit_world *world)
{
	audit_add_label(audit_world_server(world, 42)->labels.expires, "");
}

static void label_is_no_time(struct audit_world *world)
{
	audit_add_label(audit_world_server(world, 42)->labels.expires, "tomorrow");
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

static void no_firewall(struct audit_world *world)
{
	audit_world_server(world, 42)->attachment_count = 0;
}

static void other_firewall(struct audit_world *world)
{
	audit_world_server(world, 42)->attachments[0].firewall = 8;
}

static void two_firewalls(struct audit_world *world)
{
	struct cloud_server *server = audit_world_server(world, 42);
	server->attachments[server->attachment_count++].firewall = 8; /* the operator's own beside ours */
}

static void suspend(struct record *record)
{
	record->suspended_at = record->isolation_began_at = record->isolated_at = NOW - 100;
}

static void suspended(struct audit_world *world)
{
	audit_world_change(world, suspend);
	audit_world_server(world, 42)->attachments[0].firewall = 10;
}

static void suspended_and_open(struct audit_world *world)
{
	audit_world_change(world, suspend);
}

static void suspended_and_leaky(struct audit_world *world)
{
	suspended(world);
	two_firewalls(world);
}

static void being_suspended_record(struct record *record)
{
	suspend(record);
	record->isolated_at = 0;
}

static void being_suspended(struct audit_world *world)
{
	audit_world_change(world, being_suspended_record);
	no_firewall(world);
}

static void failed_record(struct record *record)
{
	record->attempts = 1;
	text_copy(record->last_error, sizeof(record->last_error), "no");
}

static void suspension_failed(struct audit_world *world)
{
	audit_world_change(world, being_suspended_record);
	audit_world_change(world, failed_record);
}

static void suspension_half_done(struct audit_world *world)
{
	suspension_failed(world);
	audit_world_isolate(world, 42);
	two_firewalls(world);
}

static void suspension_done_and_not_seen(struct audit_world *world)
{
	suspension_failed(world);
	audit_world_isolate(world, 42);
}

static void long_suspended_record(struct record *record)
{
	being_suspended_record(record);
	record->suspended_at = NOW - 300;
}

static void suspension_forgotten(struct audit_world *world)
{
	audit_world_change(world, long_suspended_record);
}

static void being_freed_record(struct record *record)
{
	record->isolation_began_at = NOW - 100;
}

static void being_freed(struct audit_world *world)
{
	audit_world_change(world, being_freed_record);
	no_firewall(world);
}

/* Server 43 is cut off by firewall 10, which is the fleet's isolating one unless it lets something in. */
static void unrecorded_and_cut_off(struct audit_world *world)
{
	audit_unrecorded(world);
	audit_world_isolate(world, 43);
}

static void unrecorded_and_cut_off_in_name(struct audit_world *world)
{
	unrecorded_and_cut_off(world);
	text_copy(world->observed.firewalls[world->observed.firewall_count - 1].changes, CLOUD_RULES_SIZE, "it leaks");
}

static void release_failed(struct audit_world *world)
{
	audit_world_change(world, being_freed_record);
	audit_world_change(world, failed_record);
	audit_world_isolate(world, 42);
}

static void release_done_and_not_seen(struct audit_world *world)
{
	audit_world_change(world, being_freed_record);
	audit_world_change(world, failed_record);
}

static void unrecorded_and_half_cut_off(struct audit_world *world)
{
	unrecorded_and_cut_off(world);
	struct cloud_server *server = audit_world_server(world, 43);
	server->attachments[server->attachment_count++].firewall = 9;
}

static void cut_off(struct audit_world *world)
{
	audit_world_isolate(world, 42);
}

static void cut_off_in_name(struct audit_world *world)
{
	cut_off(world);
	text_copy(world->observed.firewalls[world->observed.firewall_count - 1].changes, CLOUD_RULES_SIZE, "it leaks");
}

static void cut_off_and_adopted(struct audit_world *world)
{
	audit_adopted(world);
	cut_off(world);
}

static void ending_and_open(struct audit_world *world)
{
	audit_world_change(world, confirmed);
	audit_world_change(world, undo_confirmation);
	no_firewall(world);
}

static void adopted_overdue(struct audit_world *world)
{
	audit_adopted(world);
	world->records[0].expires_at = world->earlier[0].expires_at = NOW;
	audit_world_tell(world, &world->records[0], "changed");
}

static void adopt_without_expiry(struct record *record)
{
	audit_adopt(record);
	record->expires_at = record->label_expires_at = 0;
}

static void adopted_without_expiry(struct audit_world *world)
{
	audit_world_change(world, adopt_without_expiry);
}

static void accept(struct record *record)
{
	audit_adopt(record);
	record->accepted_at = NOW;
	record->verified_at = record->created_at;
}

static void accepted(struct audit_world *world)
{
	audit_world_change(world, accept);
}

static const struct audit_case cases[] = {
	{ "in order", NULL, "", 0, FIX_NONE, NULL },
	{ "ended, and the server is there", audit_world_forget, "leaked-server", 8990000, FIX_END,
	  "instance abc123 ended at 2027-01-15T07:59:50Z" },
	{ "ended without an id", leaked_without_id, "leaked-server", 8990000, FIX_END, NULL },
	{ "ended, another server", leaked_other_server, "unexplained-server", 8990000, FIX_NONE,
	  "the server of instance abc123 was 42" },
	{ "ended, another name", leaked_other_name, "unexplained-server", 8990000, FIX_NONE, NULL },
	{ "forgotten while we look", being_forgotten, "", 0, FIX_NONE, NULL },
	{ "made while we look", being_made, "", 0, FIX_NONE, NULL },
	{ "unrecorded", audit_unrecorded, "unrecorded-server", 8990000, FIX_ADOPT, NULL },
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
	{ "another fleet", audit_other_fleet, "", 0, FIX_NONE, NULL },
	{ "another tool", other_manager, "", 0, FIX_NONE, NULL },
	{ "vanished", audit_vanished, "vanished-server", 0, FIX_NONE, "ccc deprovision abc123" },
	{ "missing in the list", missing_in_list, "", 0, FIX_NONE, NULL },
	{ "nobody knows", missing_unknown, "", 0, FIX_NONE, NULL },
	{ "not looked up", missing_not_looked_up, "", 0, FIX_NONE, NULL },
	{ "delete confirmed, and there", undeleted, "undeleted-server", 8990000, FIX_NONE, "hcloud server delete 42" },
	{ "deleted", deleted, "", 0, FIX_NONE, NULL },
	{ "labels gone", audit_relabelled, "relabelled-server", 8990000, FIX_NONE,
	  "hcloud server add-label --overwrite 42 ccc-nonce=0011" },
	{ "fleet label gone", lost_fleet_label, "relabelled-server", 8990000, FIX_NONE, NULL },
	{ "renamed", audit_renamed, "renamed-server", 8990000, FIX_NONE, "hcloud server update --name cc-abc123 42" },
	{ "protected", audit_protected, "protected-server", 8990000, FIX_NONE,
	  "hcloud server disable-protection 42 delete rebuild" },
	{ "off", audit_off, "server-off", 8990000, FIX_NONE, "hcloud server poweron 42" },
	{ "another address", moved, "changed-address", 8990000, FIX_NONE, "hcloud server describe 42" },
	{ "another type", audit_rescaled, "rescaled-server", MONEY_UNKNOWN, FIX_NONE, "hcloud server describe 42" },
	{ "label too early", early_label, "stale-label", 8990000, FIX_NONE,
	  "hcloud server add-label --overwrite 42 ccc-expires=1800018000" },
	{ "label too early, as people read it", early_label, "stale-label", 8990000, FIX_NONE,
	  "label until 2027-01-15T08:00:01Z (1800000001), recorded as 2027-01-15T13:00:00Z" },
	{ "a label that is no time", label_is_no_time, "stale-label", 8990000, FIX_NONE, "label until 'tomorrow'" },
	{ "no expiry in the labels", no_label, "stale-label", 8990000, FIX_NONE, NULL },
	{ "a raised label undone", raised_label_undone, "stale-label", 8990000, FIX_NONE, NULL },
	{ "label about to be raised", label_on_its_way, "", 0, FIX_NONE, NULL },
	{ "no firewall", no_firewall, "open-server", 8990000, FIX_NONE,
	  "hcloud firewall apply-to-resource --type server --server 42 9" },
	{ "another firewall", other_firewall, "open-server", 8990000, FIX_NONE, "it lacks firewall 9" },
	{ "one more firewall", two_firewalls, "", 0, FIX_NONE, NULL },
	{ "suspended", suspended, "", 0, FIX_NONE, NULL },
	{ "suspended and open", suspended_and_open, "open-server", 8990000, FIX_NONE, "--server 42 10" },
	{ "suspended and leaky", suspended_and_leaky, "open-server", 8990000, FIX_NONE,
	  "hcloud firewall remove-from-resource --type server --server 42 8" },
	{ "suspended and leaky, in words", suspended_and_leaky, "open-server", 8990000, FIX_NONE,
	  "it has firewall 8 beside the isolating one, and their rules add up" },
	{ "being suspended", being_suspended, "", 0, FIX_NONE, NULL },
	{ "not suspended for a failure", suspension_failed, "suspension-pending", 8990000, FIX_NONE,
	  "to be cut off from the network, not yet: no" },
	{ "half suspended", suspension_half_done, "suspension-pending", 8990000, FIX_NONE, "ccc resume abc123" },
	{ "suspended, and nobody saw it", suspension_done_and_not_seen, "", 0, FIX_NONE, NULL },
	{ "not suspended for long", suspension_forgotten, "suspension-pending", 8990000, FIX_NONE,
	  "to be cut off from the network, not yet" },
	{ "not given back for a failure", release_failed, "suspension-pending", 8990000, FIX_NONE,
	  "to have its network back, not yet: no" },
	{ "given back, and nobody saw it", release_done_and_not_seen, "", 0, FIX_NONE, NULL },
	{ "being given back", being_freed, "", 0, FIX_NONE, NULL },
	{ "unrecorded, and cut off", unrecorded_and_cut_off, "unrecorded-server", 8990000, FIX_ADOPT,
	  "it is cut off by the isolating firewall, so it is adopted as suspended" },
	{ "unrecorded, and half cut off", unrecorded_and_half_cut_off, "unrecorded-server", 8990000, FIX_ADOPT,
	  "host key can't be known" },
	{ "cut off, and not suspended", cut_off, "cut-off-server", 8990000, FIX_NONE, "ccc suspend abc123" },
	{ "cut off by name only", cut_off_in_name, "open-server leaky-isolation", 8990000, FIX_NONE, "--server 42 9" },
	{ "unrecorded, and cut off by name only", unrecorded_and_cut_off_in_name, "unrecorded-server leaky-isolation",
	  8990000, FIX_ADOPT, "host key can't be known" },
	{ "cut off, not suspended, adopted", cut_off_and_adopted, "cut-off-server adopted", 8990000, FIX_NONE,
	  "ccc extend abc123 --hours H" },
	{ "ending, and open", ending_and_open, "", 0, FIX_NONE, NULL },
	{ "adopted", audit_adopted, "adopted", 8990000, FIX_ACCEPT, "until 2027-01-15T13:00:00Z" },
	{ "adopted without an expiry", adopted_without_expiry, "adopted", 8990000, FIX_NONE, "ccc extend abc123" },
	{ "adopted and over", adopted_overdue, "adopted-overdue", 8990000, FIX_ACCEPT,
	  "over since 2027-01-15T08:00:00Z" },
	{ "adopted and accepted", accepted, "", 0, FIX_NONE, NULL },
};

static void test_kinds(void **state)
{
	(void)state;
	audit_world_check(cases, sizeof(cases) / sizeof(cases[0]), FINDING_LEAKED_SERVER, FINDING_ANCHOR_MISSING);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
	};
	return cmocka_run_group_tests_name("audit_servers", tests, NULL, NULL);
}
