/* Errors, retries, the rate limit and the clock of the REST driver. */
#include "hetzner_world.h"

#define ENVELOPE(code, message) "{\"error\": {\"code\": \"" code "\", \"message\": \"" message "\", \"details\": null}}"

static const char no_firewalls[] =
	"{\"firewalls\": [], \"meta\": {\"pagination\": {\"page\": 1, \"per_page\": 50, "
	"\"previous_page\": null, \"next_page\": null, \"last_page\": 1, \"total_entries\": 0}}}";
static const char action[] = "{\"action\": {\"id\": 7, \"status\": \"running\", \"command\": \"delete_server\"}}";

static const struct cloud_order order = { .name = "cc-abc123",
					  .type = "cpx22",
					  .location = "fsn1",
					  .image = "debian-12",
					  .user_data = "#cloud-config\n",
					  .labels = { .managed_by = "ccc" } };

/* The ways to ask, so that each answer can be tried on each kind of request. */
static void ask_get(struct world *world, struct heard *heard)
{
	cloud_get_server(world->cloud, 42, hear, heard);
}

static void ask_create(struct world *world, struct heard *heard)
{
	cloud_create_server(world->cloud, &order, hear, heard);
}

static void ask_delete(struct world *world, struct heard *heard)
{
	cloud_delete_server(world->cloud, 42, hear, heard);
}

/* Plays the same step up to five times and more; gives how many requests were made. */
static size_t play(const struct scripted_step *step, void (*ask)(struct world *, struct heard *), struct heard *heard)
{
	struct scripted_step steps[10];
	struct world world;

	for (size_t i = 0; i < ARRAY_LENGTH(steps); i++)
		steps[i] = *step;
	memset(heard, 0, sizeof(*heard));
	world_open(&world, steps, ARRAY_LENGTH(steps));
	ask(&world, heard);
	assert_int_equal(heard->times, 0); /* never from inside the call */
	wait_until_heard(&world, heard);
	size_t count = scripted_server_count(world.server);
	world_close(&world);
	return count;
}

static void test_refusals(void **state)
{
	(void)state;
	static const struct {
		int status;
		const char *code, *body, *says, *remedy;
	} rows[] = {
		{ 401, "unauthorized", ENVELOPE("unauthorized", "the token is invalid"), "token", "HCLOUD_TOKEN" },
		{ 403, "resource_limit_exceeded", ENVELOPE("resource_limit_exceeded", "server limit reached"),
		  "server limit reached", "higher limit" },
		{ 403, "forbidden", ENVELOPE("forbidden", "not allowed"), "not allowed", "forbidden" },
		{ 409, "uniqueness_error", ENVELOPE("uniqueness_error", "server name is already used"), "already used",
		  "uniqueness_error" },
		{ 412, "resource_unavailable", ENVELOPE("resource_unavailable", "error during placement"),
		  "error during placement", "resource_unavailable" },
		{ 422, "invalid_input", ENVELOPE("invalid_input", "unsupported location for server type"),
		  "unsupported location", "invalid_input" },
		{ 423, "protected", ENVELOPE("protected", "server deletion is protected"), "protected", "protected" },
	};
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		const struct scripted_step step = { .status = rows[i].status, .body = rows[i].body };
		struct heard heard;
		assert_int_equal(play(&step, ask_create, &heard), 1);
		assert_int_equal(heard.error.kind, ERROR_REMOTE);
		assert_int_equal(heard.error.http_status, rows[i].status);
		assert_string_equal(heard.error.code, rows[i].code);
		assert_non_null(strstr(heard.error.message, rows[i].says));
		assert_non_null(strstr(heard.error.message, rows[i].remedy));
		assert_false(heard.maybe_done);
		assert_int_equal(play(&step, ask_get, &heard), 1);
		assert_string_equal(heard.error.code, rows[i].code);
	}
}

/* How often each answer is asked for again, and what it leaves in doubt. */
static void test_retries(void **state)
{
	(void)state;
	static const struct {
		struct scripted_step step;
		size_t reads, creates, deletes;
		bool create_in_doubt, delete_in_doubt;
	} rows[] = {
		{ { .status = 502, .headers = "Content-Type: text/html\r\n", .body = "<html>" }, 5, 1, 5, true, true },
		{ { .status = 503, .body = ENVELOPE("unavailable", "later") }, 5, 1, 5, true, true },
		{ { .status = 504, .body = ENVELOPE("timeout", "late") }, 5, 1, 5, true, true },
		{ { .status = 409, .body = ENVELOPE("conflict", "busy") }, 5, 1, 5, false, false },
		{ { .status = 423, .body = ENVELOPE("locked", "busy") }, 5, 1, 5, false, false },
		{ { .status = 422, .body = ENVELOPE("invalid_input", "no") }, 1, 1, 1, false, false },
		{ { .kind = CLOSE }, 3, 1, 3, true, true }, /* a network that is down is told soon */
	};
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		struct heard heard;
		if (rows[i].step.status != 423) /* of reads only ever said by mistake */
			assert_int_equal(play(&rows[i].step, ask_get, &heard), rows[i].reads);
		assert_int_equal(play(&rows[i].step, ask_create, &heard), rows[i].creates);
		assert_int_equal(heard.error.kind, ERROR_REMOTE);
		assert_int_equal(heard.maybe_done, rows[i].create_in_doubt);
		assert_int_equal(play(&rows[i].step, ask_delete, &heard), rows[i].deletes);
		assert_int_equal(heard.maybe_done, rows[i].delete_in_doubt);
	}
}

static void test_back_off_doubles(void **state)
{
	(void)state;
	const struct scripted_step step = { .status = 503, .body = ENVELOPE("unavailable", "later") };
	uint64_t bounds[8] = { 0 };
	struct heard heard;
	play(&step, ask_get, &heard);
	assert_int_equal(random_asked(bounds, 8), 4);
	for (size_t i = 0; i < 4; i++) /* a bound may include the limit itself */
		assert_in_range(bounds[i], 1000u << i, (1000u << i) + 1);
}

static void test_a_retry_that_works(void **state)
{
	(void)state;
	AUTO_FREE char *server = server_json(42, "cc-abc123");
	AUTO_TEXT struct text body = TEXT_INIT(8192);
	text_addf(&body, "{\"server\": %s}", server);
	const struct scripted_step steps[] = { { .kind = CLOSE }, { .status = 200, .body = text_string(&body) } };
	struct heard heard = { 0 };
	struct world world;
	world_open(&world, steps, 2);
	cloud_get_server(world.cloud, 42, hear, &heard);
	wait_until_heard(&world, &heard);
	assert_int_equal(heard.error.kind, ERROR_NONE);
	assert_int_equal(heard.presence, PRESENCE_PRESENT);
	assert_request_count(&world, 2);
	world_close(&world);
}

/* The first try may have deleted; that the second was refused does not undo it. */
static void test_doubt_outlives_a_later_refusal(void **state)
{
	(void)state;
	const struct scripted_step steps[] = { { .kind = CLOSE },
					       { .status = 403, .body = ENVELOPE("forbidden", "no") } };
	struct heard heard = { 0 };
	struct world world;
	world_open(&world, steps, 2);
	cloud_delete_server(world.cloud, 42, hear, &heard);
	wait_until_heard(&world, &heard);
	assert_string_equal(heard.error.code, "forbidden");
	assert_true(heard.maybe_done);
	world_close(&world);
}

static void test_not_the_api(void **state)
{
	(void)state;
	static const struct scripted_step steps[] = {
		{ .status = 200, .headers = "Content-Type: text/html\r\n", .body = "<html>welcome</html>" },
		{ .status = 200, .body = "{\"server\": {\"id\": 4" },
		{ .status = 200, .body = "[1, 2]" },
		{ .status = 200, .body = "{}" },
		{ .status = 200, .body = "" },
		{ .status = 302, .headers = "Location: https://example.com/\r\n", .body = "" },
	};
	for (size_t i = 0; i < ARRAY_LENGTH(steps); i++) {
		struct heard heard;
		play(&steps[i], ask_get, &heard);
		assert_int_equal(heard.error.kind, ERROR_REMOTE);
		assert_true(strlen(heard.error.message) > 20);
		assert_int_equal(play(&steps[i], ask_create, &heard), 1);
		assert_int_equal(heard.error.kind, ERROR_REMOTE);
		assert_true(heard.maybe_done);
	}
}

static void test_html_is_named(void **state)
{
	(void)state;
	const struct scripted_step step = { .status = 404,
					    .headers = "Content-Type: text/html\r\n",
					    .body = "<html>not here</html>" };
	struct heard heard;
	play(&step, ask_get, &heard); /* P3: this 404 is not the API's and proves no absence */
	assert_int_equal(heard.error.kind, ERROR_REMOTE);
	assert_int_equal(heard.presence, PRESENCE_UNKNOWN);
	assert_non_null(strstr(heard.error.message, "HCLOUD_ENDPOINT"));
}

static void test_nine_megabytes(void **state)
{
	(void)state;
	const struct scripted_step step = { .status = 200, .body = "{}", .padding = 9 << 20 };
	struct heard heard;
	assert_int_equal(play(&step, ask_get, &heard), 1); /* another nine would not help */
	assert_int_equal(heard.error.errnum, EFBIG);
	assert_int_equal(play(&step, ask_create, &heard), 1);
	assert_true(heard.maybe_done);
}

static void test_deep_json(void **state)
{
	(void)state;
	AUTO_TEXT struct text body = TEXT_INIT(1 << 20);
	for (int i = 0; i < 100000; i++)
		text_add_string(&body, "[");
	const struct scripted_step step = { .status = 200, .body = text_string(&body) };
	struct heard heard;
	play(&step, ask_get, &heard);
	assert_int_equal(heard.error.kind, ERROR_REMOTE);
}

static void test_refused_connection(void **state)
{
	(void)state;
	struct world world;
	struct error error = ERROR_INIT;
	struct heard read = { 0 }, create = { 0 };
	char endpoint[64];
	world_open(&world, NULL, 0);
	cloud_free(world.cloud);
	snprintf(endpoint, sizeof(endpoint), "http://127.0.0.1:%d/v1", unused_port());
	assert_int_equal(hetzner_new(world.loop, endpoint, TOKEN, &world.cloud, &error), 0);
	cloud_create_server(world.cloud, &order, hear, &create);
	wait_until_heard(&world, &create);
	assert_int_equal(random_asked(NULL, 0), 0); /* not tried again */
	assert_int_equal(create.error.kind, ERROR_REMOTE);
	assert_false(create.maybe_done);
	cloud_get_server(world.cloud, 42, hear, &read);
	wait_until_heard(&world, &read);
	assert_int_equal(random_asked(NULL, 0), 2); /* tried three times */
	assert_int_equal(read.error.errnum, ECONNREFUSED);
	assert_non_null(strstr(read.error.message, "127.0.0.1"));
	world_close(&world);
}

static void test_429_waits_for_a_token(void **state)
{
	(void)state;
	/* a bucket of 2 an hour that is full again in 4 s: a token takes 2 s */
	const struct scripted_step steps[] = {
		{ .status = 429,
		  .headers = "Content-Type: application/json\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
			     "RateLimit-Limit: 2\r\nRateLimit-Remaining: 0\r\nRateLimit-Reset: 784111781\r\n",
		  .body = ENVELOPE("rate_limit_exceeded", "limit reached") },
		{ .status = 404, .body = ENVELOPE("not_found", "no such server") },
	};
	struct heard heard = { 0 };
	struct world world;
	world_open(&world, steps, 2);
	int64_t begin = clock_monotonic_ms(world.system);
	cloud_get_server(world.cloud, 42, hear, &heard);
	wait_until_heard(&world, &heard);
	int64_t took = clock_monotonic_ms(world.system) - begin;
	assert_request_count(&world, 2);
	assert_int_equal(heard.presence, PRESENCE_ABSENT);
	assert_true(took >= 2000 && took < 6000);
	world_close(&world);
}

/* Its intent is durable with the time at which it is sent: it is not sent later by itself. */
static void test_429_to_an_order_is_given_back(void **state)
{
	(void)state;
	const struct scripted_step steps[] = {
		{ .status = 429, .body = ENVELOPE("rate_limit_exceeded", "limit reached") },
		{ .status = 429, .body = ENVELOPE("rate_limit_exceeded", "limit reached") },
	};
	struct heard create = { 0 }, rebuild = { 0 };
	struct world world;
	world_open(&world, steps, 2);
	cloud_create_server(world.cloud, &order, hear, &create);
	wait_until_heard(&world, &create);
	assert_request_count(&world, 1);
	assert_string_equal(create.error.code, "rate_limit_exceeded");
	assert_false(create.maybe_done);
	cloud_rebuild_server(world.cloud, 42, "debian-12", hear, &rebuild);
	wait_until_heard(&world, &rebuild);
	assert_request_count(&world, 2);
	assert_string_equal(rebuild.error.code, "rate_limit_exceeded");
	assert_false(rebuild.maybe_done);
	world_close(&world);
}

static void test_retry_after_is_obeyed(void **state)
{
	(void)state;
	const struct scripted_step steps[] = {
		{ .status = 429,
		  .headers = "Content-Type: application/json\r\nRetry-After: 2\r\n",
		  .body = ENVELOPE("rate_limit_exceeded", "limit reached") },
		{ .status = 404, .body = ENVELOPE("not_found", "no such server") },
	};
	struct heard heard = { 0 };
	struct world world;
	world_open(&world, steps, 2);
	int64_t begin = clock_monotonic_ms(world.system);
	cloud_get_server(world.cloud, 42, hear, &heard);
	wait_until_heard(&world, &heard);
	assert_int_equal(heard.presence, PRESENCE_ABSENT);
	assert_true(clock_monotonic_ms(world.system) - begin >= 2000);
	world_close(&world);
}

/* Near the end of the bucket reads are let out as it refills, one a second; deletes use the reserve at once. */
static void test_reads_are_held_back(void **state)
{
	(void)state;
	struct scripted_step steps[8];
	const char *nearly_empty =
		"Content-Type: application/json\r\nRateLimit-Limit: 3600\r\nRateLimit-Remaining: 5\r\n";
	struct heard first = { 0 }, reads[3] = { 0 }, deleted = { 0 };
	struct world world;
	for (size_t i = 0; i < ARRAY_LENGTH(steps); i++)
		steps[i] = (struct scripted_step){ .status = 404,
						   .headers = nearly_empty,
						   .body = ENVELOPE("not_found", "no such server") };
	world_open(&world, steps, ARRAY_LENGTH(steps));
	cloud_get_server(world.cloud, 1, hear, &first);
	wait_until_heard(&world, &first);
	for (size_t i = 0; i < ARRAY_LENGTH(reads); i++)
		cloud_get_server(world.cloud, 2, hear, &reads[i]);
	cloud_delete_server(world.cloud, 3, hear, &deleted);
	turn_for(&world, 500);
	assert_int_equal(deleted.times, 1);
	assert_request_count(&world, 2);
	turn_for(&world, 1200);
	assert_true(scripted_server_count(world.server) < 5); /* not all in one go */
	world_close(&world);
}

static void test_clock_offset(void **state)
{
	(void)state;
	char headers[128], date[64];
	struct world world;
	struct heard heard = { 0 };
	int64_t offset = 99;
	time_t now = time(NULL) - 7200;
	struct tm parts;
	gmtime_r(&now, &parts);
	strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", &parts);
	snprintf(headers, sizeof(headers), "Content-Type: application/json\r\nDate: %s\r\n", date);
	const struct scripted_step step = { .status = 200, .headers = headers, .body = no_firewalls };
	world_open(&world, &step, 1);
	assert_false(cloud_clock_offset(world.cloud, &offset));
	assert_int_equal(offset, 99);
	cloud_list_firewalls(world.cloud, "f1", hear, &heard);
	wait_until_heard(&world, &heard);
	assert_true(cloud_clock_offset(world.cloud, &offset));
	assert_in_range(offset, 7200, 7203);
	world_close(&world);
}

static void test_tokens_and_endpoints(void **state)
{
	(void)state;
	static const char *const tokens[] = { "", "s3cret\n", "s3cret token", "s3cr\xc3\xa9t", "s3cret\x7f" };
	static const char *const endpoints[] = { "http://api.example.com/v1", "ftp://127.0.0.1/v1", "nonsense", "" };
	struct system *system = system_new();
	struct loop *loop = loop_new(system);
	struct cloud *cloud = NULL;
	for (size_t i = 0; i < ARRAY_LENGTH(tokens); i++) {
		struct error error = ERROR_INIT;
		assert_int_equal(hetzner_new(loop, HETZNER_ENDPOINT, tokens[i], &cloud, &error), -1);
		assert_int_equal(error.kind, ERROR_USAGE);
		assert_null(strstr(error.message, "s3cr"));
	}
	for (size_t i = 0; i < ARRAY_LENGTH(endpoints); i++) {
		struct error error = ERROR_INIT;
		assert_int_equal(hetzner_new(loop, endpoints[i], TOKEN, &cloud, &error), -1);
		assert_int_equal(error.kind, ERROR_USAGE);
		assert_non_null(strstr(error.message, "HCLOUD_ENDPOINT"));
	}
	assert_null(cloud);
	cloud_free(NULL);
	loop_free(loop);
	system_free(system);
}

/* Everything under way at once, then freed: nothing is called back, nothing leaks (the sanitizer looks). */
static void test_free_drops_everything(void **state)
{
	(void)state;
	const struct scripted_step steps[] = { { .kind = HANG }, { .kind = HANG }, { .kind = HANG }, { .kind = HANG },
					       { .kind = HANG }, { .kind = HANG }, { .kind = HANG }, { .kind = HANG } };
	struct heard heard = { 0 };
	struct world world;
	world_open(&world, steps, ARRAY_LENGTH(steps));
	cloud_create_server(world.cloud, &order, hear, &heard);
	cloud_get_server(world.cloud, 42, hear, &heard);
	cloud_find_server(world.cloud, "cc-abc123", hear, &heard);
	cloud_list_servers(world.cloud, "f1", hear, &heard);
	cloud_list_firewalls(world.cloud, "f1", hear, &heard);
	cloud_find_ssh_key(world.cloud, "00:11", hear, &heard);
	cloud_list_offers(world.cloud, hear, &heard);
	cloud_wait_actions(world.cloud, (const int64_t[]){ 1, 2 }, 2, hear, &heard);
	turn_for(&world, 700);
	cloud_list_servers(world.cloud, "f1", hear, &heard);
	cloud_wait_actions(world.cloud, (const int64_t[]){ 3 }, 1, hear, &heard);
	cloud_free(world.cloud);
	world.cloud = NULL;
	turn_for(&world, 200);
	assert_int_equal(heard.times, 0);
	world_close(&world);
}

static void test_delete_answers(void **state)
{
	(void)state;
	const struct scripted_step gone = { .status = 404, .body = ENVELOPE("not_found", "server not found") },
				   deleted = { .status = 200, .body = action };
	struct heard heard;
	assert_int_equal(play(&gone, ask_delete, &heard), 1);
	assert_int_equal(heard.error.kind, ERROR_NONE);
	assert_int_equal(heard.presence, PRESENCE_ABSENT);
	assert_int_equal(play(&deleted, ask_delete, &heard), 1);
	assert_int_equal(heard.error.kind, ERROR_NONE);
	assert_int_not_equal(heard.presence, PRESENCE_ABSENT);
	assert_int_equal(heard.action_count, 1);
	assert_int_equal(heard.actions[0], 7);
	assert_int_equal(play(&gone, ask_create, &heard), 1); /* says nothing about the server */
	assert_int_equal(heard.error.http_status, 404);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_retries),
		cmocka_unit_test(test_back_off_doubles),
		cmocka_unit_test(test_a_retry_that_works),
		cmocka_unit_test(test_doubt_outlives_a_later_refusal),
		cmocka_unit_test(test_not_the_api),
		cmocka_unit_test(test_html_is_named),
		cmocka_unit_test(test_nine_megabytes),
		cmocka_unit_test(test_deep_json),
		cmocka_unit_test(test_refused_connection),
		cmocka_unit_test(test_429_waits_for_a_token),
		cmocka_unit_test(test_429_to_an_order_is_given_back),
		cmocka_unit_test(test_retry_after_is_obeyed),
		cmocka_unit_test(test_reads_are_held_back),
		cmocka_unit_test(test_clock_offset),
		cmocka_unit_test(test_tokens_and_endpoints),
		cmocka_unit_test(test_free_drops_everything),
		cmocka_unit_test(test_delete_answers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
