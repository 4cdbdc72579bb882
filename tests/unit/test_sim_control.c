/* The control interface and what a judge sees: the world beside the API. */
#include "sim_world.h"

#include "base/memory.h"
#include "base/text.h"

static int console(struct world *world, int64_t id, const char *deed)
{
	char path[64];

	snprintf(path, sizeof(path), "/_sim/servers/%lld", (long long)id);
	return ask_status(world, "POST", path, deed);
}

/* The server as the API shows it; caller decrefs. */
static json_t *server_of(struct world *world, int64_t id)
{
	char path[64];

	snprintf(path, sizeof(path), "/v1/servers/%lld", (long long)id);
	AUTO_JSON json_t *answer = ask(world, "GET", path, NULL);
	return json_incref(json_object_get(answer, "server"));
}

static void expect_event(struct world *world, enum sim_host_event_kind kind)
{
	struct sim_host_event event;

	assert_true(sim_take_host_event(world->sim, &event));
	assert_int_equal(event.kind, kind);
	sim_host_event_release(&event);
}

static void test_the_console_changes_servers(void **state)
{
	struct world world = world_new(sim_default_options());
	int64_t id = order_id(&world, "one");

	(void)state;
	expect_event(&world, SIM_HOST_BOOT);
	world.now_ms += 60000;
	assert_int_equal(console(&world, id, "{\"do\": \"rename\", \"name\": \"two\"}"), 200);
	assert_int_equal(console(&world, id, "{\"do\": \"relabel\", \"labels\": {\"a\": \"b\"}}"), 200);
	assert_int_equal(console(&world, id, "{\"do\": \"protect\"}"), 201);
	AUTO_JSON json_t *server = server_of(&world, id);
	AUTO_FREE char *labels = json_format(json_object_get(server, "labels"), false);
	assert_string_equal(json_string_value(json_object_get(server, "name")), "two");
	assert_string_equal(labels, "{\"a\":\"b\"}");
	AUTO_FREE char *protection = json_format(json_object_get(server, "protection"), false);
	assert_string_equal(protection, "{\"delete\":true,\"rebuild\":true}");
	assert_int_equal(console(&world, id, "{\"do\": \"unprotect\"}"), 201);
	assert_int_equal(console(&world, id, "{\"do\": \"rebuild\", \"image\": \"debian-13\"}"), 201);
	expect_event(&world, SIM_HOST_REMOVE);
	expect_event(&world, SIM_HOST_BOOT);
	assert_int_equal(console(&world, id, "{\"do\": \"rebuild\"}"), 201);
	AUTO_JSON json_t *rebuilt = server_of(&world, id);
	assert_string_equal(json_string_value(json_object_get(rebuilt, "status")), "rebuilding");
	assert_string_equal(json_string_value(json_object_get(json_object_get(rebuilt, "image"), "name")), "debian-13");
	sim_free(world.sim);
}

static void test_the_console_switches_off(void **state)
{
	struct world world = world_new(sim_default_options());
	int64_t id = order_id(&world, "one");

	(void)state;
	expect_event(&world, SIM_HOST_BOOT);
	world.now_ms += 60000;
	assert_int_equal(console(&world, id, "{\"do\": \"poweroff\"}"), 201);
	expect_event(&world, SIM_HOST_OFF);
	world.now_ms += 60000;
	AUTO_JSON json_t *server = server_of(&world, id);
	assert_string_equal(json_string_value(json_object_get(server, "status")), "off");
	sim_free(world.sim);
}

static void test_the_console_deletes_what_is_protected_and_in_any_project(void **state)
{
	struct sim_options options = sim_default_options();

	(void)state;
	options.projects = 2;
	struct world world = world_new(options);
	world.project = 1;
	int64_t id = order_id(&world, "one");
	world.now_ms += 60000;
	assert_int_equal(console(&world, id, "{\"do\": \"protect\"}"), 201);
	assert_int_equal(console(&world, id, "{\"do\": \"vanish\"}"), 200);
	json_t *server = server_of(&world, id);
	assert_null(server);
	assert_int_equal(console(&world, id, "{\"do\": \"vanish\"}"), 404);
	sim_free(world.sim);
}

/* A control request that does nothing must not look as if it did. */
static void test_misspelt_requests_are_refused(void **state)
{
	static const struct {
		const char *path, *body;
	} rows[] = {
		{ NULL, "{\"do\": \"explode\"}" },
		{ NULL, "{}" },
		{ NULL, "{\"do\": \"rename\"}" },
		{ NULL, "{\"do\": \"relabel\", \"labels\": null}" },
		{ NULL, "{\"do\": \"vanish\", \"name\": \"x\"}" },
		{ NULL, "{\"do\": \"rebuild\", \"image\": \"no-such\"}" },
		{ "/_sim/tokens", "{\"project\": 1, \"valid\": false}" },
		{ "/_sim/tokens", "{\"project\": 0}" },
		{ "/_sim/tokens", "{\"project\": 0, \"valid\": false, \"why\": 1}" },
		{ "/_sim/clock", "{\"advance\": 1, \"unit\": \"h\"}" },
		{ "/_sim/stock", "{\"type\": \"cx99\", \"available\": false}" },
		{ "/_sim/stock", "{\"type\": \"cx23\", \"avail\": false}" },
	};
	struct world world = world_new(sim_default_options());
	int64_t id = order_id(&world, "one");
	char path[64];

	(void)state;
	snprintf(path, sizeof(path), "/_sim/servers/%lld", (long long)id);
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
		if (ask_status(&world, "POST", rows[i].path ? rows[i].path : path, rows[i].body) != 422)
			fail_msg("%s: %d", rows[i].body, world.status);
	AUTO_JSON json_t *server = server_of(&world, id);
	assert_string_equal(json_string_value(json_object_get(server, "name")), "one");
	sim_free(world.sim);
}

static void test_a_revoked_token_is_like_none(void **state)
{
	struct sim_options options = sim_default_options();

	(void)state;
	options.projects = 2;
	struct world world = world_new(options);
	order_id(&world, "one");
	AUTO_JSON json_t *tokens = ask(&world, "POST", "/_sim/tokens", "{\"project\": 0, \"valid\": false}");
	AUTO_FREE char *valid = json_format(json_object_get(tokens, "valid"), false);
	assert_string_equal(valid, "[false,true]");
	AUTO_JSON json_t *refused = ask(&world, "GET", "/v1/servers", NULL);
	assert_int_equal(world.status, 401);
	assert_string_equal(error_code(refused), "unauthorized");
	world.project = 1;
	assert_int_equal(ask_status(&world, "GET", "/v1/servers", NULL), 200);
	world.project = 0;
	assert_int_equal(ask_status(&world, "POST", "/_sim/tokens", "{\"project\": 0, \"valid\": true}"), 200);
	assert_int_equal(ask_status(&world, "GET", "/v1/servers", NULL), 200);
	sim_free(world.sim);
}

static int order_status(struct world *world, const char *name, const char *type, const char *location)
{
	char body[256];

	snprintf(body, sizeof(body),
		 "{\"name\": \"%s\", \"server_type\": \"%s\", \"image\": \"debian-12\", \"location\": \"%s\"}", name,
		 type, location);
	return ask_status(world, "POST", "/v1/servers", body);
}

static void test_a_type_or_a_location_can_be_sold_out(void **state)
{
	struct world world = world_new(sim_default_options());

	(void)state;
	assert_int_equal(ask_status(&world, "POST", "/_sim/stock", "{\"location\": \"fsn1\", \"available\": false}"),
			 200);
	assert_int_equal(order_status(&world, "a", "cx23", "fsn1"), 412);
	assert_int_equal(order_status(&world, "b", "cpx22", "fsn1"), 412);
	assert_int_equal(order_status(&world, "c", "cpx22", "nbg1"), 201);
	assert_int_equal(ask_status(&world, "POST", "/_sim/stock", "{\"type\": \"cpx22\", \"available\": false}"), 200);
	assert_int_equal(order_status(&world, "d", "cpx22", "nbg1"), 412);
	assert_int_equal(ask_status(&world, "DELETE", "/_sim/stock", NULL), 204);
	assert_int_equal(order_status(&world, "e", "cpx22", "fsn1"), 201);
	sim_free(world.sim);
}

static bool shown_available(struct world *world)
{
	AUTO_JSON json_t *answer = ask(world, "GET", "/v1/server_types?name=cx23", NULL);
	const json_t *type = json_array_get(json_object_get(answer, "server_types"), 0);

	return json_is_true(json_object_get(json_array_get(json_object_get(type, "locations"), 0), "available"));
}

/* What is rendered once only must still follow. */
static void test_the_catalogue_follows_the_stock_and_may_lie(void **state)
{
	struct world world = world_new(sim_default_options());

	(void)state;
	assert_true(shown_available(&world));
	ask_status(&world, "POST", "/_sim/stock", "{\"type\": \"cx23\", \"available\": false}");
	assert_false(shown_available(&world));
	ask_status(&world, "POST", "/_sim/stock", "{\"type\": \"cx23\", \"available\": false, \"shown\": true}");
	assert_true(shown_available(&world));
	assert_int_equal(order_status(&world, "a", "cx23", "fsn1"), 412);
	ask_status(&world, "POST", "/_sim/stock", "{\"type\": \"cx23\", \"available\": true, \"shown\": false}");
	assert_false(shown_available(&world));
	assert_int_equal(order_status(&world, "a", "cx23", "fsn1"), 201);
	ask_status(&world, "POST", "/_sim/stock", "{\"type\": \"cx23\", \"available\": true}");
	assert_true(shown_available(&world));
	ask_status(&world, "POST", "/_sim/stock", "{\"type\": \"cx23\", \"available\": false}");
	ask_status(&world, "DELETE", "/_sim/stock", NULL);
	assert_true(shown_available(&world));
	sim_free(world.sim);
}

static void note_server(void *data, const struct sim_server *server)
{
	text_addf(data, "%zu %s %s %s n=%s;", server->project, server->name, server->status, server->type,
		  json_string_value(json_object_get(server->labels, "n")));
	assert_true(server->id > 0 && server->address && strncmp(server->address, "127.", 4) == 0);
	assert_int_equal(server->created_ms, START_MS);
}

static void note_cost(void *data, const struct sim_cost *cost)
{
	text_addf(data, "%s of %zu %s %lld;", cost->kind, cost->project, cost->end_ms < 0 ? "runs" : "ended",
		  (long long)cost->amount);
}

static void note_end(void *data, const struct sim_cost *cost)
{
	*(int *)data += cost->end_ms >= 0;
}

static void test_each_cost_ends_with_its_thing(void **state)
{
	struct world world = world_new(sim_default_options());
	int64_t ids[] = { order_id(&world, "one"), order_id(&world, "two"), order_id(&world, "three") };

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(ids); i++) {
		int ended = 0;
		assert_int_equal(console(&world, ids[i], "{\"do\": \"vanish\"}"), 200);
		sim_each_cost(world.sim, note_end, &ended);
		assert_int_equal(ended, 2 * (i + 1));
	}
	sim_free(world.sim);
}

static void test_a_judge_sees_servers_and_costs(void **state)
{
	struct sim_options options = sim_default_options();
	AUTO_TEXT struct text seen = TEXT_INIT(1000), paid = TEXT_INIT(1000);
	char path[64];

	(void)state;
	options.projects = 2;
	struct world world = world_new(options);
	snprintf(path, sizeof(path), "/v1/servers/%lld", (long long)order_id(&world, "one"));
	world.project = 1;
	order_id(&world, "two");
	sim_each_server(world.sim, note_server, &seen);
	assert_string_equal(text_string(&seen), "0 one initializing cx23 n=one;1 two initializing cx23 n=two;");
	world.project = 0;
	world.now_ms += 1800000;
	assert_int_equal(ask_status(&world, "DELETE", path, NULL), 200);
	world.now_ms += 3600000;
	sim_advance(world.sim, world.now_ms);
	sim_each_cost(world.sim, note_cost, &paid);
	assert_string_equal(text_string(&paid), "ipv4 of 0 ended 80000;server of 0 ended 880000;"
						"ipv4 of 1 runs 160000;server of 1 runs 1760000;");
	sim_free(world.sim);
}

static void test_requests_are_counted_without_growing(void **state)
{
	struct world world = world_new(sim_default_options());

	(void)state;
	for (int i = 0; i < 50; i++) {
		char method[16];
		snprintf(method, sizeof(method), "M%d", i);
		assert_int_equal(ask_status(&world, method, "/v1/servers/7", NULL), 405);
	}
	assert_int_equal(ask_status(&world, "PATCH", "/v1/servers/7", NULL), 405);
	assert_int_equal(ask_status(&world, "GET", "/v1/nowhere", NULL), 404);
	assert_int_equal(ask_status(&world, "GET", "/v1/servers/7", NULL), 404);
	assert_int_equal(ask_status(&world, "GET", "/v1/servers", NULL), 200);
	assert_int_equal(ask_status(&world, "GET", "/v1/servers/7", NULL), 404);
	AUTO_JSON json_t *report = ask(&world, "GET", "/_sim/requests", NULL);
	AUTO_FREE char *text = json_format(report, false);
	assert_string_equal(text, "{\"total\":55,\"routes\":{\"GET /servers/{id}\":2,\"GET /servers\":1,"
				  "\"(other) /servers/{id}\":50,\"PATCH /servers/{id}\":1,"
				  "\"GET (no such route)\":1}}");
	assert_int_equal(ask_status(&world, "DELETE", "/_sim/requests", NULL), 204);
	assert_int_equal(ask_status(&world, "GET", "/v1/servers", NULL), 200);
	AUTO_JSON json_t *again = ask(&world, "GET", "/_sim/requests", NULL);
	AUTO_FREE char *afresh = json_format(again, false);
	assert_string_equal(afresh, "{\"total\":1,\"routes\":{\"GET /servers\":1}}");
	sim_free(world.sim);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_console_changes_servers),
		cmocka_unit_test(test_the_console_switches_off),
		cmocka_unit_test(test_the_console_deletes_what_is_protected_and_in_any_project),
		cmocka_unit_test(test_misspelt_requests_are_refused),
		cmocka_unit_test(test_a_revoked_token_is_like_none),
		cmocka_unit_test(test_a_type_or_a_location_can_be_sold_out),
		cmocka_unit_test(test_the_catalogue_follows_the_stock_and_may_lie),
		cmocka_unit_test(test_each_cost_ends_with_its_thing),
		cmocka_unit_test(test_a_judge_sees_servers_and_costs),
		cmocka_unit_test(test_requests_are_counted_without_growing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
