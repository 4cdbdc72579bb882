/* What each fault does: to the world, to actions and machines, to the answer. */
#include "sim_world.h"

#include "base/memory.h"
#include "base/text.h"

static struct world troubled(const char *fault)
{
	struct world world = world_new(sim_default_options());
	struct error err = ERROR_INIT;

	if (sim_add_faults(world.sim, fault, strlen(fault), &err))
		fail_msg("%s: %s", fault, err.message);
	return world;
}

static void count_one(void *data, const struct sim_server *server)
{
	(void)server;
	++*(int *)data;
}

static int servers(const struct world *world)
{
	int count = 0;

	sim_each_server(world->sim, count_one, &count);
	return count;
}

static int64_t requests(struct world *world, const char *route)
{
	AUTO_JSON json_t *report = ask(world, "GET", "/_sim/requests", NULL);

	return number_at(report, "routes", route);
}

/* The reply to a create request. */
static void create(struct world *world, struct sim_reply *ret)
{
	send_request(world, "POST", "/v1/servers",
		     "{\"name\": \"one\", \"server_type\": \"cx23\", \"image\": \"debian-12\"}", ret);
}

static void check_create(const char *fault, bool dropped, int status, int servers_after, int64_t counted)
{
	struct world world = troubled(fault);
	struct sim_reply reply;

	create(&world, &reply);
	if (reply.dropped != dropped || reply.status != status || servers(&world) != servers_after)
		fail_msg("%s: dropped %d, status %d, %d servers", fault, reply.dropped, reply.status, servers(&world));
	assert_int_equal(requests(&world, "POST /servers"), counted);
	sim_reply_release(&reply);
	sim_free(world.sim);
}

static void test_effect_and_answer_are_lost_or_doubled(void **state)
{
	(void)state;
	check_create("{\"lose_answer\": true}", true, 201, 1, 1);
	check_create("{\"drop\": true}", true, 0, 0, 1);
	check_create("{\"error\": \"timeout\"}", false, 504, 0, 1);
	check_create("{\"error\": \"timeout\", \"lose_answer\": true}", true, 504, 0, 1);
	check_create("{\"html\": true, \"error\": \"unavailable\"}", false, 503, 0, 1);
	check_create("{\"repeat\": \"first\"}", false, 201, 1, 2);
	check_create("{\"repeat\": \"second\"}", false, 409, 1, 2);
	check_create("{\"repeat\": \"second\", \"lose_answer\": true}", true, 409, 1, 2);
}

static void test_a_repeated_request_answers_with_one_body(void **state)
{
	struct world world = troubled("[{\"repeat\": \"first\"}, {\"repeat\": \"second\"}]");

	(void)state;
	AUTO_JSON json_t *first = order(&world, "one");
	assert_int_equal(world.status, 201);
	assert_true(number_at(first, "server", "id") > 0);
	AUTO_JSON json_t *second = order(&world, "two");
	assert_string_equal(error_code(second), "uniqueness_error");
	assert_int_equal(servers(&world), 2);
	sim_free(world.sim);
}

static void test_a_repeated_delete_finds_nothing_the_second_time(void **state)
{
	struct world world = troubled("{\"match\": {\"method\": \"DELETE\"}, \"repeat\": \"second\"}");
	char path[64];

	(void)state;
	snprintf(path, sizeof(path), "/v1/servers/%lld", (long long)order_id(&world, "one"));
	assert_int_equal(ask_status(&world, "DELETE", path, NULL), 404);
	assert_int_equal(servers(&world), 0);
	sim_free(world.sim);
}

static void test_a_late_request_arrives_by_itself(void **state)
{
	struct world world = troubled("{\"match\": {\"method\": \"POST\"}, \"late\": 90}");
	struct sim_reply reply;

	(void)state;
	create(&world, &reply);
	assert_true(reply.dropped);
	assert_int_equal(sim_next_event(world.sim), START_MS + 90000);
	world.now_ms += 89999;
	sim_advance(world.sim, world.now_ms);
	assert_int_equal(servers(&world), 0);
	/* Looked at much later, it still came at its own time. */
	world.now_ms += 3600000;
	AUTO_JSON json_t *list = ask(&world, "GET", "/v1/servers", NULL);
	const json_t *server = json_array_get(json_object_get(list, "servers"), 0);
	assert_string_equal(json_string_value(json_object_get(server, "created")), "2026-01-01T00:01:30Z");
	assert_string_equal(json_string_value(json_object_get(server, "status")), "running");
	assert_int_equal(requests(&world, "POST /servers"), 1);
	sim_reply_release(&reply);
	sim_free(world.sim);
}

static void note_creation(void *data, const struct sim_server *server)
{
	text_addf(data, "%s %lld;", server->name, (long long)(server->created_ms - START_MS));
}

static void test_late_requests_and_actions_keep_their_order(void **state)
{
	struct world world = troubled("[{\"action_seconds\": 80}, {\"match\": {\"method\": \"POST\"}, \"late\": 60},"
				      " {\"match\": {\"method\": \"POST\"}, \"late\": 30}]");
	AUTO_TEXT struct text seen = TEXT_INIT(1000);

	(void)state;
	json_decref(order(&world, "first"));
	json_decref(order(&world, "second"));
	json_decref(order(&world, "third"));
	world.now_ms += 3600000;
	sim_advance(world.sim, world.now_ms);
	sim_each_server(world.sim, note_creation, &seen);
	assert_string_equal(text_string(&seen), "first 0;third 30000;second 60000;");
	sim_free(world.sim);
}

static void test_what_never_ends_is_no_event(void **state)
{
	struct world world = troubled("{\"stall_action\": true}");

	(void)state;
	order_id(&world, "one");
	assert_int_equal(sim_next_event(world.sim), -1);
	order_id(&world, "two");
	assert_int_equal(sim_next_event(world.sim), START_MS + 2000);
	sim_free(world.sim);
}

static void test_a_late_repetition_can_raise_the_dead(void **state)
{
	struct world world = troubled("{\"repeat\": \"first\", \"late\": 60}");
	char path[64];

	(void)state;
	snprintf(path, sizeof(path), "/v1/servers/%lld", (long long)order_id(&world, "one"));
	world.now_ms += 20000;
	assert_int_equal(ask_status(&world, "DELETE", path, NULL), 200);
	assert_int_equal(servers(&world), 0);
	world.now_ms += 40000;
	sim_advance(world.sim, world.now_ms);
	assert_int_equal(servers(&world), 1);
	assert_int_equal(requests(&world, "POST /servers"), 2);
	sim_free(world.sim);
}

static void test_a_late_request_needs_a_token_that_is_still_valid(void **state)
{
	struct world world = troubled("{\"late\": 60}");
	struct sim_reply reply;

	(void)state;
	create(&world, &reply);
	sim_reply_release(&reply);
	assert_int_equal(ask_status(&world, "POST", "/_sim/tokens", "{\"project\": 0, \"valid\": false}"), 200);
	world.now_ms += 60000;
	sim_advance(world.sim, world.now_ms);
	assert_int_equal(servers(&world), 0);
	sim_free(world.sim);
}

static void test_what_becomes_of_the_answer(void **state)
{
	static const char *const faults[] = { "{\"hang\": 0.25}", "{\"cut\": true}", "{\"endless\": true}",
					      "{\"big\": 100000}", "{\"html\": true}" };
	size_t whole = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(faults); i++) {
		struct world world = troubled(faults[i]);
		struct sim_reply reply;
		send_request(&world, "GET", "/v1/locations", NULL, &reply);
		assert_int_equal(reply.delay_ms, i == 0 ? 250 : 0);
		whole = i == 0 ? reply.body_length : whole;
		if (i == 1)
			assert_int_equal(reply.body_length, whole / 2);
		assert_int_equal(reply.endless, i == 2);
		if (i == 2)
			assert_int_equal(reply.body_length, whole);
		if (i == 3)
			assert_true(reply.body_length > 100000);
		assert_int_equal(reply.html, i == 4);
		assert_false(reply.dropped);
		sim_reply_release(&reply);
		sim_free(world.sim);
	}
}

/* The status of the first action of a create, and of its server, so long after the request. */
static void check_after(const char *fault, int64_t ms, const char *action_status, const char *server_status)
{
	struct world world = troubled(fault);
	AUTO_JSON json_t *created = order(&world, "one");
	char path[64];

	world.now_ms += ms;
	snprintf(path, sizeof(path), "/v1/actions/%lld", (long long)number_at(created, "action", "id"));
	AUTO_JSON json_t *action = ask(&world, "GET", path, NULL);
	const char *found = json_string_value(json_object_get(json_object_get(action, "action"), "status"));
	if (strcmp(found, action_status) != 0)
		fail_msg("%s after %lld ms: action %s", fault, (long long)ms, found);
	AUTO_JSON json_t *server = ask(&world, "GET", "/_sim/servers", NULL);
	found = json_string_value(json_object_get(json_array_get(json_object_get(server, "servers"), 0), "status"));
	if (strcmp(found, server_status) != 0)
		fail_msg("%s after %lld ms: server %s", fault, (long long)ms, found);
	sim_free(world.sim);
}

static void test_actions_fail_stall_and_crawl(void **state)
{
	(void)state;
	check_after("{\"fail_action\": true}", 60000, "error", "off");
	check_after("{\"stall_action\": true}", INT64_C(86400000) * 3000, "running", "initializing");
	check_after("{\"action_factor\": 10}", 19999, "running", "initializing");
	check_after("{\"action_factor\": 10}", 20000, "success", "starting");
	check_after("{\"action_factor\": 10}", 80000, "success", "running");
	check_after("{\"action_seconds\": 300}", 299999, "running", "initializing");
	check_after("{\"action_seconds\": 300}", 300000, "success", "running");
	check_after("{\"action_seconds\": 300, \"fail_action\": true}", 299999, "running", "initializing");
	check_after("{\"action_seconds\": 300, \"fail_action\": true}", 300000, "error", "off");
}

/* The event of the only machine that a fault's create boots; false: none. */
static bool boot_event(const char *fault, struct sim_host_event *ret)
{
	struct world world = troubled(fault);
	struct sim_host_event event = { 0 };

	assert_int_equal(ask_status(&world, "GET", "/v1/servers", NULL), 200);
	order_id(&world, "one");
	bool booted = sim_take_host_event(world.sim, &event);
	*ret = event;
	sim_host_event_release(&event);
	sim_free(world.sim);
	return booted;
}

static void test_machines_boot_when_their_action_ends(void **state)
{
	struct sim_host_event event;

	(void)state;
	assert_true(boot_event("{\"match\": {\"method\": \"POST\"}, \"hang\": 1}", &event));
	assert_int_equal(event.boot_ms, 8000);
	assert_int_equal(event.ssh, SIM_SSH_ANSWERS);
	assert_true(boot_event("{\"action_factor\": 10}", &event));
	assert_int_equal(event.boot_ms, 80000);
	assert_false(boot_event("{\"fail_action\": true}", &event));
	assert_false(boot_event("{\"stall_action\": true}", &event));
}

static void test_machines_are_told_how_to_answer_ssh(void **state)
{
	static const struct {
		const char *fault;
		enum sim_host_ssh ssh;
	} rows[] = { { "{\"ssh\": \"never\"}", SIM_SSH_NEVER },
		     { "{\"ssh\": \"other-host-key\"}", SIM_SSH_OTHER_HOST_KEY },
		     { "{\"ssh\": \"hangs\"}", SIM_SSH_HANGS } };
	struct sim_host_event event;

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		assert_true(boot_event(rows[i].fault, &event));
		assert_int_equal(event.ssh, rows[i].ssh);
		assert_int_equal(event.boot_ms, 8000);
	}
}

static void test_a_delete_that_fails_leaves_the_server(void **state)
{
	struct world world = troubled("{\"match\": {\"method\": \"DELETE\"}, \"fail_action\": true}");
	char path[64];

	(void)state;
	snprintf(path, sizeof(path), "/v1/servers/%lld", (long long)order_id(&world, "one"));
	world.now_ms += 60000;
	assert_int_equal(ask_status(&world, "DELETE", path, NULL), 200);
	world.now_ms += 60000;
	AUTO_JSON json_t *kept = ask(&world, "GET", path, NULL);
	assert_string_equal(json_string_value(json_object_get(json_object_get(kept, "server"), "status")), "running");
	assert_int_equal(ask_status(&world, "DELETE", path, NULL), 200);
	assert_int_equal(servers(&world), 0);
	sim_free(world.sim);
}

static int64_t listed(struct world *world, const char *path)
{
	AUTO_JSON json_t *list = ask(world, "GET", path, NULL);
	int64_t total = json_integer_value(
		json_object_get(json_object_get(json_object_get(list, "meta"), "pagination"), "total_entries"));

	assert_int_equal(world->status, 200);
	assert_int_equal(json_array_size(json_object_get(list, "servers")), total);
	return total;
}

static void test_stale_lists_miss_fresh_servers(void **state)
{
	struct world world = troubled("{\"stale\": 10, \"times\": 5}");
	char path[64];

	(void)state;
	order_id(&world, "old");
	world.now_ms += 5000;
	snprintf(path, sizeof(path), "/v1/servers/%lld", (long long)order_id(&world, "new"));
	world.now_ms += 5000;
	assert_int_equal(listed(&world, "/v1/servers"), 1);
	assert_int_equal(listed(&world, "/v1/servers?name=new"), 0);
	assert_int_equal(listed(&world, "/v1/servers?label_selector=n%3Dold"), 1);
	assert_int_equal(ask_status(&world, "GET", path, NULL), 200);
	world.now_ms += 4999;
	assert_int_equal(listed(&world, "/v1/servers"), 1);
	world.now_ms += 1;
	assert_int_equal(listed(&world, "/v1/servers"), 2);
	/* The list that nobody troubles any more. */
	order_id(&world, "third");
	assert_int_equal(listed(&world, "/v1/servers?name=third"), 1);
	sim_free(world.sim);
}

static void test_stale_looks_miss_fresh_servers(void **state)
{
	struct world world =
		troubled("{\"match\": {\"method\": \"GET\", \"route\": \"/servers/{id}\"}, \"stale\": 10}");
	char path[64];

	(void)state;
	snprintf(path, sizeof(path), "/v1/servers/%lld", (long long)order_id(&world, "new"));
	world.now_ms += 9999;
	assert_int_equal(ask_status(&world, "GET", path, NULL), 404);
	assert_int_equal(ask_status(&world, "GET", path, NULL), 200); /* nobody troubles it any more */
	sim_free(world.sim);
	world = troubled("{\"match\": {\"method\": \"GET\", \"route\": \"/servers/{id}\"}, \"stale\": 10}");
	snprintf(path, sizeof(path), "/v1/servers/%lld", (long long)order_id(&world, "old"));
	world.now_ms += 10000;
	assert_int_equal(ask_status(&world, "GET", path, NULL), 200);
	sim_free(world.sim);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_effect_and_answer_are_lost_or_doubled),
		cmocka_unit_test(test_a_repeated_request_answers_with_one_body),
		cmocka_unit_test(test_a_repeated_delete_finds_nothing_the_second_time),
		cmocka_unit_test(test_a_late_request_arrives_by_itself),
		cmocka_unit_test(test_late_requests_and_actions_keep_their_order),
		cmocka_unit_test(test_what_never_ends_is_no_event),
		cmocka_unit_test(test_a_late_repetition_can_raise_the_dead),
		cmocka_unit_test(test_a_late_request_needs_a_token_that_is_still_valid),
		cmocka_unit_test(test_what_becomes_of_the_answer),
		cmocka_unit_test(test_actions_fail_stall_and_crawl),
		cmocka_unit_test(test_machines_boot_when_their_action_ends),
		cmocka_unit_test(test_machines_are_told_how_to_answer_ssh),
		cmocka_unit_test(test_a_delete_that_fails_leaves_the_server),
		cmocka_unit_test(test_stale_lists_miss_fresh_servers),
		cmocka_unit_test(test_stale_looks_miss_fresh_servers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
