/* The simulated cloud as a function of requests and time: no socket, no clock, no sleep. */
#include "sim_world.h"

#include "base/memory.h"
#include "base/text.h"

static void order_many(struct world *world, int count)
{
	char name[16];

	for (int i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "s%03d", i);
		json_decref(order(world, name));
		assert_int_equal(world->status, 201);
	}
}

static void check_page(struct world *world, const char *path, size_t count, const char *first, int64_t next)
{
	AUTO_JSON json_t *answer = ask(world, "GET", path, NULL);
	const json_t *servers = json_object_get(answer, "servers");
	const json_t *pagination = json_object_get(json_object_get(answer, "meta"), "pagination");

	assert_int_equal(world->status, 200);
	assert_int_equal(json_array_size(servers), count);
	if (first)
		assert_string_equal(json_string_value(json_object_get(json_array_get(servers, 0), "name")), first);
	const json_t *next_page = json_object_get(pagination, "next_page");
	assert_true(next ? json_integer_value(next_page) == next : json_is_null(next_page));
}

static void test_pages(void **state)
{
	struct world world = world_new(sim_default_options());

	(void)state;
	order_many(&world, 60);
	check_page(&world, "/v1/servers", 25, "s000", 2);
	check_page(&world, "/v1/servers?page=3", 10, "s050", 0);
	check_page(&world, "/v1/servers?per_page=50", 50, "s000", 2);
	check_page(&world, "/v1/servers?per_page=500", 50, "s000", 2);
	check_page(&world, "/v1/servers?per_page=50&page=2", 10, "s050", 0);
	check_page(&world, "/v1/servers?page=99", 0, NULL, 0);
	check_page(&world, "/v1/servers?sort=name:desc&per_page=1", 1, "s059", 2);
	check_page(&world, "/v1/servers?sort=id%3Aasc&per_page=1", 1, "s000", 2);
	check_page(&world, "/v1/servers?name=s007", 1, "s007", 0);
	check_page(&world, "/v1/servers?label_selector=n%3Ds008", 1, "s008", 0);
	check_page(&world, "/v1/servers?label_selector=n+in+(s001,s002)", 2, "s001", 0);
	check_page(&world, "/v1/servers?status=running", 0, NULL, 0);
	check_page(&world, "/v1/servers?status=running&status=initializing&per_page=50", 50, "s000", 2);
	sim_free(world.sim);
}

static void test_bad_queries(void **state)
{
	static const char *const paths[] = { "/v1/servers?page=0",
					     "/v1/servers?page=x",
					     "/v1/servers?per_page=-1",
					     "/v1/servers?sort=color",
					     "/v1/servers?sort=id:up",
					     "/v1/servers?label_selector=a==b==c",
					     "/v1/actions",
					     "/v1/actions?id=x" };
	struct world world = world_new(sim_default_options());

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(paths); i++) {
		AUTO_JSON json_t *answer = ask(&world, "GET", paths[i], NULL);
		if (world.status != 422)
			fail_msg("%s: %d", paths[i], world.status);
		assert_string_equal(error_code(answer), "invalid_input");
		assert_non_null(json_object_get(json_object_get(answer, "error"), "details"));
	}
	sim_free(world.sim);
}

static void test_names_are_unique(void **state)
{
	struct world world = world_new(sim_default_options());

	(void)state;
	AUTO_JSON json_t *first = order(&world, "one");
	AUTO_JSON json_t *again = order(&world, "one");
	assert_int_equal(world.status, 409);
	assert_string_equal(error_code(again), "uniqueness_error");
	AUTO_JSON json_t *other = order(&world, "two");
	char path[64];
	snprintf(path, sizeof(path), "/v1/servers/%lld", (long long)number_at(other, "server", "id"));
	AUTO_JSON json_t *renamed = ask(&world, "PUT", path, "{\"name\": \"one\"}");
	assert_int_equal(world.status, 409);
	AUTO_JSON json_t *kept = ask(&world, "PUT", path, "{\"name\": \"two\"}");
	assert_int_equal(world.status, 200);
	AUTO_JSON json_t *deleted = ask(&world, "DELETE", path, NULL);
	assert_int_equal(world.status, 200);
	AUTO_JSON json_t *free_again = order(&world, "two");
	assert_int_equal(world.status, 201);
	sim_free(world.sim);
}

static void check_status(struct world *world, int64_t id, int64_t at_ms, const char *expected)
{
	char path[64];

	world->now_ms = START_MS + at_ms;
	snprintf(path, sizeof(path), "/v1/servers/%lld", (long long)id);
	AUTO_JSON json_t *answer = ask(world, "GET", path, NULL);
	assert_string_equal(json_string_value(json_object_get(json_object_get(answer, "server"), "status")), expected);
}

static void test_a_server_comes_up_in_its_time(void **state)
{
	struct sim_options options = sim_default_options();

	(void)state;
	options.boot_ms = 8000;
	struct world world = world_new(options);
	AUTO_JSON json_t *answer = order(&world, "one");
	int64_t id = number_at(answer, "server", "id");
	assert_int_equal(sim_next_event(world.sim), START_MS + 2000);
	check_status(&world, id, 1999, "initializing");
	check_status(&world, id, 2000, "starting");
	check_status(&world, id, 7999, "starting");
	check_status(&world, id, 8000, "running");
	assert_int_equal(sim_next_event(world.sim), -1);
	sim_free(world.sim);
}

static void test_speed_divides_every_duration(void **state)
{
	struct sim_options options = sim_default_options();

	(void)state;
	options.speed = 10;
	struct world world = world_new(options);
	AUTO_JSON json_t *answer = order(&world, "one");
	check_status(&world, number_at(answer, "server", "id"), 799, "starting");
	check_status(&world, number_at(answer, "server", "id"), 800, "running");
	sim_free(world.sim);
}

/* The action of a finished creation says when it ended, however late it is asked. */
static void test_actions_end_at_their_own_time(void **state)
{
	struct world world = world_new(sim_default_options());
	char path[64];

	(void)state;
	AUTO_JSON json_t *answer = order(&world, "one");
	snprintf(path, sizeof(path), "/v1/actions/%lld", (long long)number_at(answer, "action", "id"));
	world.now_ms += 1000;
	AUTO_JSON json_t *half = ask(&world, "GET", path, NULL);
	assert_int_equal(number_at(half, "action", "progress"), 50);
	world.now_ms += 3600000;
	AUTO_JSON json_t *whole = ask(&world, "GET", path, NULL);
	assert_int_equal(number_at(whole, "action", "progress"), 100);
	assert_string_equal(json_string_value(json_object_get(json_object_get(whole, "action"), "finished")),
			    "2026-01-01T00:00:02Z");
	sim_free(world.sim);
}

static void test_actions_are_found_by_their_ids(void **state)
{
	struct world world = world_new(sim_default_options());
	char path[96];

	(void)state;
	AUTO_JSON json_t *first = order(&world, "one");
	AUTO_JSON json_t *second = order(&world, "two");
	long long older = (long long)number_at(first, "action", "id"),
		  newer = (long long)number_at(second, "action", "id");
	snprintf(path, sizeof(path), "/v1/actions?id=%lld&id=%lld&id=7&id=%lld", newer, older, newer);
	AUTO_JSON json_t *both = ask(&world, "GET", path, NULL);
	const json_t *list = json_object_get(both, "actions");
	assert_int_equal(json_array_size(list), 2);
	assert_int_equal(json_integer_value(json_object_get(json_array_get(list, 0), "id")), older);
	assert_int_equal(json_integer_value(json_object_get(json_array_get(list, 1), "id")), newer);
	snprintf(path, sizeof(path), "/v1/actions?id=%lld&status=success", older);
	AUTO_JSON json_t *none = ask(&world, "GET", path, NULL);
	assert_int_equal(json_array_size(json_object_get(none, "actions")), 0);
	world.now_ms += 2000;
	AUTO_JSON json_t *done = ask(&world, "GET", path, NULL);
	assert_int_equal(json_array_size(json_object_get(done, "actions")), 1);
	sim_free(world.sim);
}

static void expect_event(struct world *world, enum sim_host_event_kind kind, int64_t server)
{
	struct sim_host_event event;

	assert_true(sim_take_host_event(world->sim, &event));
	assert_int_equal(event.kind, kind);
	assert_int_equal(event.server_id, server);
	sim_host_event_release(&event);
}

static void act(struct world *world, int64_t id, const char *name, const char *body)
{
	char path[96];

	snprintf(path, sizeof(path), "/v1/servers/%lld/actions/%s", (long long)id, name);
	json_decref(ask(world, "POST", path, body));
	assert_int_equal(world->status, 201);
	world->now_ms += 60000;
	sim_advance(world->sim, world->now_ms);
}

static void test_hosts_follow_their_servers(void **state)
{
	struct world world = world_new(sim_default_options());
	struct sim_host_event event;
	char path[64];

	(void)state;
	AUTO_JSON json_t *answer = ask(&world, "POST", "/v1/servers",
				       "{\"name\": \"one\", \"server_type\": \"cx23\", \"image\": \"debian-12\","
				       " \"user_data\": \"#cloud-config\"}");
	int64_t id = number_at(answer, "server", "id");
	assert_true(sim_take_host_event(world.sim, &event));
	assert_int_equal(event.kind, SIM_HOST_BOOT);
	assert_string_equal(event.name, "one");
	assert_string_equal(event.user_data, "#cloud-config");
	assert_int_equal(strncmp(event.address, "127.", 4), 0);
	assert_int_equal(event.boot_ms, 8000);
	sim_host_event_release(&event);
	world.now_ms += 60000;

	act(&world, id, "poweroff", NULL);
	expect_event(&world, SIM_HOST_OFF, id);
	act(&world, id, "poweron", NULL);
	expect_event(&world, SIM_HOST_ON, id);
	act(&world, id, "reboot", NULL);
	expect_event(&world, SIM_HOST_OFF, id);
	expect_event(&world, SIM_HOST_ON, id);
	act(&world, id, "rebuild", "{\"image\": \"debian-13\"}");
	expect_event(&world, SIM_HOST_REMOVE, id);
	expect_event(&world, SIM_HOST_BOOT, id);
	act(&world, id, "shutdown", NULL);
	expect_event(&world, SIM_HOST_OFF, id);
	snprintf(path, sizeof(path), "/v1/servers/%lld", (long long)id);
	json_decref(ask(&world, "DELETE", path, NULL));
	expect_event(&world, SIM_HOST_REMOVE, id);
	assert_false(sim_take_host_event(world.sim, &event));
	sim_free(world.sim);
}

static void test_a_snapshot_costs_from_its_completion(void **state)
{
	struct world world = world_new(sim_default_options());
	struct error err = ERROR_INIT;
	const char *created;
	char path[96];

	(void)state;
	AUTO_JSON json_t *answer = order(&world, "one");
	world.now_ms += 3600000;
	snprintf(path, sizeof(path), "/v1/servers/%lld/actions/create_image",
		 (long long)number_at(answer, "server", "id"));
	json_decref(ask(&world, "POST", path, NULL));
	assert_int_equal(world.status, 201);
	AUTO_JSON json_t *before = ask(&world, "GET", "/_sim/bill", NULL);
	assert_int_equal(json_array_size(json_object_get(before, "items")), 2);
	world.now_ms += 7200000;
	AUTO_JSON json_t *after = ask(&world, "GET", "/_sim/bill", NULL);
	const json_t *snapshot = json_array_get(json_object_get(after, "items"), 2);
	assert_int_equal(json_get_string(snapshot, "created", &created, &err), 0);
	assert_string_equal(created, "2026-01-01T01:00:05Z");
	sim_free(world.sim);
}

/* The same requests at the same times: byte for byte the same answers. */
static char *history(uint64_t seed)
{
	struct sim_options options = sim_default_options();
	AUTO_TEXT struct text all = TEXT_INIT(1 << 20);

	options.seed = seed;
	struct world world = world_new(options);
	order_many(&world, 3);
	for (int i = 0; i < 5; i++) {
		static const char *const paths[] = { "/v1/servers", "/v1/primary_ips", "/_sim/bill" };
		for (size_t j = 0; j < ARRAY_LENGTH(paths); j++) {
			AUTO_JSON json_t *answer = ask(&world, "GET", paths[j], NULL);
			AUTO_FREE char *string = json_format(answer, false);
			text_add_string(&all, string);
		}
		world.now_ms += 1700;
	}
	text_add_string(&all, sim_token(world.sim, 0));
	sim_free(world.sim);
	assert_false(all.overflowed);
	return text_take(&all);
}

static void test_the_seed_decides(void **state)
{
	AUTO_FREE char *first = history(5);
	AUTO_FREE char *second = history(5);
	AUTO_FREE char *other = history(6);

	(void)state;
	assert_string_equal(first, second);
	assert_string_not_equal(first, other);
}

static void test_addresses_are_not_given_twice(void **state)
{
	struct sim_options options = sim_default_options();
	char last[64] = "";

	(void)state;
	options.rate_limit = 1000000;
	struct world world = world_new(options);
	for (int i = 0; i < 600; i++) {
		AUTO_JSON json_t *answer = order(&world, "one");
		const char *address = json_string_value(json_object_get(
			json_object_get(json_object_get(json_object_get(answer, "server"), "public_net"), "ipv4"),
			"ip"));
		assert_non_null(address);
		assert_string_not_equal(address, last);
		const char *final = strrchr(address, '.');
		assert_string_not_equal(final, ".0");
		assert_string_not_equal(final, ".255");
		text_copy(last, sizeof(last), address);
		char path[64];
		snprintf(path, sizeof(path), "/v1/servers/%lld", (long long)number_at(answer, "server", "id"));
		json_decref(ask(&world, "DELETE", path, NULL));
	}
	AUTO_JSON json_t *left = ask(&world, "GET", "/v1/primary_ips", NULL);
	assert_int_equal(json_array_size(json_object_get(left, "primary_ips")), 0);
	sim_free(world.sim);
}

static void test_old_images_go_out_of_sale(void **state)
{
	static const char body[] = "{\"name\": \"old\", \"server_type\": \"cx23\", \"image\": \"debian-11\"}";
	struct world world = world_new(sim_default_options());

	(void)state;
	AUTO_JSON json_t *before = ask(&world, "POST", "/v1/servers", body);
	assert_int_equal(world.status, 201);
	AUTO_JSON json_t *stepped = ask(&world, "POST", "/_sim/clock", "{\"advance\": 31536000}");
	AUTO_JSON json_t *listed = ask(&world, "GET", "/v1/images?name=debian-11", NULL);
	assert_int_equal(json_array_size(json_object_get(listed, "images")), 0);
	AUTO_JSON json_t *all = ask(&world, "GET", "/v1/images?name=debian-11&include_deprecated=true", NULL);
	assert_int_equal(json_array_size(json_object_get(all, "images")), 2);
	AUTO_JSON json_t *after = ask(&world, "POST", "/v1/servers", body);
	assert_int_equal(world.status, 422);
	sim_free(world.sim);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pages),
		cmocka_unit_test(test_bad_queries),
		cmocka_unit_test(test_names_are_unique),
		cmocka_unit_test(test_a_server_comes_up_in_its_time),
		cmocka_unit_test(test_speed_divides_every_duration),
		cmocka_unit_test(test_actions_end_at_their_own_time),
		cmocka_unit_test(test_actions_are_found_by_their_ids),
		cmocka_unit_test(test_hosts_follow_their_servers),
		cmocka_unit_test(test_a_snapshot_costs_from_its_completion),
		cmocka_unit_test(test_the_seed_decides),
		cmocka_unit_test(test_addresses_are_not_given_twice),
		cmocka_unit_test(test_old_images_go_out_of_sale),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
