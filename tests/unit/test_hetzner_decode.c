/* The API's objects as ours: strict on what decisions rest on, deaf to the rest. */
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "cloud/hetzner/client.h"

#define SERVER                                                                                                         \
	"{\"id\": 42, \"name\": \"cc-abc123\", \"status\": \"running\", \"created\": \"2026-01-21T10:00:00Z\", "       \
	"\"public_net\": {\"ipv4\": {\"id\": 11, \"ip\": \"192.0.2.7\"}, \"ipv6\": {\"id\": \"12\", \"ip\": "          \
	"\"2001:db8::/64\"}}, \"server_type\": {\"name\": \"cpx22\"}, \"location\": {\"name\": \"fsn1\"}, "            \
	"\"protection\": "                                                                                             \
	"{\"delete\": true, \"rebuild\": true}, \"labels\": {\"managed-by\": \"ccc\", \"ccc-nonce\": \"n1\"}, "        \
	"\"brand_new_member\": [1, 2]}"

static json_t *parse(const char *text)
{
	json_t *value = json_loads(text, JSON_DECODE_ANY, NULL);

	assert_non_null(value);
	return value;
}

static void test_ids(void **state)
{
	(void)state;
	static const struct {
		const char *json;
		int64_t id; /* 0: refused */
	} rows[] = {
		{ "{\"id\": 1}", 1 },
		{ "{\"id\": 9007199254740991}", 9007199254740991 },
		{ "{\"id\": \"114690387\"}", 114690387 },
		{ "{\"id\": \"9223372036854775807\"}", INT64_MAX },
		{ "{\"id\": \"9223372036854775808\"}", 0 },
		{ "{\"id\": 0}", 0 },
		{ "{\"id\": -1}", 0 },
		{ "{\"id\": 1.0}", 0 },
		{ "{\"id\": \"\"}", 0 },
		{ "{\"id\": \" 1\"}", 0 },
		{ "{\"id\": \"1x\"}", 0 },
		{ "{\"id\": \"0x10\"}", 0 },
		{ "{\"id\": null}", 0 },
		{ "{\"id\": true}", 0 },
		{ "{}", 0 },
		{ "[1]", 0 },
	};
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		AUTO_JSON json_t *object = parse(rows[i].json);
		struct error error = ERROR_INIT;
		int64_t id = 0;
		assert_int_equal(decode_id(object, "id", &id, &error), rows[i].id ? 0 : -1);
		assert_int_equal(id, rows[i].id);
		if (!rows[i].id) /* the API's fault, not the operator's input */
			assert_int_equal(error.kind, ERROR_REMOTE);
	}
}

static void test_server(void **state)
{
	(void)state;
	AUTO_JSON json_t *object = parse(SERVER);
	struct error error = ERROR_INIT;
	struct cloud_server server;
	int64_t created;
	assert_true(timestamp_parse("2026-01-21T10:00:00Z", &created));
	assert_int_equal(decode_server(object, &server, &error), 0);
	assert_int_equal(server.id, 42);
	assert_string_equal(server.name, "cc-abc123");
	assert_string_equal(server.status, "running");
	assert_string_equal(server.ipv4, "192.0.2.7");
	assert_string_equal(server.ipv6, "2001:db8::/64");
	assert_int_equal(server.ipv4_id, 11);
	assert_int_equal(server.ipv6_id, 12);
	assert_string_equal(server.type, "cpx22");
	assert_string_equal(server.location, "fsn1");
	assert_int_equal(server.created, created);
	assert_true(server.delete_protected);
	assert_string_equal(server.labels.nonce, "n1");
	assert_string_equal(server.labels.fleet, "");
}

/* SERVER with one member replaced (or removed, when json is NULL). */
static json_t *changed(const char *outer, const char *key, const char *json)
{
	json_t *server = parse(SERVER);
	json_t *object = outer ? json_object_get(server, outer) : server;

	if (json)
		json_object_set_new(object, key, parse(json));
	else
		json_object_del(object, key);
	return server;
}

static void test_servers_that_are_fine(void **state)
{
	(void)state;
	static const struct {
		const char *outer, *key, *json;
	} rows[] = {
		{ "public_net", "ipv4", "null" },
		{ "public_net", "ipv4", NULL },
		{ "public_net", "ipv6", "null" },
		{ NULL, "protection", NULL },
		{ NULL, "labels", "{}" },
		{ "labels", "foreign", "\"label\"" },
		{ NULL, "created", "\"2026-01-21T10:00:00+00:00\"" },
	};
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		AUTO_JSON json_t *object = changed(rows[i].outer, rows[i].key, rows[i].json);
		struct error error = ERROR_INIT;
		struct cloud_server server;
		if (decode_server(object, &server, &error) < 0)
			fail_msg("row %zu: %s", i, error.message);
		if (rows[i].key && strcmp(rows[i].key, "ipv4") == 0)
			assert_string_equal(server.ipv4, "");
	}
}

static void test_servers_that_make_no_sense(void **state)
{
	(void)state;
	static const struct {
		const char *outer, *key, *json;
	} rows[] = {
		{ NULL, "id", NULL },
		{ NULL, "id", "\"x\"" },
		{ NULL, "name", NULL },
		{ NULL, "name", "7" },
		{ NULL, "labels", NULL }, /* P2: no labels is not the same as none of ours */
		{ NULL, "labels", "[]" },
		{ "labels", "ccc-nonce", "7" },
		/* addresses end up in argument vectors and known-hosts files */
		{ "public_net", "ipv4", "{\"id\": 11, \"ip\": \"-oProxyCommand\"}" },
		{ "public_net", "ipv4", "{\"id\": 11, \"ip\": \"192.0.2.7 evil\"}" },
		{ "public_net", "ipv4", "{\"id\": 11, \"ip\": \"192.0.2.700\"}" },
		{ "public_net", "ipv4", "{\"id\": 11, \"ip\": \"192.0.2.7000000000000\"}" },
		{ "public_net", "ipv4", "{\"id\": 11}" },
		{ "public_net", "ipv6", "{\"id\": 12, \"ip\": \"fe80::1%eth0\"}" },
		{ "public_net", "ipv6", "{\"id\": 12, \"ip\": \"$(reboot)\"}" },
	};
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		AUTO_JSON json_t *object = changed(rows[i].outer, rows[i].key, rows[i].json);
		struct error error = ERROR_INIT;
		struct cloud_server server = { .id = -1 };
		if (decode_server(object, &server, &error) == 0)
			fail_msg("row %zu was accepted", i);
		assert_int_equal(error.kind, ERROR_REMOTE);
		assert_int_equal(server.id, -1); /* untouched */
	}
}

static void test_long_names(void **state)
{
	(void)state;
	AUTO_TEXT struct text name = TEXT_INIT(1024);
	struct error error = ERROR_INIT;
	struct cloud_server server;
	for (int i = 0; i < 300; i++)
		text_add_string(&name, "x");
	AUTO_JSON json_t *object = parse(SERVER);
	json_object_set_new(object, "name", json_string(text_string(&name)));
	assert_int_equal(decode_server(object, &server, &error), -1);
	assert_int_equal(error.kind, ERROR_REMOTE);
}

static void test_firewalls_and_keys(void **state)
{
	(void)state;
	AUTO_JSON json_t *firewall = parse("{\"id\": 3, \"name\": \"fw\", \"labels\": {\"ccc-fleet\": \"f1\"}}");
	AUTO_JSON json_t *key = parse("{\"id\": 4, \"name\": \"k\", \"fingerprint\": \"aa:bb\"}");
	AUTO_JSON json_t *empty = parse("{}");
	struct error error = ERROR_INIT;
	struct cloud_firewall ret_firewall;
	struct cloud_ssh_key ret_key;
	assert_int_equal(decode_firewall(firewall, &ret_firewall, &error), 0);
	assert_string_equal(ret_firewall.labels.fleet, "f1");
	assert_int_equal(decode_ssh_key(key, &ret_key, &error), 0);
	assert_string_equal(ret_key.fingerprint, "aa:bb");
	assert_int_equal(decode_firewall(empty, &ret_firewall, &error), -1);
	assert_int_equal(error.kind, ERROR_REMOTE);
	assert_int_equal(decode_ssh_key(empty, &ret_key, &error), -1);
	assert_int_equal(decode_firewall(NULL, &ret_firewall, &error), -1);
	json_object_del(key, "fingerprint");
	assert_int_equal(decode_ssh_key(key, &ret_key, &error), -1);
	assert_int_equal(error.kind, ERROR_REMOTE);
}

static int attach(const char *list, struct cloud_server *ret, struct error *err)
{
	AUTO_JSON json_t *server = parse(SERVER);
	json_object_set_new(json_object_get(server, "public_net"), "firewalls", parse(list));
	return decode_server(server, ret, err);
}

static void test_firewalls_of_a_server(void **state)
{
	(void)state;
	struct error error = ERROR_INIT;
	struct cloud_server server;
	AUTO_JSON json_t *silent = parse(SERVER);
	assert_int_equal(attach("[{\"id\": 3, \"status\": \"applied\"}, {\"id\": 4, \"status\": \"pending\"}, "
				"{\"id\": 5}]",
				&server, &error),
			 0);
	assert_int_equal(server.attachment_count, 3);
	assert_int_equal(server.attachments[0].firewall, 3);
	assert_false(server.attachments[0].pending);
	assert_int_equal(server.attachments[1].firewall, 4);
	assert_true(server.attachments[1].pending);
	assert_true(server.attachments[2].pending);
	json_object_del(json_object_get(silent, "public_net"), "firewalls");
	assert_int_equal(decode_server(silent, &server, &error), 0);
	assert_int_equal(server.attachment_count, 0);
	assert_int_equal(attach("[{\"status\": \"applied\"}]", &server, &error), -1);
	assert_int_equal(error.kind, ERROR_REMOTE);
	assert_int_equal(attach("[{\"id\": 1}, {\"id\": 2}, {\"id\": 3}, {\"id\": 4}, {\"id\": 5}, {\"id\": 6}, "
				"{\"id\": 7}, {\"id\": 8}, {\"id\": 9}]",
				&server, &error),
			 -1);
	assert_int_equal(error.kind, ERROR_REMOTE);
}

static void test_rules_and_role_of_a_firewall(void **state)
{
	(void)state;
	AUTO_JSON json_t *object =
		parse("{\"id\": 3, \"name\": \"fw\", \"labels\": {\"ccc-role\": \"isolated\"}, \"rules\": "
		      "[{\"direction\": \"in\"}, {}]}");
	struct error error = ERROR_INIT;
	struct cloud_firewall firewall;
	assert_int_equal(decode_firewall(object, &firewall, &error), 0);
	assert_string_equal(firewall.labels.role, CLOUD_ROLE_ISOLATED);
	assert_string_equal(firewall.changes,
			    "it has a rule that is not understood, and 1 other rule, beside those of ccc; "
			    "it lacks out tcp 9 to 192.0.2.1/32");
	assert_false(cloud_isolates(&firewall, ""));
}

static void test_actions(void **state)
{
	(void)state;
	AUTO_JSON json_t *one = parse("{\"action\": {\"id\": 1}, \"next_actions\": [{\"id\": 2}]}");
	AUTO_JSON json_t *many = parse("{\"actions\": [{\"id\": 3}, {\"id\": 4}]}");
	int64_t ids[3] = { 0 };
	assert_int_equal(decode_actions(one, ids, 3), 2);
	assert_int_equal(ids[1], 2);
	assert_int_equal(decode_actions(many, ids, 3), 2);
	assert_int_equal(ids[0], 3);
	assert_int_equal(ids[1], 4);
	assert_int_equal(decode_actions(many, ids, 1), 1);
}

#define NOW 1764000000 /* 2025-11-24 */
#define TYPE(numbers, deprecation, locations, prices)                                                                  \
	"{\"id\": 1, \"name\": \"cpx11\", \"architecture\": \"x86\", " numbers ", \"deprecation\": " deprecation       \
	", \"locations\": [" locations "], \"prices\": [" prices "]}"
#define NUMBERS "\"cores\": 2, \"memory\": 2.0, \"disk\": 40"
#define PLACE(name, deprecation)                                                                                       \
	"{\"id\": 1, \"name\": \"" name "\", \"deprecation\": " deprecation                                            \
	", \"available\": true, \"recommended\": false}"
#define PRICE(name, hourly)                                                                                            \
	"{\"location\": \"" name "\", \"price_hourly\": {\"net\": \"" hourly                                           \
	"\", \"gross\": \"9\"}, \"price_monthly\": "                                                                   \
	"{\"net\": \"4.3500000000000000\", \"gross\": \"9\"}}"
#define PAST   "{\"announced\": \"2025-01-01T00:00:00Z\", \"unavailable_after\": \"2025-10-01T00:00:00Z\"}"
#define FUTURE "{\"announced\": \"2025-01-01T00:00:00Z\", \"unavailable_after\": \"2026-01-01T00:00:00Z\"}"

static int offers_of(const char *text, struct cloud_offer **offers, size_t *count, struct error *error)
{
	AUTO_JSON json_t *object = parse(text);

	*offers = NULL;
	*count = 0;
	*error = (struct error)ERROR_INIT;
	return decode_offers(object, NOW, offers, count, error);
}

static void test_offers(void **state)
{
	(void)state;
	const char *text = TYPE(NUMBERS, "null", PLACE("fsn1", PAST) "," PLACE("ash", "null") "," PLACE("hil", FUTURE),
				PRICE("ash", "0.0060000000000000") "," PRICE("fsn1", "0.01") "," PRICE("hil", "0.02"));
	struct cloud_offer *offers;
	struct error error;
	size_t count;
	assert_int_equal(offers_of(text, &offers, &count, &error), 0);
	assert_int_equal(count, 3);
	assert_string_equal(offers[0].location, "fsn1");
	assert_false(offers[0].orderable);
	assert_string_equal(offers[1].location, "ash");
	assert_true(offers[1].orderable);
	assert_true(offers[1].available);
	assert_string_equal(offers[1].price.hourly, "0.0060000000000000");
	assert_string_equal(offers[1].price.monthly, "4.3500000000000000");
	assert_string_equal(offers[1].type, "cpx11");
	assert_string_equal(offers[1].architecture, "x86");
	assert_int_equal(offers[1].cores, 2);
	assert_int_equal(offers[1].disk_gb, 40);
	assert_true(offers[1].memory_gb > 1.99 && offers[1].memory_gb < 2.01);
	assert_true(offers[2].orderable); /* deprecated, and still sold */
	free(offers);
}

static void test_offers_of_a_retired_type(void **state)
{
	(void)state;
	const char *text = TYPE(NUMBERS, PAST, PLACE("fsn1", "null"), PRICE("fsn1", "0.01"));
	struct cloud_offer *offers;
	struct error error;
	size_t count;
	assert_int_equal(offers_of(text, &offers, &count, &error), 0);
	assert_int_equal(count, 1);
	assert_false(offers[0].orderable);
	free(offers);
}

/* Without a price it would look like the cheapest of all. */
static void test_offers_need_a_price(void **state)
{
	(void)state;
	static const char *const texts[] = {
		TYPE(NUMBERS, "null", PLACE("fsn1", "null"), PRICE("ash", "0.01")),
		TYPE(NUMBERS, "null", PLACE("fsn1", "null"), PRICE("fsn1", "")),
		TYPE(NUMBERS, "null", PLACE("fsn1", "null"), PRICE("fsn1", "-1")),
		TYPE(NUMBERS, "null", PLACE("fsn1", "null"), PRICE("fsn1", "free")),
		TYPE(NUMBERS, "null", PLACE("fsn1", "null"), "{\"location\": \"fsn1\"}"),
	};
	for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
		struct cloud_offer *offers;
		struct error error;
		size_t count;
		if (offers_of(texts[i], &offers, &count, &error) == 0)
			assert_int_equal(count, 0);
		else
			assert_int_equal(error.kind, ERROR_REMOTE);
		free(offers);
	}
}

static void test_types_that_make_no_sense(void **state)
{
	(void)state;
	static const char *const texts[] = {
		"{}",
		"{\"name\": \"cpx11\", \"architecture\": \"x86\"}",
		TYPE("\"cores\": 1e300, \"memory\": 2, \"disk\": 40", "null", PLACE("fsn1", "null"),
		     PRICE("fsn1", "0.01")),
		TYPE("\"cores\": 2, \"memory\": 2, \"disk\": -4", "null", PLACE("fsn1", "null"), PRICE("fsn1", "0.01")),
		TYPE("\"cores\": \"2\", \"memory\": 2, \"disk\": 40", "null", PLACE("fsn1", "null"),
		     PRICE("fsn1", "0.01")),
	};
	for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
		struct cloud_offer *offers;
		struct error error;
		size_t count;
		if (offers_of(texts[i], &offers, &count, &error) == 0)
			fail_msg("row %zu was accepted", i);
		assert_int_equal(error.kind, ERROR_REMOTE);
		free(offers);
	}
}

static void test_labels_round_trip(void **state)
{
	(void)state;
	const struct cloud_labels labels = { "ccc", "f1", "abc123", "", "1769076000", "isolated" };
	AUTO_JSON json_t *server = parse(SERVER);
	struct error error = ERROR_INIT;
	struct cloud_server decoded;
	json_object_set_new(server, "labels", labels_to_json(&labels));
	assert_null(json_object_get(json_object_get(server, "labels"), "ccc-nonce"));
	assert_int_equal(decode_server(server, &decoded, &error), 0);
	assert_memory_equal(&decoded.labels, &labels, sizeof(labels));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ids),
		cmocka_unit_test(test_server),
		cmocka_unit_test(test_servers_that_are_fine),
		cmocka_unit_test(test_servers_that_make_no_sense),
		cmocka_unit_test(test_long_names),
		cmocka_unit_test(test_firewalls_and_keys),
		cmocka_unit_test(test_firewalls_of_a_server),
		cmocka_unit_test(test_rules_and_role_of_a_firewall),
		cmocka_unit_test(test_actions),
		cmocka_unit_test(test_offers),
		cmocka_unit_test(test_offers_of_a_retired_type),
		cmocka_unit_test(test_offers_need_a_price),
		cmocka_unit_test(test_types_that_make_no_sense),
		cmocka_unit_test(test_labels_round_trip),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
