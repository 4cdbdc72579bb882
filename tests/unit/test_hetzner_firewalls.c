/* Firewalls that are put on a server and taken off, and the one that isolates. */
#include "hetzner_world.h"

#define ACTIONS(id) "{\"actions\": [{\"id\": " id ", \"status\": \"running\"}]}"

static void test_apply_and_remove(void **state)
{
	(void)state;
	const struct scripted_step steps[] = {
		{ .status = 201, .body = ACTIONS("71") },
		{ .status = 201, .body = ACTIONS("72") },
	};
	struct heard applied = { 0 }, removed = { 0 };
	struct world world;
	world_open(&world, steps, 2);
	cloud_apply_firewall(world.cloud, 9007199254740991, 42, hear, &applied);
	wait_until_heard(&world, &applied);
	assert_request(&world, 0, "POST /v1/firewalls/9007199254740991/actions/apply_to_resources");
	AUTO_JSON json_t *sent = sent_body(&world, 0);
	assert_json(sent, "{\"apply_to\": [{\"type\": \"server\", \"server\": {\"id\": 42}}]}");
	assert_int_equal(applied.error.kind, ERROR_NONE);
	assert_int_equal(applied.action_count, 1);
	assert_int_equal(applied.actions[0], 71);
	cloud_remove_firewall(world.cloud, 8, 42, hear, &removed);
	wait_until_heard(&world, &removed);
	assert_request(&world, 1, "POST /v1/firewalls/8/actions/remove_from_resources");
	AUTO_JSON json_t *taken = sent_body(&world, 1);
	assert_json(taken, "{\"remove_from\": [{\"type\": \"server\", \"server\": {\"id\": 42}}]}");
	assert_int_equal(removed.actions[0], 72);
	world_close(&world);
}

static void test_refused_or_lost(void **state)
{
	(void)state;
	const struct scripted_step steps[] = {
		{ .status = 422,
		  .body = "{\"error\": {\"code\": \"firewall_already_applied\", \"message\": \"it is\"}}" },
		{ .kind = CLOSE },
	};
	struct heard refused = { 0 }, lost = { 0 };
	struct world world;
	world_open(&world, steps, 2);
	cloud_apply_firewall(world.cloud, 9, 42, hear, &refused);
	wait_until_heard(&world, &refused);
	assert_int_equal(refused.error.kind, ERROR_REMOTE);
	assert_string_equal(refused.error.code, "firewall_already_applied");
	assert_int_equal(refused.error.http_status, 422);
	assert_false(refused.maybe_done);
	cloud_apply_firewall(world.cloud, 9, 42, hear, &lost);
	wait_until_heard(&world, &lost);
	assert_int_equal(lost.error.kind, ERROR_REMOTE);
	assert_true(lost.maybe_done);
	assert_request_count(&world, 2); /* sent once: whether again is for the caller, who looks first */
	world_close(&world);
}

static void test_create_isolation(void **state)
{
	(void)state;
	const struct scripted_step step = {
		.status = 201,
		.body = "{\"firewall\": {\"id\": 12, \"name\": \"fw\", \"labels\": {}}, \"actions\": []}",
	};
	struct heard made = { 0 };
	struct world world;
	world_open(&world, &step, 1);
	cloud_create_isolation(world.cloud, "ccc-f1-isolated", "f1", hear, &made);
	wait_until_heard(&world, &made);
	assert_request(&world, 0, "POST /v1/firewalls");
	AUTO_JSON json_t *sent = sent_body(&world, 0);
	assert_json(json_object_get(sent, "name"), "\"ccc-f1-isolated\"");
	assert_json(json_object_get(sent, "labels"),
		    "{\"managed-by\": \"ccc\", \"ccc-fleet\": \"f1\", \"ccc-role\": \"isolated\"}");
	assert_int_equal(json_array_size(json_object_get(sent, "rules")), 1);
	assert_int_equal(made.created_id, 12);
	world_close(&world);
}

static void test_set_rules(void **state)
{
	(void)state;
	const struct scripted_step steps[] = {
		{ .status = 201, .body = ACTIONS("73") },
		{ .status = 201, .body = ACTIONS("74") },
		{ .kind = CLOSE },
	};
	struct heard isolating = { 0 }, anchor = { 0 }, lost = { 0 };
	struct world world;
	world_open(&world, steps, 3);
	cloud_set_rules(world.cloud, 12, CLOUD_ROLE_ISOLATED, hear, &isolating);
	wait_until_heard(&world, &isolating);
	assert_request(&world, 0, "POST /v1/firewalls/12/actions/set_rules");
	AUTO_JSON json_t *sent = sent_body(&world, 0);
	assert_int_equal(json_array_size(json_object_get(sent, "rules")), 1);
	assert_int_equal(isolating.actions[0], 73);
	cloud_set_rules(world.cloud, 9, "", hear, &anchor);
	wait_until_heard(&world, &anchor);
	AUTO_JSON json_t *rules = sent_body(&world, 1);
	assert_int_equal(json_array_size(json_object_get(rules, "rules")), 10);
	assert_int_equal(anchor.actions[0], 74);
	cloud_set_rules(world.cloud, 9, "", hear, &lost);
	wait_until_heard(&world, &lost);
	assert_true(lost.maybe_done);
	world_close(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_apply_and_remove),
		cmocka_unit_test(test_refused_or_lost),
		cmocka_unit_test(test_create_isolation),
		cmocka_unit_test(test_set_rules),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
