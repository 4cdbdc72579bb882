/* Which requests a fault troubles, how many, for how long, and which faults are refused. */
#include "sim_world.h"

#include "base/memory.h"

static void add(struct world *world, const char *fault)
{
	struct error err = ERROR_INIT;

	if (sim_add_faults(world->sim, fault, strlen(fault), &err))
		fail_msg("%s: %s", fault, err.message);
}

static size_t waiting(struct world *world)
{
	AUTO_JSON json_t *report = ask(world, "GET", "/_sim/faults", NULL);

	return json_array_size(json_object_get(report, "faults"));
}

static void expect(struct world *world, const char *method, const char *path, int status)
{
	int found = ask_status(world, method, path, NULL);

	if (found != status)
		fail_msg("%s %s: %d instead of %d", method, path, found, status);
}

static void test_method_route_and_project_must_fit(void **state)
{
	struct sim_options options = sim_default_options();

	(void)state;
	options.projects = 2;
	struct world world = world_new(options);
	add(&world,
	    "{\"match\": {\"method\": \"GET\", \"route\": \"/servers/{id}\", \"project\": 1}, \"error\": \"timeout\"}");
	expect(&world, "GET", "/v1/servers", 200);
	expect(&world, "DELETE", "/v1/servers/7", 404);
	expect(&world, "GET", "/v1/servers/7", 404);
	world.project = 1;
	expect(&world, "GET", "/v1/servers", 200);
	expect(&world, "GET", "/v1/servers/7", 504);
	expect(&world, "GET", "/v1/servers/7", 404);
	sim_free(world.sim);
}

static void test_skip_and_times(void **state)
{
	struct world world = world_new(sim_default_options());

	(void)state;
	add(&world, "{\"skip\": 2, \"times\": 2, \"error\": \"conflict\"}");
	for (int i = 0; i < 6; i++)
		expect(&world, "GET", "/v1/locations", i == 2 || i == 3 ? 409 : 200);
	sim_free(world.sim);
}

static void test_one_request_meets_one_fault(void **state)
{
	struct world world = world_new(sim_default_options());

	(void)state;
	add(&world, "[{\"error\": \"conflict\"}, {\"error\": \"timeout\"}]");
	expect(&world, "GET", "/v1/locations", 409);
	expect(&world, "GET", "/v1/locations", 504);
	expect(&world, "GET", "/v1/locations", 200);
	sim_free(world.sim);
}

/* How many of 1000 requests meet a fault. */
static int struck(uint64_t seed, const char *fault, int64_t *ret_first)
{
	struct sim_options options = sim_default_options();
	int count = 0;

	options.seed = seed;
	struct world world = world_new(options);
	*ret_first = -1;
	add(&world, fault);
	for (int i = 0; i < 1000; i++)
		if (ask_status(&world, "GET", "/v1/locations", NULL) != 200) {
			*ret_first = *ret_first < 0 ? i : *ret_first;
			count++;
		}
	sim_free(world.sim);
	return count;
}

static void test_chance_comes_from_the_seed(void **state)
{
	static const char fault[] = "{\"probability\": 0.3, \"error\": \"unavailable\"}";
	int64_t first, again, other;
	int count = struck(7, fault, &first);

	(void)state;
	assert_in_range(count, 250, 350);
	assert_int_equal(struck(7, fault, &again), count);
	assert_int_equal(first, again);
	assert_int_not_equal(struck(8, fault, &other), count);
	assert_int_equal(struck(7, "{\"probability\": 0.3, \"times\": 5, \"error\": \"unavailable\"}", &first), 5);
	assert_int_equal(struck(7, "{\"probability\": 1, \"error\": \"unavailable\"}", &first), 1);
}

static void check_limit(struct world *world, int status, int64_t reset)
{
	struct sim_reply reply;

	send_request(world, "GET", "/v1/locations", NULL, &reply);
	assert_int_equal(reply.status, status);
	assert_true(reply.rate_limited);
	assert_int_equal(reply.rate_limit, 3600);
	if (status == 429) {
		assert_int_equal(reply.rate_remaining, 0);
		assert_int_equal(reply.rate_reset, reset);
	} else {
		assert_true(reply.rate_remaining > 3000);
	}
	sim_reply_release(&reply);
}

static void test_a_storm_lasts_from_its_first_request(void **state)
{
	struct world world = world_new(sim_default_options());
	int64_t end = START_MS + 60000 + 30000;

	(void)state;
	add(&world, "{\"error\": \"rate_limit_exceeded\", \"seconds\": 30}");
	world.now_ms += 60000;
	check_limit(&world, 429, end / 1000);
	world.now_ms = end - 1;
	check_limit(&world, 429, end / 1000);
	assert_int_equal(waiting(&world), 1);
	world.now_ms = end;
	check_limit(&world, 200, 0);
	assert_int_equal(waiting(&world), 0);
	add(&world, "{\"error\": \"rate_limit_exceeded\"}");
	check_limit(&world, 429, end / 1000 + 1);
	sim_free(world.sim);
}

static void test_the_report_shows_what_is_left(void **state)
{
	struct world world = world_new(sim_default_options());

	(void)state;
	AUTO_JSON json_t *added =
		ask(&world, "POST", "/_sim/faults",
		    "{\"match\": {\"route\": \"/locations\"}, \"skip\": 1, \"times\": 3, \"hang\": 0.5}");
	assert_int_equal(world.status, 201);
	expect(&world, "GET", "/v1/locations", 200);
	expect(&world, "GET", "/v1/locations", 200);
	AUTO_JSON json_t *report = ask(&world, "GET", "/_sim/faults", NULL);
	AUTO_FREE char *text = json_format(report, false);
	assert_string_equal(text, "{\"faults\":[{\"match\":{\"route\":\"/locations\"},\"skip\":0,\"times\":2,"
				  "\"hang\":0.5}]}");
	expect(&world, "DELETE", "/_sim/faults", 204);
	assert_int_equal(waiting(&world), 0);
	sim_free(world.sim);
}

static void test_what_starts_no_action_spends_no_fault_of_actions(void **state)
{
	struct world world = world_new(sim_default_options());

	(void)state;
	add(&world, "{\"fail_action\": true}");
	expect(&world, "GET", "/v1/servers", 200);
	assert_int_equal(waiting(&world), 1);
	order_id(&world, "one");
	assert_int_equal(waiting(&world), 0);
	sim_free(world.sim);
}

static void check_error(const char *code, int status, const char *details)
{
	struct world world = world_new(sim_default_options());
	char fault[96];

	snprintf(fault, sizeof(fault), "{\"error\": \"%s\"}", code);
	add(&world, fault);
	AUTO_JSON json_t *answer = ask(&world, "POST", "/v1/servers", NULL);
	const json_t *error = json_object_get(answer, "error");
	const char *message = json_string_value(json_object_get(error, "message"));
	AUTO_FREE char *found = json_dumps(json_object_get(error, "details"), JSON_COMPACT | JSON_ENCODE_ANY);
	assert_int_equal(world.status, status);
	assert_string_equal(error_code(answer), code);
	assert_true(message && *message);
	assert_string_equal(found, details);
	sim_free(world.sim);
}

static void test_errors_by_their_code(void **state)
{
	(void)state;
	check_error("token_readonly", 401, "null");
	check_error("maintenance", 403, "null");
	check_error("resource_limit_exceeded", 403, "{\"limits\":[{\"name\":\"server_limit\"}]}");
	check_error("uniqueness_error", 409, "{\"fields\":[{\"name\":\"name\"}]}");
	check_error("deprecated_api_endpoint", 410, "{\"announcement\":\"https://docs.hetzner.cloud/changelog\"}");
	check_error("resource_unavailable", 412, "null");
	check_error("invalid_input", 422, "{\"fields\":[{\"name\":\"name\",\"messages\":[\"is invalid\"]}]}");
	check_error("placement_error", 422, "null");
	check_error("locked", 423, "null");
	check_error("rate_limit_exceeded", 429, "null");
	check_error("server_error", 500, "null");
	check_error("bad_gateway", 502, "null");
	check_error("timeout", 504, "null");
}

static void test_faults_that_make_no_sense_are_refused(void **state)
{
	static const char *const faults[] = {
		"{}",
		"7",
		"[[]]",
		"{\"times\": 3}",
		"{\"htlm\": true}",
		"{\"html\": false}",
		"{\"html\": 1}",
		"{\"times\": 0, \"html\": true}",
		"{\"times\": 1.5, \"html\": true}",
		"{\"skip\": -1, \"html\": true}",
		"{\"probability\": 0, \"html\": true}",
		"{\"probability\": 1.1, \"html\": true}",
		"{\"seconds\": 0, \"html\": true}",
		"{\"hang\": \"long\"}",
		"{\"big\": 2000000000}",
		"{\"error\": \"teapot\"}",
		"{\"error\": 429}",
		"{\"answer\": {\"status\": 600}}",
		"{\"answer\": {\"stauts\": 500}}",
		"{\"answer\": true}",
		"{\"match\": \"/servers\", \"html\": true}",
		"{\"match\": {\"methd\": \"GET\"}, \"html\": true}",
		"{\"match\": {\"route\": \"/server\"}, \"html\": true}",
		"{\"match\": {\"method\": \"PATCH\"}, \"html\": true}",
		"{\"match\": {\"method\": \"POST\", \"route\": \"/locations\"}, \"html\": true}",
		"{\"error\": \"timeout\", \"answer\": {\"status\": 500}}",
		"{\"html\": true, \"big\": 10}",
		"{\"drop\": true, \"html\": true}",
		"{\"drop\": true, \"cut\": true}",
		"{\"cut\": true, \"endless\": true}",
		"{\"html\": true, \"fail_action\": true}",
		"{\"error\": \"timeout\", \"repeat\": \"first\"}",
		"{\"repeat\": \"third\"}",
		"{\"repeat\": \"second\", \"late\": 5}",
		"{\"late\": 5, \"cut\": true}",
		"{\"late\": 5, \"fail_action\": true}",
		"{\"stall_action\": true, \"fail_action\": true}",
		"{\"action_factor\": 2, \"action_seconds\": 2}",
		"{\"match\": {\"method\": \"GET\"}, \"stall_action\": true}",
		"{\"match\": {\"route\": \"/locations\"}, \"stale\": 10}",
		"{\"match\": {\"method\": \"GET\"}, \"stale\": 10}",
		"{\"match\": {\"method\": \"DELETE\", \"route\": \"/servers/{id}\"}, \"stale\": 10}",
		"{\"ssh\": \"sometimes\"}",
		"{\"match\": {\"method\": \"PUT\", \"route\": \"/servers/{id}\"}, \"ssh\": \"never\"}",
	};
	struct world world = world_new(sim_default_options());

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(faults); i++) {
		struct error err = ERROR_INIT;
		if (sim_add_faults(world.sim, faults[i], strlen(faults[i]), &err) == 0)
			fail_msg("accepted: %s", faults[i]);
		assert_true(*err.message);
	}
	assert_int_equal(waiting(&world), 0);
	sim_free(world.sim);
}

static void test_of_an_array_all_are_added_or_none(void **state)
{
	static const char bad[] = "[{\"html\": true}, {\"htlm\": true}]";
	struct world world = world_new(sim_default_options());
	struct error err = ERROR_INIT;

	(void)state;
	add(&world, "{\"cut\": true}");
	assert_int_equal(sim_add_faults(world.sim, bad, strlen(bad), &err), -1);
	assert_non_null(strstr(err.message, "fault 2"));
	assert_non_null(strstr(err.message, "htlm"));
	assert_int_equal(waiting(&world), 1);
	sim_free(world.sim);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_method_route_and_project_must_fit),
		cmocka_unit_test(test_skip_and_times),
		cmocka_unit_test(test_one_request_meets_one_fault),
		cmocka_unit_test(test_chance_comes_from_the_seed),
		cmocka_unit_test(test_a_storm_lasts_from_its_first_request),
		cmocka_unit_test(test_the_report_shows_what_is_left),
		cmocka_unit_test(test_what_starts_no_action_spends_no_fault_of_actions),
		cmocka_unit_test(test_errors_by_their_code),
		cmocka_unit_test(test_faults_that_make_no_sense_are_refused),
		cmocka_unit_test(test_of_an_array_all_are_added_or_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
