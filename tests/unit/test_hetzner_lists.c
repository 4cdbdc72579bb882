/* Lists of the REST driver: complete or an error, and shared. */
#include "hetzner_world.h"

#define FLEET_QUERY "GET /v1/servers?label_selector=managed-by%3Dccc%2Cccc-fleet%3Df1&sort=id%3Aasc"

struct page {
	int first, last;  /* ids on it */
	int number, next; /* 0: null */
	int total;        /* -1: null */
};

static void add_number(struct text *text, const char *name, int number, bool known)
{
	if (known)
		text_addf(text, "\"%s\": %d, ", name, number);
	else
		text_addf(text, "\"%s\": null, ", name);
}

static char *page_json(const struct page *page)
{
	struct text json;

	text_init(&json, 1 << 20);
	text_add_string(&json, "{\"servers\": [");
	for (int id = page->first; id <= page->last; id++) {
		char name[32];
		snprintf(name, sizeof(name), "cc-%06d", id);
		AUTO_FREE char *server = server_json(id, name);
		text_addf(&json, "%s%s", id > page->first ? "," : "", server);
	}
	text_add_string(&json, "], \"meta\": {\"pagination\": {");
	add_number(&json, "page", page->number, true);
	add_number(&json, "next_page", page->next, page->next != 0);
	add_number(&json, "total_entries", page->total, page->total >= 0);
	text_add_string(&json, "\"per_page\": 50, \"previous_page\": null, \"last_page\": null}}}");
	return text_take(&json);
}

/* Lists the fleet over these pages; gives how many requests it took. */
static size_t list(const struct page *pages, size_t count, struct heard *heard)
{
	struct scripted_step steps[12];
	struct world world;
	char *bodies[12];

	/* the same again, should the driver start anew */
	for (size_t i = 0; i < ARRAY_LENGTH(steps); i++) {
		bodies[i] = page_json(&pages[i % count]);
		steps[i] = (struct scripted_step){ .status = 200, .body = bodies[i] };
	}
	memset(heard, 0, sizeof(*heard));
	world_open(&world, steps, ARRAY_LENGTH(steps));
	cloud_list_servers(world.cloud, "f1", hear, heard);
	wait_until_heard(&world, heard);
	size_t asked = scripted_server_count(world.server);
	assert_request(&world, 0, FLEET_QUERY "&page=1&per_page=50");
	if (count > 1 && asked > 1)
		assert_request(&world, 1, FLEET_QUERY "&page=2&per_page=50");
	world_close(&world);
	for (size_t i = 0; i < ARRAY_LENGTH(bodies); i++)
		free(bodies[i]);
	return asked;
}

static void test_whole_lists(void **state)
{
	(void)state;
	const struct page empty = { 1, 0, 1, 0, 0 }, one = { 5, 7, 1, 0, 3 };
	const struct page two[] = { { 1, 50, 1, 2, 53 }, { 51, 53, 2, 0, 53 } };
	struct heard heard;
	assert_int_equal(list(&empty, 1, &heard), 1);
	assert_int_equal(heard.error.kind, ERROR_NONE);
	assert_int_equal(heard.server_count, 0);
	assert_int_equal(list(&one, 1, &heard), 1);
	assert_int_equal(heard.error.kind, ERROR_NONE);
	assert_int_equal(heard.server_count, 3);
	assert_int_equal(heard.servers[2].id, 7);
	assert_int_equal(list(two, 2, &heard), 2);
	assert_int_equal(heard.error.kind, ERROR_NONE);
	assert_int_equal(heard.server_count, 53);
	for (int i = 0; i < 53; i++)
		assert_int_equal(heard.servers[i].id, i + 1);
}

/* P3: half a list is an error, never a list. */
static void test_half_lists(void **state)
{
	(void)state;
	static const struct page shapes[][2] = {
		{ { 1, 49, 1, 2, 53 }, { 51, 53, 2, 0, 53 } },     /* one is missing */
		{ { 1, 50, 1, 2, 53 }, { 50, 52, 2, 0, 53 } },     /* one came twice */
		{ { 1, 50, 1, 3, 103 }, { 101, 103, 3, 0, 103 } }, /* a page is passed over */
		{ { 1, 50, 1, 1, 53 }, { 51, 53, 2, 0, 53 } },     /* in a circle */
		{ { 1, 50, 1, 2, 53 }, { 51, 53, 7, 0, 53 } },     /* another page than was asked for */
		{ { 1, 50, 1, 0, 53 }, { 51, 53, 2, 0, 53 } },     /* it ends too soon */
		/* one of the first page was deleted in between: 51 slid onto the first page and is never seen,
		 * and yet the number of entries agrees with the last page's own claim */
		{ { 1, 50, 1, 2, 100 }, { 52, 100, 2, 0, 99 } },
	};
	for (size_t i = 0; i < ARRAY_LENGTH(shapes); i++) {
		struct heard heard;
		list(shapes[i], 2, &heard);
		assert_int_equal(heard.error.kind, ERROR_REMOTE);
		assert_int_equal(heard.server_count, 0);
		assert_non_null(strstr(heard.error.message, "servers"));
	}
}

static void test_an_error_on_a_later_page(void **state)
{
	(void)state;
	const struct page first = { 1, 50, 1, 2, 53 };
	AUTO_FREE char *body = page_json(&first);
	const struct scripted_step steps[] = {
		{ .status = 200, .body = body },
		{ .status = 403, .body = "{\"error\": {\"code\": \"forbidden\", \"message\": \"no\"}}" },
	};
	struct heard heard = { 0 };
	struct world world;
	world_open(&world, steps, 2);
	cloud_list_servers(world.cloud, "f1", hear, &heard);
	wait_until_heard(&world, &heard);
	assert_string_equal(heard.error.code, "forbidden");
	assert_int_equal(heard.server_count, 0);
	world_close(&world);
}

static void test_senseless_members(void **state)
{
	(void)state;
	static const char *const bodies[] = {
		"{\"servers\": []}",
		"{\"servers\": {}, \"meta\": {\"pagination\": {\"page\": 1, \"next_page\": null, \"total_entries\": "
		"0}}}",
		"{\"meta\": {\"pagination\": {\"page\": 1, \"next_page\": null, \"total_entries\": 0}}}",
		"{\"servers\": [{\"name\": \"x\"}], \"meta\": {\"pagination\": {\"page\": 1, \"total_entries\": 1}}}",
		"{\"servers\": [{\"id\": \"99x\", \"name\": \"x\"}], \"meta\": {\"pagination\": {\"page\": 1}}}",
		"{\"servers\": [{\"id\": 1}], \"meta\": {\"pagination\": {\"page\": 1, \"total_entries\": 1}}}",
		"{\"servers\": [17], \"meta\": {\"pagination\": {\"page\": 1, \"total_entries\": 1}}}",
		"{\"servers\": [], \"meta\": {\"pagination\": {\"page\": 1, \"next_page\": \"2\", \"total_entries\": "
		"0}}}",
	};
	for (size_t i = 0; i < ARRAY_LENGTH(bodies); i++) {
		const struct scripted_step step = { .status = 200, .body = bodies[i] };
		struct heard heard = { 0 };
		struct world world;
		world_open(&world, &step, 1);
		cloud_list_servers(world.cloud, "f1", hear, &heard);
		wait_until_heard(&world, &heard);
		assert_int_equal(heard.error.kind, ERROR_REMOTE);
		world_close(&world);
	}
}

static void test_sharing(void **state)
{
	(void)state;
	const struct page page = { 1, 2, 1, 0, 2 };
	AUTO_FREE char *body = page_json(&page);
	const struct scripted_step steps[] = { { .status = 200, .body = body, .delay_ms = 300 },
					       { .status = 200, .body = body } };
	struct heard early[2] = { 0 }, late = { 0 };
	struct error error;
	struct world world;
	world_open(&world, steps, 2);
	cloud_list_servers(world.cloud, "f1", hear, &early[0]);
	cloud_list_servers(world.cloud, "f1", hear, &early[1]);
	while (scripted_server_count(world.server) == 0)
		turn_for(&world, 5);
	/* that list has begun: who asks now must not be given it, though it is not answered yet */
	assert_int_equal(early[0].times, 0);
	cloud_list_servers(world.cloud, "f1", hear, &late);
	while (!early[0].times || !late.times)
		assert_int_equal(loop_turn(world.loop, &error), 0);
	assert_int_equal(early[1].times, 1);
	assert_int_equal(early[0].server_count, 2);
	assert_int_equal(early[1].server_count, 2);
	assert_int_equal(late.server_count, 2);
	assert_request_count(&world, 2);
	world_close(&world);
}

/* Nobody gets the list of another fleet. */
static void test_fleets_are_told_apart(void **state)
{
	(void)state;
	const struct page page = { 1, 2, 1, 0, 2 };
	AUTO_FREE char *body = page_json(&page);
	const struct scripted_step steps[] = { { .status = 200, .body = body }, { .status = 200, .body = body } };
	struct heard one = { 0 }, other = { 0 };
	struct error error;
	struct world world;
	world_open(&world, steps, 2);
	cloud_list_servers(world.cloud, "f1", hear, &one);
	cloud_list_servers(world.cloud, "f2", hear, &other);
	while (!one.times || !other.times)
		assert_int_equal(loop_turn(world.loop, &error), 0);
	assert_request_count(&world, 2);
	assert_null(strstr(scripted_server_request(world.server, 0),
			   strstr(scripted_server_request(world.server, 1), "Df1") ? "Df1" : "Df2"));
	world_close(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole_lists),
		cmocka_unit_test(test_half_lists),
		cmocka_unit_test(test_an_error_on_a_later_page),
		cmocka_unit_test(test_senseless_members),
		cmocka_unit_test(test_sharing),
		cmocka_unit_test(test_fleets_are_told_apart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
