/* What there is in the project and what it costs, of the REST driver. */
#include "hetzner_world.h"

#define PAGINATION                                                                                                     \
	"\"meta\": {\"pagination\": {\"page\": 1, \"per_page\": 50, \"previous_page\": null, \"next_page\": null, "    \
	"\"last_page\": 1, \"total_entries\": null}}"
#define OURS "\"labels\": {\"managed-by\": \"ccc\", \"ccc-fleet\": \"f1\"}"

/* What came to the caller, of the members that `struct heard` does not have. */
struct seen {
	unsigned times;
	struct error error;
	struct cloud_ssh_key keys[4];
	struct cloud_primary_ip addresses[4];
	struct cloud_snapshot snapshots[4];
	struct cloud_price_row prices[8];
	size_t count;
	char currency[8];
};

static void see(void *data, const struct cloud_reply *reply)
{
	struct seen *seen = data;
	seen->times++;
	if (reply->error) {
		seen->error = *reply->error;
		return;
	}
	for (size_t i = 0; i < reply->ssh_key_count; i++)
		seen->keys[seen->count++] = reply->ssh_keys[i];
	for (size_t i = 0; i < reply->primary_ip_count; i++)
		seen->addresses[seen->count++] = reply->primary_ips[i];
	for (size_t i = 0; i < reply->snapshot_count; i++)
		seen->snapshots[seen->count++] = reply->snapshots[i];
	for (size_t i = 0; i < reply->price_count; i++)
		seen->prices[seen->count++] = reply->prices[i];
	if (reply->currency)
		text_copy(seen->currency, sizeof(seen->currency), reply->currency);
}

/* Asks once, and gives the first line of the request. */
static void ask(void (*list)(struct cloud *, cloud_done_fn *, void *), const char *body, const char *line,
		struct seen *seen)
{
	const struct scripted_step steps[] = { { .status = 200, .body = body } };
	struct world world;
	struct error error = ERROR_INIT;
	memset(seen, 0, sizeof(*seen));
	world_open(&world, steps, 1);
	list(world.cloud, see, seen);
	while (!seen->times)
		assert_int_equal(loop_turn(world.loop, &error), 0);
	assert_int_equal(seen->times, 1);
	assert_request(&world, 0, line);
	world_close(&world);
}

static void test_ssh_keys(void **state)
{
	(void)state;
	struct seen seen;
	ask(cloud_list_ssh_keys,
	    "{\"ssh_keys\": [{\"id\": 5, \"name\": \"k\", \"fingerprint\": \"aa:bb\", " OURS "}, "
	    "{\"id\": 6, \"name\": \"l\", \"fingerprint\": \"cc:dd\", \"labels\": {}}], " PAGINATION "}",
	    "GET /v1/ssh_keys?page=1&per_page=50", &seen);
	assert_int_equal(seen.error.kind, ERROR_NONE);
	assert_int_equal(seen.count, 2);
	assert_int_equal(seen.keys[0].id, 5);
	assert_string_equal(seen.keys[0].labels.fleet, "f1");
	assert_string_equal(seen.keys[1].labels.fleet, "");
}

static void test_primary_ips(void **state)
{
	(void)state;
	struct seen seen;
	ask(cloud_list_primary_ips,
	    "{\"primary_ips\": [{\"id\": 5, \"ip\": \"192.0.2.7\", \"type\": \"ipv4\", \"assignee_id\": 42, "
	    "\"location\": {\"name\": \"fsn1\"}, \"labels\": {}}, {\"id\": 6, \"ip\": \"2001:db8::/64\", \"type\": "
	    "\"ipv6\", \"assignee_id\": null, \"location\": {\"name\": \"nbg1\"}, " OURS "}], " PAGINATION "}",
	    "GET /v1/primary_ips?page=1&per_page=50", &seen);
	assert_int_equal(seen.error.kind, ERROR_NONE);
	assert_int_equal(seen.count, 2);
	assert_int_equal(seen.addresses[0].assignee, 42);
	assert_string_equal(seen.addresses[0].location, "fsn1");
	assert_string_equal(seen.addresses[0].type, "ipv4");
	assert_int_equal(seen.addresses[1].assignee, 0);
	assert_string_equal(seen.addresses[1].ip, "2001:db8::/64");
	assert_string_equal(seen.addresses[1].labels.fleet, "f1");
	/* an assignee that is no id is not "unassigned" */
	ask(cloud_list_primary_ips,
	    "{\"primary_ips\": [{\"id\": 5, \"ip\": \"192.0.2.7\", \"type\": \"ipv4\", \"assignee_id\": \"x\", "
	    "\"labels\": {}}], " PAGINATION "}",
	    "GET /v1/primary_ips?page=1&per_page=50", &seen);
	assert_int_equal(seen.error.kind, ERROR_REMOTE);
}

static void test_snapshots(void **state)
{
	(void)state;
	struct seen seen;
	ask(cloud_list_snapshots,
	    "{\"images\": [{\"id\": 7, \"description\": \"d\", \"image_size\": 2.345, " OURS "}, "
	    "{\"id\": 8, \"description\": null, \"image_size\": null, \"labels\": {}}], " PAGINATION "}",
	    "GET /v1/images?type=snapshot&page=1&per_page=50", &seen);
	assert_int_equal(seen.error.kind, ERROR_NONE);
	assert_int_equal(seen.count, 2);
	assert_int_equal(seen.snapshots[0].size_mb, 2345);
	assert_string_equal(seen.snapshots[0].description, "d");
	assert_int_equal(seen.snapshots[1].size_mb, 0);
}

#define MONTHLY(net) "\"price_monthly\": {\"net\": \"" net "\", \"gross\": \"9.9\"}"

static void test_prices(void **state)
{
	(void)state;
	static const struct cloud_price_row expected[] = {
		{ "cx23", "fsn1", "5.4900000000" },
		{ "cx23", "nbg1", "5.5900000000" },
		{ "ipv4", "fsn1", "0.5000000000" },
		{ "snapshot", "", "0.0143000000" },
	};
	struct seen seen;
	ask(cloud_list_prices,
	    "{\"pricing\": {\"currency\": \"EUR\", \"server_types\": [{\"name\": \"cx23\", \"prices\": [{\"location\": "
	    "\"fsn1\", " MONTHLY("5.4900000000") "}, {\"location\": \"nbg1\", " MONTHLY(
		    "5.5900000000") "}]}, "
				    "{\"name\": \"odd\", \"prices\": [{\"location\": \"fsn1\", " MONTHLY(
					    "free") "}]}], \"primary_ips\": "
						    "[{\"type\": \"ipv4\", \"prices\": [{\"location\": "
						    "\"fsn1\", " MONTHLY(
							    "0.5000000000") "}]}], \"image\": "
									    "{\"price_per_gb_month\": {\"net\": "
									    "\"0.0143000000\", \"gross\": \"9\"}}}}",
	    "GET /v1/pricing", &seen);
	assert_int_equal(seen.error.kind, ERROR_NONE);
	assert_string_equal(seen.currency, "EUR");
	assert_int_equal(seen.count, ARRAY_LENGTH(expected));
	for (size_t i = 0; i < ARRAY_LENGTH(expected); i++) {
		assert_string_equal(seen.prices[i].item, expected[i].item);
		assert_string_equal(seen.prices[i].location, expected[i].location);
		assert_string_equal(seen.prices[i].monthly, expected[i].monthly);
	}
	ask(cloud_list_prices, "{\"pricing\": {\"currency\": \"EUR\"}}", "GET /v1/pricing", &seen);
	assert_int_equal(seen.error.kind, ERROR_REMOTE);
	ask(cloud_list_prices,
	    "{\"pricing\": {\"currency\": \"\\u001b[2J\", \"server_types\": [], \"primary_ips\": []}}",
	    "GET /v1/pricing", &seen);
	assert_int_equal(seen.error.kind, ERROR_REMOTE); /* it is printed */
}

static void test_whole_project(void **state)
{
	(void)state;
	AUTO_FREE char *server = server_json(1, "web");
	struct text servers;
	struct heard heard = { 0 }, firewalls = { 0 };
	struct world world;
	text_init(&servers, 8192);
	text_addf(&servers, "{\"servers\": [%s], " PAGINATION "}", server);
	const struct scripted_step steps[] = { { .status = 200, .body = text_string(&servers) },
					       { .status = 200, .body = "{\"firewalls\": [], " PAGINATION "}" } };
	world_open(&world, steps, 2);
	cloud_list_servers(world.cloud, NULL, hear, &heard);
	wait_until_heard(&world, &heard);
	assert_request(&world, 0, "GET /v1/servers?sort=id%3Aasc&page=1&per_page=50");
	assert_int_equal(heard.server_count, 1);
	cloud_list_firewalls(world.cloud, NULL, hear, &firewalls);
	wait_until_heard(&world, &firewalls);
	assert_request(&world, 1, "GET /v1/firewalls?page=1&per_page=50");
	world_close(&world);
	text_release(&servers);
}

static void test_rate_limit(void **state)
{
	(void)state;
	const struct scripted_step steps[] = {
		{ .status = 200,
		  .headers = "RateLimit-Limit: 3600\r\nRateLimit-Remaining: 17\r\nRateLimit-Reset: 1800000000\r\n",
		  .body = "{\"firewalls\": [], " PAGINATION "}" },
	};
	struct heard heard = { 0 };
	struct world world;
	int64_t remaining = 0, limit = 0;
	world_open(&world, steps, 1);
	assert_false(cloud_rate_limit(world.cloud, &remaining, &limit));
	cloud_list_firewalls(world.cloud, NULL, hear, &heard);
	wait_until_heard(&world, &heard);
	assert_true(cloud_rate_limit(world.cloud, &remaining, &limit));
	assert_int_equal(remaining, 17);
	assert_int_equal(limit, 3600);
	world_close(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ssh_keys),      cmocka_unit_test(test_primary_ips),
		cmocka_unit_test(test_snapshots),     cmocka_unit_test(test_prices),
		cmocka_unit_test(test_whole_project), cmocka_unit_test(test_rate_limit),
	};
	return cmocka_run_group_tests_name("hetzner_project", tests, NULL, NULL);
}
