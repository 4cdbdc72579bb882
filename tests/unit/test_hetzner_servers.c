/* What exactly the REST driver sends for each call of cloud.h, and what it makes of good answers. */
#include "hetzner_world.h"

static void test_create(void **state)
{
	(void)state;
	AUTO_FREE char *server = server_json(42, "cc-abc123");
	AUTO_TEXT struct text body = TEXT_INIT(8192);
	const int64_t keys[] = { 1000, 1001 };
	struct heard heard = { 0 };
	struct world world;
	text_addf(
		&body,
		"{\"server\": %s, \"action\": {\"id\": 7, \"status\": \"running\"}, \"next_actions\": [{\"id\": \"8\", "
		"\"status\": \"running\"}], \"root_password\": null}",
		server);
	const struct scripted_step step = { .status = 201, .body = text_string(&body) };
	const struct cloud_order order = { .name = "cc-abc123",
					   .type = "cpx22",
					   .location = "fsn1",
					   .image = "debian-12",
					   .user_data = "#cloud-config\n{\"a\": \"\\n\"}\n",
					   .ssh_keys = keys,
					   .ssh_key_count = 2,
					   .firewall = 9007199254740991,
					   .labels = { "ccc", "f1", "abc123", "n1", "1769076000", "" } };
	world_open(&world, &step, 1);
	cloud_create_server(world.cloud, &order, hear, &heard);
	wait_until_heard(&world, &heard);
	assert_request(&world, 0, "POST /v1/servers");
	AUTO_JSON json_t *sent = sent_body(&world, 0);
	assert_json(
		sent,
		"{\"name\": \"cc-abc123\", \"server_type\": \"cpx22\", \"location\": \"fsn1\", \"image\": "
		"\"debian-12\", \"user_data\": \"#cloud-config\\n{\\\"a\\\": \\\"\\\\n\\\"}\\n\", \"ssh_keys\": [1000, "
		"1001], \"firewalls\": [{\"firewall\": 9007199254740991}], \"start_after_create\": true, "
		"\"public_net\": {\"enable_ipv4\": true, \"enable_ipv6\": true}, \"labels\": {\"managed-by\": \"ccc\", "
		"\"ccc-fleet\": \"f1\", \"ccc-instance\": \"abc123\", \"ccc-nonce\": \"n1\", \"ccc-expires\": "
		"\"1769076000\"}}");
	assert_int_equal(heard.error.kind, ERROR_NONE);
	assert_int_equal(heard.server_count, 1);
	assert_int_equal(heard.servers[0].id, 42);
	assert_int_equal(heard.action_count, 2);
	assert_int_equal(heard.actions[0], 7);
	assert_int_equal(heard.actions[1], 8);
	world_close(&world);
}

static void test_get_and_label(void **state)
{
	(void)state;
	AUTO_FREE char *server = server_json(42, "cc-abc123");
	AUTO_TEXT struct text body = TEXT_INIT(8192);
	const struct cloud_labels labels = { "ccc", "f1", "abc123", "n1", "", "" };
	struct heard got = { 0 }, labelled = { 0 };
	struct world world;
	text_addf(&body, "{\"server\": %s}", server);
	const struct scripted_step steps[] = { { .status = 200, .body = text_string(&body) },
					       { .status = 200, .body = text_string(&body) } };
	world_open(&world, steps, 2);
	cloud_get_server(world.cloud, 42, hear, &got);
	wait_until_heard(&world, &got);
	assert_request(&world, 0, "GET /v1/servers/42");
	assert_int_equal(got.presence, PRESENCE_PRESENT);
	assert_true(cloud_server_matches(&got.servers[0], "cc-abc123", "f1", "abc123", "n1"));
	cloud_label_server(world.cloud, 42, &labels, hear, &labelled);
	wait_until_heard(&world, &labelled);
	assert_request(&world, 1, "PUT /v1/servers/42");
	AUTO_JSON json_t *sent = sent_body(&world, 1);
	assert_json(sent, "{\"labels\": {\"managed-by\": \"ccc\", \"ccc-fleet\": \"f1\", \"ccc-instance\": \"abc123\", "
			  "\"ccc-nonce\": \"n1\"}}");
	assert_int_equal(labelled.error.kind, ERROR_NONE);
	world_close(&world);
}

static void test_rebuild(void **state)
{
	(void)state;
	const struct scripted_step step = { .status = 201,
					    .body = "{\"action\": {\"id\": 7, \"status\": \"running\"}, "
						    "\"root_password\": null}" };
	struct heard heard = { 0 };
	struct world world;
	world_open(&world, &step, 1);
	cloud_rebuild_server(world.cloud, 42, "debian-12", hear, &heard);
	wait_until_heard(&world, &heard);
	assert_request(&world, 0, "POST /v1/servers/42/actions/rebuild");
	AUTO_JSON json_t *sent = sent_body(&world, 0);
	assert_json(sent, "{\"image\": \"debian-12\"}"); /* no user data: the server's own is used again */
	assert_int_equal(heard.error.kind, ERROR_NONE);
	assert_int_equal(heard.action_count, 1);
	assert_int_equal(heard.actions[0], 7);
	world_close(&world);
}

/* A label that can't be set since the server is gone is an error, not a quiet "absent". */
static void test_label_of_a_server_that_is_gone(void **state)
{
	(void)state;
	const struct scripted_step step = { .status = 404,
					    .body = "{\"error\": {\"code\": \"not_found\", \"message\": \"gone\"}}" };
	const struct cloud_labels labels = { "ccc", "f1", "abc123", "n1", "", "" };
	struct heard heard = { 0 };
	struct world world;
	world_open(&world, &step, 1);
	cloud_label_server(world.cloud, 42, &labels, hear, &heard);
	wait_until_heard(&world, &heard);
	assert_string_equal(heard.error.code, "not_found");
	world_close(&world);
}

/* Asked for one server and given another: nothing may rest on that. */
static void test_get_answers_another_server(void **state)
{
	(void)state;
	AUTO_FREE char *server = server_json(43, "cc-other");
	AUTO_TEXT struct text body = TEXT_INIT(8192);
	struct heard heard = { 0 };
	struct world world;
	text_addf(&body, "{\"server\": %s}", server);
	const struct scripted_step step = { .status = 200, .body = text_string(&body) };
	world_open(&world, &step, 1);
	cloud_get_server(world.cloud, 42, hear, &heard);
	wait_until_heard(&world, &heard);
	assert_int_equal(heard.error.kind, ERROR_REMOTE);
	world_close(&world);
}

#define PAGINATION(total)                                                                                              \
	"\"meta\": {\"pagination\": {\"page\": 1, \"per_page\": 50, \"next_page\": null, \"total_entries\": " #total   \
	"}}"

static void test_find(void **state)
{
	(void)state;
	AUTO_FREE char *server = server_json(42, "cc-abc123");
	AUTO_TEXT struct text body = TEXT_INIT(8192);
	struct heard found = { 0 }, none = { 0 }, other = { 0 };
	struct world world;
	text_addf(&body, "{\"servers\": [%s], " PAGINATION(1) "}", server);
	const struct scripted_step steps[] = { { .status = 200, .body = text_string(&body) },
					       { .status = 200, .body = "{\"servers\": [], " PAGINATION(0) "}" },
					       { .status = 200, .body = text_string(&body) } };
	world_open(&world, steps, 3);
	cloud_find_server(world.cloud, "cc-abc123", hear, &found);
	wait_until_heard(&world, &found);
	assert_int_equal(strncmp(scripted_server_request(world.server, 0), "GET /v1/servers?name=cc-abc123", 30), 0);
	assert_int_equal(found.presence, PRESENCE_PRESENT);
	assert_int_equal(found.servers[0].id, 42);
	cloud_find_server(world.cloud, "cc-abc123", hear, &none);
	wait_until_heard(&world, &none);
	assert_int_equal(none.presence, PRESENCE_ABSENT);
	cloud_find_server(world.cloud, "cc-zzz999", hear, &other); /* an API that ignores the filter */
	wait_until_heard(&world, &other);
	assert_int_equal(other.error.kind, ERROR_REMOTE);
	world_close(&world);
}

static void test_ssh_keys(void **state)
{
	(void)state;
	const char *key =
		"{\"ssh_keys\": [{\"id\": 5, \"name\": \"k\", \"fingerprint\": \"aa:bb\"}], " PAGINATION(1) "}";
	const struct scripted_step steps[] = {
		{ .status = 200, .body = key },
		{ .status = 200, .body = "{\"ssh_keys\": [], " PAGINATION(0) "}" },
		{ .status = 200, .body = key },
		{ .status = 201, .body = "{\"ssh_key\": {\"id\": 6, \"name\": \"n\", \"fingerprint\": \"aa:bb\"}}" },
	};
	struct heard found = { 0 }, none = { 0 }, other = { 0 }, made = { 0 };
	struct world world;
	world_open(&world, steps, 4);
	cloud_find_ssh_key(world.cloud, "aa:bb", hear, &found);
	wait_until_heard(&world, &found);
	assert_non_null(strstr(scripted_server_request(world.server, 0), "/v1/ssh_keys?fingerprint=aa%3Abb"));
	assert_int_equal(found.presence, PRESENCE_PRESENT);
	assert_int_equal(found.ssh_key.id, 5);
	cloud_find_ssh_key(world.cloud, "aa:bb", hear, &none);
	wait_until_heard(&world, &none);
	assert_int_equal(none.presence, PRESENCE_ABSENT);
	/* an API that ignores the filter must not give somebody else's key root on our machines */
	cloud_find_ssh_key(world.cloud, "cc:dd", hear, &other);
	wait_until_heard(&world, &other);
	assert_int_equal(other.error.kind, ERROR_REMOTE);
	cloud_create_ssh_key(world.cloud, "n", "f1", "ssh-ed25519 AAAA", hear, &made);
	wait_until_heard(&world, &made);
	assert_request(&world, 3, "POST /v1/ssh_keys");
	AUTO_JSON json_t *sent = sent_body(&world, 3);
	assert_json(sent,
		    "{\"name\": \"n\", \"public_key\": \"ssh-ed25519 AAAA\", \"labels\": {\"managed-by\": \"ccc\", "
		    "\"ccc-fleet\": \"f1\"}}");
	assert_int_equal(made.created_id, 6);
	world_close(&world);
}

static void test_firewalls(void **state)
{
	(void)state;
#define FIREWALL "{\"id\": 9, \"name\": \"fw\", \"labels\": {\"managed-by\": \"ccc\", \"ccc-fleet\": \"f1\"}}"
	const struct scripted_step steps[] = {
		{ .status = 200, .body = "{\"firewall\": " FIREWALL "}" },
		{ .status = 404, .body = "{\"error\": {\"code\": \"not_found\", \"message\": \"gone\"}}" },
		{ .status = 200, .body = "{\"firewalls\": [" FIREWALL "], " PAGINATION(1) "}" },
		{ .status = 201, .body = "{\"firewall\": " FIREWALL ", \"actions\": []}" },
	};
	struct heard got = { 0 }, gone = { 0 }, listed = { 0 }, made = { 0 };
	struct world world;
	world_open(&world, steps, 4);
	cloud_get_firewall(world.cloud, 9, hear, &got);
	wait_until_heard(&world, &got);
	assert_request(&world, 0, "GET /v1/firewalls/9");
	assert_int_equal(got.presence, PRESENCE_PRESENT);
	assert_string_equal(got.firewall.labels.fleet, "f1");
	cloud_get_firewall(world.cloud, 9, hear, &gone);
	wait_until_heard(&world, &gone);
	assert_int_equal(gone.error.kind, ERROR_NONE);
	assert_int_equal(gone.presence, PRESENCE_ABSENT);
	cloud_list_firewalls(world.cloud, "f1", hear, &listed);
	wait_until_heard(&world, &listed);
	assert_non_null(strstr(scripted_server_request(world.server, 2),
			       "/v1/firewalls?label_selector=managed-by%3Dccc%2Cccc-fleet%3Df1"));
	assert_int_equal(listed.firewall_count, 1);
	assert_int_equal(listed.firewall.id, 9);
	cloud_create_firewall(world.cloud, "fw", "f1", hear, &made);
	wait_until_heard(&world, &made);
	assert_request(&world, 3, "POST /v1/firewalls");
	AUTO_JSON json_t *sent = sent_body(&world, 3);
	assert_json(json_object_get(sent, "name"), "\"fw\"");
	assert_json(json_object_get(sent, "labels"), "{\"managed-by\": \"ccc\", \"ccc-fleet\": \"f1\"}");
	assert_true(json_array_size(json_object_get(sent, "rules")) >= 6);
	assert_int_equal(made.created_id, 9);
	world_close(&world);
}

static void test_server_matches(void **state)
{
	(void)state;
	const struct cloud_server ours = { .name = "cc-abc123", .labels = { "ccc", "f1", "abc123", "n1", "1", "" } };
	struct cloud_server foreign = ours, unlabelled = { .name = "cc-abc123" };
	assert_true(cloud_server_matches(&ours, "cc-abc123", "f1", "abc123", "n1"));
	assert_false(cloud_server_matches(&ours, "cc-abc123", "f2", "abc123", "n1"));
	assert_false(cloud_server_matches(&ours, "cc-abc123", "f1", "abc124", "n1"));
	assert_false(cloud_server_matches(&ours, "cc-abc123", "f1", "abc123", "n2"));
	assert_false(cloud_server_matches(&ours, "cc-abc124", "f1", "abc123", "n1")); /* copied labels */
	text_copy(foreign.labels.managed_by, sizeof(foreign.labels.managed_by), "terraform");
	assert_false(cloud_server_matches(&foreign, "cc-abc123", "f1", "abc123", "n1"));
	text_copy(unlabelled.labels.managed_by, sizeof(unlabelled.labels.managed_by), "ccc");
	/* a record without a nonce names no server */
	assert_false(cloud_server_matches(&unlabelled, "cc-abc123", "", "", ""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_create),
		cmocka_unit_test(test_get_and_label),
		cmocka_unit_test(test_rebuild),
		cmocka_unit_test(test_label_of_a_server_that_is_gone),
		cmocka_unit_test(test_get_answers_another_server),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_ssh_keys),
		cmocka_unit_test(test_firewalls),
		cmocka_unit_test(test_server_matches),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
