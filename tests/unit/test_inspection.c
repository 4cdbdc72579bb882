/*
 * A look while others go on: what is made or ended meanwhile is no finding, and neither is
 * what a list lacks. The cloud is played by the test, which changes the state in between.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "lifecycle/commit.h"
#include "lifecycle/inspection.h"
#include "system/durable_file.h"

#define NOW   INT64_C(1800000000)
#define FLEET "0123abcd"

struct played_cloud {
	struct cloud cloud; /* first */
	struct fixture *fixture;
	struct cloud_server servers[2];
	size_t server_count;
	enum presence look, anchor;
	bool look_fails;
	void (*meanwhile)(struct fixture *fixture); /* called when the servers are listed */
};

struct fixture {
	struct system *system;
	struct loop *loop;
	struct store *store;
	char directory[64];
	struct played_cloud played;
};

/* --- the cloud ------------------------------------------------------------------ */

static const struct cloud_firewall anchor = { .id = 9, .labels = { .managed_by = "ccc", .fleet = FLEET } };
static const struct cloud_ssh_key operator_key = { .id = 5, .labels = { .managed_by = "ccc", .fleet = FLEET } };

static struct cloud_server server(const char *id)
{
	struct cloud_server server = { .id = 42, .status = "running", .ipv4 = "192.0.2.7", .type = "cx33" };
	snprintf(server.name, sizeof(server.name), "cc-%s", id);
	server.labels = (struct cloud_labels){ .managed_by = "ccc", .fleet = FLEET, .expires = "4000000000" };
	text_copy(server.labels.instance, sizeof(server.labels.instance), id);
	text_copy(server.labels.nonce, sizeof(server.labels.nonce), id);
	server.attachments[server.attachment_count++].firewall = 9;
	return server;
}

static void play_anchor(struct cloud *cloud, int64_t id, cloud_done_fn *done, void *data)
{
	const struct played_cloud *played = (const struct played_cloud *)cloud;
	struct cloud_reply reply = { .presence = played->anchor, .firewalls = &anchor, .firewall_count = 1 };
	assert_int_equal(id, 9);
	if (played->anchor != PRESENCE_PRESENT)
		reply.firewall_count = 0;
	done(data, &reply);
}

static void play_servers(struct cloud *cloud, const char *fleet, cloud_done_fn *done, void *data)
{
	struct played_cloud *played = (struct played_cloud *)cloud;
	const struct cloud_reply reply = { .servers = played->servers, .server_count = played->server_count };
	assert_null(fleet);
	if (played->meanwhile)
		played->meanwhile(played->fixture);
	done(data, &reply);
}

static void play_server(struct cloud *cloud, int64_t id, cloud_done_fn *done, void *data)
{
	const struct played_cloud *played = (const struct played_cloud *)cloud;
	const struct error error = { .kind = ERROR_REMOTE, .message = "later" };
	const struct cloud_server seen = server("abc123");
	struct cloud_reply reply = { .presence = played->look, .servers = &seen, .server_count = 1 };
	assert_int_equal(id, 42);
	if (played->look_fails)
		reply = (struct cloud_reply){ .error = &error };
	done(data, &reply);
}

static void play_firewalls(struct cloud *cloud, const char *fleet, cloud_done_fn *done, void *data)
{
	const struct played_cloud *played = (const struct played_cloud *)cloud;
	(void)fleet;
	const struct cloud_reply reply = { .firewalls = &anchor,
					   .firewall_count = played->anchor == PRESENCE_PRESENT ? 1 : 0 };
	done(data, &reply);
}

static void play_keys(struct cloud *cloud, cloud_done_fn *done, void *data)
{
	(void)cloud;
	const struct cloud_reply reply = { .ssh_keys = &operator_key, .ssh_key_count = 1 };
	done(data, &reply);
}

static void play_nothing(struct cloud *cloud, cloud_done_fn *done, void *data)
{
	(void)cloud;
	const struct cloud_reply reply = { .currency = "EUR" };
	done(data, &reply);
}

static const struct cloud_driver driver = {
	.get_firewall = play_anchor,
	.list_servers = play_servers,
	.get_server = play_server,
	.list_firewalls = play_firewalls,
	.list_ssh_keys = play_keys,
	.list_primary_ips = play_nothing,
	.list_snapshots = play_nothing,
	.list_prices = play_nothing,
};

/* --- the state ------------------------------------------------------------------- */

static int register_fleet(struct transaction *transaction, void *data, struct error *err)
{
	(void)data;
	(void)err;
	transaction_state(transaction)->fleet.anchor = 9;
	transaction_state(transaction)->fleet.ssh_key = 5;
	return 0;
}

static int add_record(struct transaction *transaction, void *data, struct error *err)
{
	struct record record;
	const char *id = data;
	(void)err;
	record_init(&record);
	text_copy(record.id, sizeof(record.id), id);
	text_copy(record.nonce, sizeof(record.nonce), id);
	snprintf(record.server_name, sizeof(record.server_name), "cc-%s", id);
	text_copy(record.server_type, sizeof(record.server_type), "cpx21");
	text_copy(record.server_ip, sizeof(record.server_ip), "192.0.2.7");
	snprintf(record.email, sizeof(record.email), "%s@example.com", id);
	record.created_at = record.create_sent_at = NOW;
	record.server_id = 42;
	record_add_payment(&record, "", 1, NOW);
	struct record *added = transaction_add(transaction, &record);
	transaction_note(transaction, added, "requested", "");
	transaction_note(transaction, added, "created", "");
	record_release(&record);
	return 0;
}

static int forget_record(struct transaction *transaction, void *data, struct error *err)
{
	(void)err;
	transaction_remove(transaction, transaction_find(transaction, data), "forgotten");
	return 0;
}

static void change(struct fixture *fixture, commit_change_fn *fn, char *id)
{
	struct error error = ERROR_INIT;
	if (commit_now(fixture->loop, fixture->store, fn, id, &error) < 0)
		fail_msg("%s", error.message);
}

static char abc123[] = "abc123", def456[] = "def456";

static void make_def456(struct fixture *fixture)
{
	change(fixture, add_record, def456);
}

static void forget_abc123(struct fixture *fixture)
{
	change(fixture, forget_record, abc123);
}

static int make_key_file(struct fixture *fixture, const char *name)
{
	char path[256];
	struct error error = ERROR_INIT;
	snprintf(path, sizeof(path), "%s/keys/%s", fixture->directory, name);
	return file_replace(fixture->system, path, "key", 3, 0600, &error);
}

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	struct error error = ERROR_INIT;
	snprintf(fixture->directory, sizeof(fixture->directory), "/tmp/ccc-test-inspection.XXXXXX");
	if (!mkdtemp(fixture->directory))
		return -1;
	fixture->system = system_new();
	fixture->loop = loop_new(fixture->system);
	*state = fixture;
	if (store_create(fixture->system, fixture->directory, FLEET, 0, NOW, &error) < 0 ||
	    store_open(fixture->system, fixture->directory, &fixture->store, &error) < 0 ||
	    make_key_file(fixture, "operator") < 0 || make_key_file(fixture, "operator.pub") < 0)
		return -1;
	change(fixture, register_fleet, NULL);
	change(fixture, add_record, abc123);
	fixture->played = (struct played_cloud){ .cloud = { &driver },
						 .fixture = fixture,
						 .servers = { server("abc123") },
						 .server_count = 1,
						 .anchor = PRESENCE_PRESENT,
						 .look = PRESENCE_ABSENT };
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;
	struct error error = ERROR_INIT;
	store_close(fixture->store);
	int result = directory_remove_tree(fixture->system, fixture->directory, &error);
	loop_free(fixture->loop);
	system_free(fixture->system);
	free(fixture);
	return result;
}

static const char *look(struct fixture *fixture)
{
	static char names[256];
	struct inspection inspection;
	struct error error = ERROR_INIT;
	if (inspection_make(fixture->loop, fixture->store, &fixture->played.cloud, &inspection, &error) < 0)
		return error.kind == ERROR_REMOTE ? "remote error" : "error";
	names[0] = '\0';
	for (size_t i = 0; i < inspection.findings.count; i++)
		snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s%s", i ? " " : "",
			 finding_rules[inspection.findings.items[i].kind].name);
	inspection_release(&inspection);
	return names;
}

/* --- the tests --------------------------------------------------------------------- */

static void test_in_order(void **state)
{
	assert_string_equal(look(*state), "");
}

static void test_files_of_the_operator(void **state)
{
	struct fixture *fixture = *state;
	char path[256];
	struct error error = ERROR_INIT;
	snprintf(path, sizeof(path), "%s/keys/operator.pub", fixture->directory);
	assert_int_equal(file_remove(fixture->system, path, &error), 0);
	assert_string_equal(look(fixture), "operator-file-missing");
}

static void test_a_list_is_not_enough(void **state)
{
	struct fixture *fixture = *state;
	fixture->played.server_count = 0;
	fixture->played.look = PRESENCE_PRESENT; /* the list was late */
	assert_string_equal(look(fixture), "");
	fixture->played.look = PRESENCE_ABSENT;
	assert_string_equal(look(fixture), "vanished-server");
	fixture->played.look_fails = true;
	assert_string_equal(look(fixture), "remote error");
}

static void test_absent_only_beside_the_anchor(void **state)
{
	struct fixture *fixture = *state;
	fixture->played.server_count = 0;
	fixture->played.anchor = PRESENCE_ABSENT;
	assert_string_equal(look(fixture), "anchor-missing"); /* the operator's key proves the project */
}

static void test_made_meanwhile(void **state)
{
	struct fixture *fixture = *state;
	change(fixture, forget_record, abc123);
	fixture->played.servers[0] = server("def456");
	fixture->played.meanwhile = make_def456;
	assert_string_equal(look(fixture), "");
}

static void test_ended_meanwhile(void **state)
{
	struct fixture *fixture = *state;
	fixture->played.meanwhile = forget_abc123;
	assert_string_equal(look(fixture), "");
	fixture->played.meanwhile = NULL; /* a look that began after it */
	assert_string_equal(look(fixture), "leaked-server");
}

static void make_strays(struct fixture *fixture)
{
	static const char *const names[] = { "locks/def456", ".instances.json.1a2b3c4d.tmp",
					     "instances/abc123/.known_hosts.1a2b3c4d.tmp" };
	struct error error = ERROR_INIT;
	char path[160];
	assert_int_equal(store_make_instance_directory(fixture->store, abc123, &error), 0);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", fixture->directory, names[i]);
		FILE *file = fopen(path, "w");
		assert_non_null(file);
		fclose(file);
	}
	snprintf(path, sizeof(path), "%s/instances/fedcba", fixture->directory);
	assert_int_equal(directory_make(fixture->system, path, 0700, &error), 0);
}

/* What somebody is just writing is there once, not twice. */
static void test_files_of_others_at_work(void **state)
{
	struct fixture *fixture = *state;
	fixture->played.meanwhile = make_strays;
	assert_string_equal(look(fixture), "");
	fixture->played.meanwhile = NULL;
	assert_string_equal(look(fixture), "stray-folder stray-lock stray-temporary stray-temporary");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_in_order, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_files_of_the_operator, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_list_is_not_enough, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_absent_only_beside_the_anchor, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_made_meanwhile, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_ended_meanwhile, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_files_of_others_at_work, set_up, tear_down),
	};
	return cmocka_run_group_tests_name("inspection", tests, NULL, NULL);
}
