#include "audit_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "instance/names.h"

static void fill(struct record *record, const char *id)
{
	record_init(record);
	text_copy(record->id, sizeof(record->id), id);
	instance_server_name(id, record->server_name);
	snprintf(record->email, sizeof(record->email), "%s@example.com", id);
	text_copy(record->nonce, sizeof(record->nonce), NONCE);
	text_copy(record->server_type, sizeof(record->server_type), "cpx21");
	text_copy(record->server_ip, sizeof(record->server_ip), "192.0.2.7");
	text_copy(record->server_ipv6, sizeof(record->server_ipv6), "2001:db8:0:7::/64");
	text_copy(record->built_type, sizeof(record->built_type), "cx33");
	text_copy(record->location, sizeof(record->location), "fsn1");
	text_copy(record->host_key, sizeof(record->host_key), "ssh-ed25519 AAAA");
	text_copy(record->bootstrap_host_key, sizeof(record->bootstrap_host_key), "ssh-ed25519 BBBB");
	record->revision = 9;
	record->created_at = NOW - 4000;
	record->create_sent_at = NOW - 3990;
	record->server_id = 42;
	record->primary_ipv4_id = 11;
	record->primary_ipv6_id = 12;
	record->reachable_at = record->built_at = record->installed_at = NOW - 3700;
	record->verified_at = NOW - 3600;
	record->expires_at = record->box_expires_at = NOW + 3600;
	record->label_expires_at = NOW + 18000;
	record_add_payment(record, "", 2, NOW - 4000);
}

static void *grow(void *items, size_t *count, const void *item, size_t size)
{
	char *grown = memory_grow(items, *count + 1, size);
	memcpy(grown + *count * size, item, size);
	++*count;
	return grown;
}

#define ADD(items, count, ...) ((items) = grow((items), &(count), &(__typeof__(*(items)))__VA_ARGS__, sizeof(*(items))))

static void observe_project(struct observed *observed)
{
	ADD(observed->firewalls, observed->firewall_count, { .id = 9, .labels = { "ccc", FLEET, "", "", "" } });
	ADD(observed->firewalls, observed->firewall_count, { .id = 8, .name = "web" });
	ADD(observed->ssh_keys, observed->ssh_key_count, { .id = 5, .labels = { "ccc", FLEET, "", "", "" } });
	ADD(observed->ssh_keys, observed->ssh_key_count, { .id = 4, .name = "admin" });
	ADD(observed->primary_ips, observed->primary_ip_count,
	    { .id = 11, .ip = "192.0.2.7", .type = "ipv4", .location = "fsn1", .assignee = 42 });
	ADD(observed->primary_ips, observed->primary_ip_count,
	    { .id = 12, .ip = "2001:db8:0:7::/64", .type = "ipv6", .location = "fsn1", .assignee = 42 });
	ADD(observed->primary_ips, observed->primary_ip_count,
	    { .id = 13, .ip = "192.0.2.8", .type = "ipv4", .location = "fsn1", .assignee = 7 });
	ADD(observed->snapshots, observed->snapshot_count, { .id = 20, .size_mb = 1000 });
	ADD(observed->prices, observed->price_count, { "cx33", "fsn1", "8.4900000000" });
	ADD(observed->prices, observed->price_count, { "ipv4", "fsn1", "0.5000000000" });
	ADD(observed->prices, observed->price_count, { "snapshot", "", "0.0143000000" });
	text_copy(observed->currency, sizeof(observed->currency), "EUR");
	observed->files.operator_key = observed->files.operator_public_key = true;
	arguments_add(&observed->files.folders, "abc123");
	arguments_add(&observed->files.pinned, "abc123");
	arguments_add(&observed->files.locks, "abc123");
}

void audit_world_open(struct audit_world *world)
{
	struct observed *observed = &world->observed;
	*world = (struct audit_world){ .past = PAST_INIT, .findings = FINDINGS_INIT };
	fill(&world->records[0], "abc123");
	record_copy(&world->earlier[0], &world->records[0]);
	world->record_count = world->earlier_count = 1;
	audit_world_tell(world, &world->records[0], "verified");
	observed->anchor_seen = true;
	ADD(observed->servers, observed->server_count,
	    { .id = 42,
	      .name = "cc-abc123",
	      .status = "running",
	      .ipv4 = "192.0.2.7",
	      .ipv6 = "2001:db8:0:7::/64",
	      .ipv4_id = 11,
	      .ipv6_id = 12,
	      .type = "cx33",
	      .location = "fsn1",
	      .created = NOW - 3990,
	      .labels = { "ccc", FLEET, "abc123", NONCE, "1800018000" },
	      .attachments = { { 9, false } },
	      .attachment_count = 1 });
	ADD(observed->servers, observed->server_count,
	    { .id = 7, .name = "web", .status = "running", .type = "cx33", .location = "fsn1" });
	observe_project(observed);
}

void audit_world_close(struct audit_world *world)
{
	for (size_t i = 0; i < world->record_count; i++)
		record_release(&world->records[i]);
	for (size_t i = 0; i < world->earlier_count; i++)
		record_release(&world->earlier[i]);
	past_release(&world->past);
	observed_release(&world->observed);
	findings_release(&world->findings);
}

const char *audit_world_compare(struct audit_world *world)
{
	static char names[1024]; /* of one test at a time */
	world->input = (struct audit_input){
		.fleet = FLEET,
		.anchor = 9,
		.ssh_key = 5,
		.ssh_key_print = "aa:bb",
		.isolation = 10,
		.now = NOW,
		.earlier = world->earlier,
		.earlier_count = world->earlier_count,
		.records = world->records,
		.record_count = world->record_count,
		.past = &world->past,
		.observed = &world->observed,
	};
	findings_release(&world->findings);
	audit_compare(&world->input, &world->findings, &world->foreign);
	names[0] = '\0';
	for (size_t i = 0; i < world->findings.count; i++) {
		size_t end = strlen(names);
		snprintf(names + end, sizeof(names) - end, "%s%s", end ? " " : "",
			 finding_rules[world->findings.items[i].kind].name);
	}
	return names;
}

void audit_world_tell(struct audit_world *world, const struct record *record, const char *event)
{
	AUTO_JSON json_t *set = record_to_json(record);
	json_object_del(set, "revision");
	const struct history_line line = { NOW - 10, record->revision, 0, FLEET, record->id, event, "", set };
	past_add(&world->past, &line);
}

void audit_world_change(struct audit_world *world, void (*change)(struct record *record))
{
	change(&world->records[0]);
	change(&world->earlier[0]);
	audit_world_tell(world, &world->records[0], "changed");
}

void audit_world_forget(struct audit_world *world)
{
	audit_world_tell(world, &world->records[0], "forgotten");
	record_release(&world->records[0]);
	record_release(&world->earlier[0]);
	world->record_count = world->earlier_count = 0;
}

struct cloud_server *audit_world_server(struct audit_world *world, int64_t id)
{
	for (size_t i = 0; i < world->observed.server_count; i++)
		if (world->observed.servers[i].id == id)
			return &world->observed.servers[i];
	abort(); /* a test that asks for what is not there */
}

struct cloud_server *audit_world_add_server(struct audit_world *world, int64_t id)
{
	struct observed *observed = &world->observed;
	struct cloud_server copy = *audit_world_server(world, 42);
	copy.id = id;
	observed->servers = grow(observed->servers, &observed->server_count, &copy, sizeof(copy));
	return &observed->servers[observed->server_count - 1];
}

void audit_world_isolate(struct audit_world *world, int64_t id)
{
	struct observed *observed = &world->observed;
	struct cloud_server *server = audit_world_server(world, id);
	ADD(observed->firewalls, observed->firewall_count,
	    { .id = 10, .labels = { "ccc", FLEET, "", "", "", CLOUD_ROLE_ISOLATED } });
	server->attachments[0] = (struct cloud_attachment){ .firewall = 10 };
	server->attachment_count = 1;
}

void audit_world_drop_server(struct audit_world *world, int64_t id, enum presence look)
{
	struct observed *observed = &world->observed;
	struct cloud_server *server = audit_world_server(world, id);
	ADD(observed->looks, observed->look_count, { .id = id, .presence = look, .server = *server });
	*server = observed->servers[--observed->server_count];
}

struct record *audit_world_add_record(struct audit_world *world, const char *id)
{
	struct record *record = &world->records[world->record_count++];
	fill(record, id);
	record->server_id = 43;
	text_copy(record->nonce, sizeof(record->nonce), "ffeeddccbbaa99887766554433221100");
	record_copy(&world->earlier[world->earlier_count++], record);
	return record;
}

/* What holds for every finding: who must pay knows for what, who must act knows how. */
static void check_form(const struct finding *finding)
{
	assert_true(finding->monthly == 0 || (finding->thing != THING_NONE && finding->id != 0));
	if (strstr(finding->advice, " delete "))
		assert_true(finding->thing != THING_NONE && finding->id != 0);
	if (finding->fix == FIX_REMOVE || finding->fix == FIX_REMOVE_LOCK || finding->fix == FIX_SWEEP)
		assert_true(finding->name[0]);
	if (finding->fix == FIX_NONE && finding->kind != FINDING_SHORT_HISTORY)
		assert_true(finding->advice[0]);
}

static void check_first(const struct audit_case *given, const struct finding *first)
{
	if (first->monthly != given->monthly || first->fix != given->fix)
		fail_msg("%s: costs %lld, fix %d", given->name, (long long)first->monthly, (int)first->fix);
	if (given->says && !strstr(first->detail, given->says) && !strstr(first->advice, given->says))
		fail_msg("%s: '%s', '%s'", given->name, first->detail, first->advice);
}

static void check(const struct audit_case *given, bool *produced)
{
	struct audit_world world;
	audit_world_open(&world);
	if (given->change)
		given->change(&world);
	const char *found = audit_world_compare(&world);
	if (strcmp(found, given->found) != 0)
		fail_msg("%s: '%s' instead of '%s'", given->name, found, given->found);
	if (world.findings.count)
		check_first(given, &world.findings.items[0]);
	for (size_t i = 0; i < world.findings.count; i++) {
		check_form(&world.findings.items[i]);
		produced[world.findings.items[i].kind] = true;
	}
	audit_world_close(&world);
}

void audit_world_check(const struct audit_case *cases, size_t count, enum finding_kind first, enum finding_kind end)
{
	bool produced[FINDING_KIND_COUNT] = { false };
	for (size_t i = 0; i < count; i++)
		check(&cases[i], produced);
	for (enum finding_kind kind = first; kind < end; kind++)
		if (!produced[kind])
			fail_msg("no case gives '%s'", finding_rules[kind].name);
}
