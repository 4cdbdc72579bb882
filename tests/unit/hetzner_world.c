#include "hetzner_world.h"

#include "system/random.h"

static struct {
	uint64_t bounds[64];
	size_t count;
} asked;

/* Stands in for system/random.c in these test programs. */
void random_bytes(struct system *system, void *ret, size_t size)
{
	(void)system;
	memset(ret, 0, size);
}

void random_hex(struct system *system, char *ret, size_t digits)
{
	(void)system;
	memset(ret, '0', digits);
	ret[digits] = '\0';
}

uint64_t random_below(struct system *system, uint64_t bound)
{
	(void)system;
	if (asked.count < ARRAY_LENGTH(asked.bounds))
		asked.bounds[asked.count++] = bound;
	return 0;
}

size_t random_asked(uint64_t *ret, size_t size)
{
	for (size_t i = 0; i < size && i < asked.count; i++)
		ret[i] = asked.bounds[i];
	return asked.count;
}

void world_open(struct world *world, const struct scripted_step *steps, size_t count)
{
	struct error error = ERROR_INIT;
	char endpoint[64];

	asked.count = 0;
	world->system = system_new();
	world->loop = loop_new(world->system);
	world->server = scripted_server_new(steps, count);
	snprintf(endpoint, sizeof(endpoint), "http://127.0.0.1:%d/v1/", scripted_server_port(world->server));
	assert_int_equal(hetzner_new(world->loop, endpoint, TOKEN, &world->cloud, &error), 0);
}

void world_close(struct world *world)
{
	cloud_free(world->cloud);
	scripted_server_free(world->server);
	loop_free(world->loop);
	system_free(world->system);
}

void hear(void *data, const struct cloud_reply *reply)
{
	struct heard *heard = data;

	heard->times++;
	if (reply->error)
		heard->error = *reply->error;
	heard->maybe_done = reply->maybe_done;
	heard->presence = reply->presence;
	heard->server_count = reply->server_count;
	for (size_t i = 0; i < reply->server_count && i < ARRAY_LENGTH(heard->servers); i++)
		heard->servers[i] = reply->servers[i];
	heard->firewall_count = reply->firewall_count;
	if (reply->firewall_count)
		heard->firewall = reply->firewalls[0];
	heard->ssh_key_count = reply->ssh_key_count;
	if (reply->ssh_key_count)
		heard->ssh_key = reply->ssh_keys[0];
	heard->offer_count = reply->offer_count;
	for (size_t i = 0; i < reply->offer_count && i < ARRAY_LENGTH(heard->offers); i++)
		heard->offers[i] = reply->offers[i];
	heard->action_count = reply->action_count;
	for (size_t i = 0; i < reply->action_count && i < ARRAY_LENGTH(heard->actions); i++)
		heard->actions[i] = reply->actions[i];
	heard->created_id = reply->created_id;
	/* what holds for every reply: no token in a message, no presence beside an error */
	assert_null(strstr(heard->error.message, TOKEN));
	if (reply->error)
		assert_int_equal(reply->presence, PRESENCE_UNKNOWN);
}

void wait_until_heard(struct world *world, struct heard *heard)
{
	struct error error = ERROR_INIT;

	while (!heard->times)
		if (loop_turn(world->loop, &error) < 0)
			fail_msg("%s", error.message);
	assert_int_equal(heard->times, 1);
}

static void on_timer(void *data)
{
	*(bool *)data = true;
}

void turn_for(struct world *world, int64_t ms)
{
	struct error error;
	bool over = false;

	loop_after(world->loop, ms, on_timer, &over);
	while (!over)
		assert_int_equal(loop_turn(world->loop, &error), 0);
}

void assert_request(struct world *world, size_t index, const char *line)
{
	const char *request = scripted_server_request(world->server, index);
	char first[1024];

	snprintf(first, sizeof(first), "%.*s", (int)strcspn(request, "\r"), request);
	char *version = strstr(first, " HTTP/1.1");
	if (version)
		*version = '\0';
	assert_string_equal(first, line);
}

void assert_request_count(struct world *world, size_t count)
{
	assert_int_equal(scripted_server_count(world->server), count);
}

json_t *sent_body(struct world *world, size_t index)
{
	const char *request = scripted_server_request(world->server, index), *body = strstr(request, "\r\n\r\n");
	struct error error = ERROR_INIT;

	assert_non_null(body);
	json_t *json = json_parse(body + 4, strlen(body + 4), &error);
	assert_non_null(json);
	return json;
}

void assert_json(const json_t *actual, const char *expected)
{
	AUTO_JSON json_t *wanted = json_loads(expected, JSON_DECODE_ANY, NULL);

	assert_non_null(wanted);
	if (!json_equal(actual, wanted)) {
		AUTO_FREE char *text = json_dumps(actual, JSON_ENCODE_ANY);
		fail_msg("%s is not %s", text, expected);
	}
}

char *server_json(long long id, const char *name)
{
	struct text json;

	text_init(&json, 4096);
	text_addf(
		&json,
		"{\"id\": %lld, \"name\": \"%s\", \"status\": \"running\", \"created\": \"2026-01-21T10:00:00+00:00\", "
		"\"public_net\": {\"ipv4\": {\"id\": 11, \"ip\": \"192.0.2.7\"}, \"ipv6\": {\"id\": \"12\", \"ip\": "
		"\"2001:db8::/64\"}}, \"server_type\": {\"name\": \"cpx22\"}, \"location\": {\"name\": \"fsn1\"}, "
		"\"protection\": {\"delete\": true}, \"labels\": {\"managed-by\": \"ccc\", \"ccc-fleet\": \"f1\", "
		"\"ccc-instance\": \"abc123\", \"ccc-nonce\": \"n1\", \"ccc-expires\": \"1769076000\", \"other\": "
		"\"x\"}}",
		id, name);
	return text_take(&json);
}
