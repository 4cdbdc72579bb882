/* Waiting for actions: one request polls all that are waited for. */
#include "hetzner_world.h"

#define FORBIDDEN   "{\"error\": {\"code\": \"forbidden\", \"message\": \"no\"}}"
#define RUNNING(id) "{\"id\": " #id ", \"status\": \"running\", \"progress\": 10, \"error\": null}"
#define SUCCESS(id) "{\"id\": " #id ", \"status\": \"success\", \"progress\": 100, \"error\": null}"
#define FAILURE(id)                                                                                                    \
	"{\"id\": " #id ", \"status\": \"error\", \"command\": \"create_server\", \"error\": {\"code\": "              \
	"\"action_failed\", \"message\": \"no luck\"}}"
#define ACTIONS(list) "{\"actions\": [" list "]}"

static void wait_for(struct world *world, struct heard *heard, int64_t first, int64_t second)
{
	const int64_t ids[] = { first, second };

	cloud_wait_actions(world->cloud, ids, second ? 2 : 1, hear, heard);
}

static void test_nothing_to_wait_for(void **state)
{
	(void)state;
	struct heard heard = { 0 };
	struct world world;
	world_open(&world, NULL, 0);
	cloud_wait_actions(world.cloud, NULL, 0, hear, &heard);
	assert_int_equal(heard.times, 0);
	turn_for(&world, 50);
	assert_int_equal(heard.times, 1);
	assert_int_equal(heard.error.kind, ERROR_NONE);
	assert_request_count(&world, 0);
	world_close(&world);
}

static void test_two_waiters_one_request(void **state)
{
	(void)state;
	const struct scripted_step steps[] = {
		{ .status = 200, .body = ACTIONS(RUNNING(1) "," SUCCESS(2) "," SUCCESS(3)) },
		{ .status = 200, .body = ACTIONS(SUCCESS(1)) },
	};
	struct heard one = { 0 }, other = { 0 };
	struct world world;
	world_open(&world, steps, 2);
	wait_for(&world, &one, 1, 2);
	wait_for(&world, &other, 3, 0);
	turn_for(&world, 300);
	assert_request_count(&world, 0); /* not at once: no action is that quick */
	wait_until_heard(&world, &other);
	assert_int_equal(other.error.kind, ERROR_NONE);
	assert_int_equal(one.times, 0);
	assert_request_count(&world, 1);
	assert_request(&world, 0, "GET /v1/actions?id=1&id=2&id=3&page=1&per_page=50");
	wait_until_heard(&world, &one);
	assert_int_equal(one.error.kind, ERROR_NONE);
	assert_request(&world, 1, "GET /v1/actions?id=1&page=1&per_page=50");
	turn_for(&world, 800);
	assert_request_count(&world, 2); /* nobody waits any more */
	world_close(&world);
}

static void test_failure_is_the_waiters_own(void **state)
{
	(void)state;
	const struct scripted_step step = { .status = 200, .body = ACTIONS(FAILURE(1) "," SUCCESS(2)) };
	struct heard unlucky = { 0 }, lucky = { 0 };
	struct world world;
	world_open(&world, &step, 1);
	wait_for(&world, &unlucky, 1, 0);
	wait_for(&world, &lucky, 2, 0);
	wait_until_heard(&world, &unlucky);
	assert_int_equal(unlucky.error.kind, ERROR_REMOTE);
	assert_string_equal(unlucky.error.code, "action_failed");
	assert_non_null(strstr(unlucky.error.message, "no luck"));
	assert_non_null(strstr(unlucky.error.message, "create_server"));
	assert_int_equal(lucky.times, 1);
	assert_int_equal(lucky.error.kind, ERROR_NONE);
	world_close(&world);
}

static void test_missing_action(void **state)
{
	(void)state;
	const struct scripted_step back_in_time[] = { { .status = 200, .body = ACTIONS("") },
						      { .status = 200, .body = ACTIONS("") },
						      { .status = 200, .body = ACTIONS(SUCCESS(1)) } };
	const struct scripted_step gone[] = { { .status = 200, .body = ACTIONS("") },
					      { .status = 200, .body = ACTIONS("") },
					      { .status = 200, .body = ACTIONS("") } };
	struct heard heard = { 0 };
	struct world world;
	world_open(&world, back_in_time, 3);
	wait_for(&world, &heard, 1, 0);
	wait_until_heard(&world, &heard);
	assert_int_equal(heard.error.kind, ERROR_NONE);
	world_close(&world);
	heard.times = 0;
	world_open(&world, gone, 3);
	wait_for(&world, &heard, 1, 0);
	wait_until_heard(&world, &heard);
	assert_int_equal(heard.error.kind, ERROR_REMOTE);
	assert_request_count(&world, 3);
	world_close(&world);
}

static void test_polling_that_fails_for_good(void **state)
{
	(void)state;
	const struct scripted_step step = { .status = 403, .body = FORBIDDEN };
	struct heard one = { 0 }, other = { 0 };
	struct world world;
	world_open(&world, &step, 1);
	wait_for(&world, &one, 1, 0);
	wait_for(&world, &other, 2, 0);
	wait_until_heard(&world, &one);
	assert_string_equal(one.error.code, "forbidden");
	assert_string_equal(other.error.code, "forbidden");
	assert_request_count(&world, 1);
	world_close(&world);
}

/* The interval grows while nothing changes: 0.5 s, 0.75 s, 1.1 s, ... and a new waiter brings it back. */
static void test_interval(void **state)
{
	(void)state;
	struct scripted_step steps[8];
	struct heard old = { 0 }, new = { 0 };
	struct world world;
	for (size_t i = 0; i < ARRAY_LENGTH(steps); i++)
		steps[i] = (struct scripted_step){ .status = 200, .body = ACTIONS(RUNNING(1) "," RUNNING(2)) };
	world_open(&world, steps, ARRAY_LENGTH(steps));
	wait_for(&world, &old, 1, 0);
	turn_for(&world, 2150); /* at 0.5 and 1.25 s, then 2.4 s */
	assert_request_count(&world, 2);
	turn_for(&world, 400); /* the next one is due at 4.1 s */
	assert_request_count(&world, 3);
	wait_for(&world, &new, 2, 0);
	turn_for(&world, 700);
	assert_request_count(&world, 4);
	assert_request(&world, 3, "GET /v1/actions?id=1&id=2&page=1&per_page=50");
	world_close(&world);
}

/* Waiters that keep arriving must not push the next poll ahead of them for ever. */
static void test_arrivals_do_not_put_polling_off(void **state)
{
	(void)state;
	struct scripted_step steps[8];
	struct heard heard[10] = { 0 };
	struct world world;
	for (size_t i = 0; i < ARRAY_LENGTH(steps); i++)
		steps[i] = (struct scripted_step){ .status = 200, .body = ACTIONS(RUNNING(1)) };
	world_open(&world, steps, ARRAY_LENGTH(steps));
	for (size_t i = 0; i < 6; i++) {
		wait_for(&world, &heard[i], 1, 0);
		turn_for(&world, 200);
	}
	assert_true(scripted_server_count(world.server) >= 1);
	world_close(&world);
}

/* 30 actions that never end, and one that has: a request holds 25 ids, and those
 * beyond must get their turn all the same. */
static void test_many_actions(void **state)
{
	(void)state;
	AUTO_TEXT struct text body = TEXT_INIT(1 << 16);
	struct scripted_step steps[6];
	struct heard stuck[30] = { 0 }, last = { 0 };
	struct world world;
	text_add_string(&body, "{\"actions\": [" SUCCESS(99));
	for (int id = 1; id <= 30; id++)
		text_addf(&body, ", {\"id\": %d, \"status\": \"running\"}", id);
	text_add_string(&body, "]}");
	for (size_t i = 0; i < ARRAY_LENGTH(steps); i++)
		steps[i] = (struct scripted_step){ .status = 200, .body = text_string(&body) };
	world_open(&world, steps, ARRAY_LENGTH(steps));
	for (int id = 1; id <= 30; id++)
		wait_for(&world, &stuck[id - 1], id, 0);
	wait_for(&world, &last, 99, 0);
	turn_for(&world, 1000);
	assert_int_equal(last.times, 1);
	assert_int_equal(last.error.kind, ERROR_NONE);
	assert_request_count(&world, 2); /* of 25 and of 6, right after one another */
	assert_null(strstr(scripted_server_request(world.server, 1), "id=1&"));
	assert_non_null(strstr(scripted_server_request(world.server, 1), "id=99&"));
	world_close(&world);
}

/* More than one waiter usually has: all of them count. */
static void test_a_long_list(void **state)
{
	(void)state;
	AUTO_TEXT struct text running = TEXT_INIT(1 << 16);
	int64_t ids[20];
	struct heard heard = { 0 };
	struct world world;
	text_add_string(&running, "{\"actions\": [{\"id\": 20, \"status\": \"running\"}");
	for (int id = 1; id < 20; id++)
		text_addf(&running, ", {\"id\": %d, \"status\": \"success\"}", id);
	text_add_string(&running, "]}");
	const struct scripted_step steps[] = { { .status = 200, .body = text_string(&running) },
					       { .status = 200, .body = ACTIONS(SUCCESS(20)) } };
	for (int64_t i = 0; i < 20; i++)
		ids[i] = i + 1;
	world_open(&world, steps, 2);
	cloud_wait_actions(world.cloud, ids, 20, hear, &heard);
	turn_for(&world, 700);
	assert_int_equal(heard.times, 0);
	wait_until_heard(&world, &heard);
	assert_int_equal(heard.error.kind, ERROR_NONE);
	world_close(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_to_wait_for),
		cmocka_unit_test(test_two_waiters_one_request),
		cmocka_unit_test(test_failure_is_the_waiters_own),
		cmocka_unit_test(test_missing_action),
		cmocka_unit_test(test_polling_that_fails_for_good),
		cmocka_unit_test(test_interval),
		cmocka_unit_test(test_arrivals_do_not_put_polling_off),
		cmocka_unit_test(test_many_actions),
		cmocka_unit_test(test_a_long_list),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
