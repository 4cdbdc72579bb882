/*
 * The firewall's rules: within Hetzner's limits, and what they let out is exactly
 * the IPv4 space without the private and reserved ranges.
 */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/memory.h"
#include "cloud/hetzner/firewall_rules.h"

#define RULES_MAXIMUM     50
#define RANGES_MAXIMUM    100 /* of a rule */
#define EFFECTIVE_MAXIMUM 500 /* ranges of all rules together */

struct range {
	uint64_t first, last;
};

/* Written down here once more, from the registry, and not taken from the code under test. */
static const char *const reserved[] = {
	"0.0.0.0/8",       "10.0.0.0/8",     "100.64.0.0/10", "127.0.0.0/8",    "169.254.0.0/16",
	"172.16.0.0/12",   "192.0.0.0/24",   "192.0.2.0/24",  "192.168.0.0/16", "198.18.0.0/15",
	"198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4",   "240.0.0.0/4",
};

/* False for IPv6. Host bits must be empty: the API refuses others. */
static bool parse_range(const char *text, struct range *ret)
{
	char address[64];
	struct in_addr parsed;
	const char *slash = strchr(text, '/');

	assert_non_null(slash);
	snprintf(address, sizeof(address), "%.*s", (int)(slash - text), text);
	if (inet_pton(AF_INET, address, &parsed) != 1)
		return false;
	uint64_t size = UINT64_C(1) << (32 - strtoul(slash + 1, NULL, 10));
	ret->first = ntohl(parsed.s_addr);
	assert_int_equal(ret->first % size, 0);
	ret->last = ret->first + size - 1;
	return true;
}

static int compare(const void *a, const void *b)
{
	const struct range *left = a, *right = b;

	return (left->first > right->first) - (left->first < right->first);
}

static const char *get(const json_t *rule, const char *key)
{
	const char *value = json_string_value(json_object_get(rule, key));

	return value ? value : "";
}

/* Collects the IPv4 ranges that rules of this protocol and port let out. */
static size_t collect(json_t *rules, const char *protocol, const char *port, struct range *ret, bool *ret_ipv6)
{
	size_t count = 0, index, place;
	json_t *rule, *range;

	*ret_ipv6 = false;
	json_array_foreach(rules, index, rule) {
		if (strcmp(get(rule, "direction"), "out") != 0 || strcmp(get(rule, "protocol"), protocol) != 0 ||
		    strcmp(get(rule, "port"), port) != 0)
			continue;
		json_array_foreach(json_object_get(rule, "destination_ips"), place, range) {
			const char *text = json_string_value(range);
			if (parse_range(text, &ret[count])) {
				count++;
			} else {
				assert_string_equal(text, "2000::/3");
				*ret_ipv6 = true;
			}
		}
	}
	return count;
}

/* Together with the reserved ranges they are the whole space, each address once. */
static void test_complement_is_exact(void **state)
{
	(void)state;
	static const struct {
		const char *protocol, *port;
	} open[] = { { "tcp", "1-24" }, { "tcp", "26-65535" }, { "udp", "1-65535" }, { "icmp", "" } };
	AUTO_JSON json_t *rules = firewall_rules_json("");
	for (size_t i = 0; i < ARRAY_LENGTH(open); i++) {
		struct range ranges[512];
		bool ipv6;
		size_t count = collect(rules, open[i].protocol, open[i].port, ranges, &ipv6);
		assert_true(count > 0 && ipv6);
		for (size_t k = 0; k < ARRAY_LENGTH(reserved); k++)
			assert_true(parse_range(reserved[k], &ranges[count++]));
		qsort(ranges, count, sizeof(ranges[0]), compare);
		uint64_t next = 0;
		for (size_t k = 0; k < count; k++) {
			assert_int_equal(ranges[k].first, next); /* neither a gap nor an overlap */
			next = ranges[k].last + 1;
		}
		assert_int_equal(next, UINT64_C(1) << 32);
	}
}

static void test_limits(void **state)
{
	(void)state;
	AUTO_JSON json_t *rules = firewall_rules_json("");
	size_t effective = 0, index;
	json_t *rule;
	assert_in_range(json_array_size(rules), 1, RULES_MAXIMUM);
	json_array_foreach(rules, index, rule) {
		bool in = strcmp(get(rule, "direction"), "in") == 0;
		size_t count = json_array_size(json_object_get(rule, in ? "source_ips" : "destination_ips"));
		assert_in_range(count, 1, RANGES_MAXIMUM);
		effective += count;
	}
	assert_in_range(effective, 1, EFFECTIVE_MAXIMUM);
}

static void test_what_is_let_in(void **state)
{
	(void)state;
	AUTO_JSON json_t *rules = firewall_rules_json("");
	size_t index, count = 0;
	json_t *rule;
	json_array_foreach(rules, index, rule) {
		if (strcmp(get(rule, "direction"), "in") != 0)
			continue;
		bool ssh = strcmp(get(rule, "protocol"), "tcp") == 0 && strcmp(get(rule, "port"), "22") == 0;
		bool ping = strcmp(get(rule, "protocol"), "icmp") == 0 && !json_object_get(rule, "port");
		assert_true(ssh || ping);
		AUTO_FREE char *sources = json_dumps(json_object_get(rule, "source_ips"), JSON_COMPACT);
		assert_string_equal(sources, "[\"0.0.0.0/0\",\"::/0\"]");
		count++;
	}
	assert_int_equal(count, 2);
}

/* No rule lets port 25 of TCP out, however its range is written, nor any other protocol. */
static void test_no_mail_and_no_tunnels(void **state)
{
	(void)state;
	AUTO_JSON json_t *rules = firewall_rules_json("");
	size_t index;
	json_t *rule;
	json_array_foreach(rules, index, rule) {
		const char *protocol = get(rule, "protocol"), *port = get(rule, "port");
		assert_true(strcmp(protocol, "tcp") == 0 || strcmp(protocol, "udp") == 0 ||
			    strcmp(protocol, "icmp") == 0);
		if (strcmp(get(rule, "direction"), "out") != 0 || strcmp(protocol, "tcp") != 0)
			continue;
		const char *dash = strchr(port, '-');
		unsigned long first = strtoul(port, NULL, 10), last = dash ? strtoul(dash + 1, NULL, 10) : first;
		assert_true(first >= 1 && last <= 65535 && first <= last);
		assert_false(first <= 25 && 25 <= last);
	}
}

/* What keeps a machine cut off: no way in, and one way out that leads nowhere, for without any all would be open. */
static void test_isolation(void **state)
{
	(void)state;
	AUTO_JSON json_t *rules = firewall_rules_json(CLOUD_ROLE_ISOLATED);
	const json_t *rule = json_array_get(rules, 0);
	AUTO_FREE char *ranges = json_dumps(json_object_get(rule, "destination_ips"), JSON_COMPACT);
	assert_int_equal(json_array_size(rules), 1);
	assert_string_equal(get(rule, "direction"), "out");
	assert_string_equal(get(rule, "protocol"), "tcp");
	assert_string_equal(get(rule, "port"), "9");
	assert_string_equal(ranges, "[\"192.0.2.1/32\"]"); /* of the reserved ranges above */
}

/* --- what somebody changed ------------------------------------------------------------ */

static json_t *rule(const char *direction, const char *protocol, const char *port, const char *ranges)
{
	struct error error = ERROR_INIT;
	bool in = strcmp(direction, "in") == 0;
	json_t *object = json_pack("{s:s, s:s, s:s?, s:o}", "direction", direction, "protocol", protocol, "port", port,
				   in ? "source_ips" : "destination_ips", json_parse(ranges, strlen(ranges), &error));
	/* as the API shows it */
	json_object_set_new(object, in ? "destination_ips" : "source_ips", json_array());
	json_object_set_new(object, "description", json_null());
	return object;
}

static void assert_changes(const json_t *rules, const char *role, const char *expected)
{
	char changes[CLOUD_RULES_SIZE];
	firewall_changes(rules, role, changes);
	assert_string_equal(changes, expected);
}

static void test_changes_of_an_isolation(void **state)
{
	(void)state;
	AUTO_JSON json_t *rules = firewall_rules_json(CLOUD_ROLE_ISOLATED);
	assert_changes(rules, CLOUD_ROLE_ISOLATED, "");
	assert_changes(NULL, CLOUD_ROLE_ISOLATED, "it lacks out tcp 9 to 192.0.2.1/32");
	json_array_append_new(rules, rule("in", "tcp", "1-65535", "[\"0.0.0.0/0\"]"));
	assert_changes(rules, CLOUD_ROLE_ISOLATED, "it has in tcp 1-65535 from 0.0.0.0/0 beside those of ccc");
	json_array_remove(rules, 0);
	json_array_append_new(rules, rule("out", "icmp", NULL, "[\"::/0\", \"0.0.0.0/0\"]"));
	assert_changes(rules, CLOUD_ROLE_ISOLATED,
		       "it has in tcp 1-65535 from 0.0.0.0/0, and 1 other rule, beside those of ccc; "
		       "it lacks out tcp 9 to 192.0.2.1/32");
	json_array_clear(rules);
	json_array_append_new(rules, rule("out", "tcp", "9", "[\"192.0.2.1/32\"]"));
	assert_changes(rules, CLOUD_ROLE_ISOLATED, "");
	json_array_append_new(rules, json_object()); /* what is not understood might let somebody in */
	assert_changes(rules, CLOUD_ROLE_ISOLATED, "it has a rule that is not understood beside those of ccc");
}

static void test_changes_of_the_anchor(void **state)
{
	(void)state;
	AUTO_JSON json_t *rules = firewall_rules_json("");
	assert_changes(rules, "", "");
	/* in another order, and as the API shows it */
	json_t *first = json_incref(json_array_get(rules, 0));
	json_array_remove(rules, 0);
	json_array_append_new(rules, rule("in", "tcp", "22", "[\"::/0\", \"0.0.0.0/0\"]"));
	assert_changes(rules, "", "");
	json_array_append_new(rules, first); /* the same once more lets nothing else through */
	assert_changes(rules, "", "");
	json_array_remove(rules, 9);
	json_array_remove(rules, 9);
	assert_changes(rules, "", "it lacks in tcp 22 from 0.0.0.0/0 and 1 more");
	json_array_append_new(rules, rule("in", "tcp", "22", "[\"0.0.0.0/0\"]"));
	assert_changes(
		rules, "",
		"it has in tcp 22 from 0.0.0.0/0 beside those of ccc; it lacks in tcp 22 from 0.0.0.0/0 and 1 more");
}

/* The API's words may be of any length. */
static void test_changes_are_cut(void **state)
{
	(void)state;
	char port[600], changes[CLOUD_RULES_SIZE];
	memset(port, '7', sizeof(port) - 1);
	port[sizeof(port) - 1] = '\0';
	AUTO_JSON json_t *rules = firewall_rules_json(CLOUD_ROLE_ISOLATED);
	json_array_append_new(rules, rule("in", "tcp", port, "[\"::/0\"]"));
	firewall_changes(rules, CLOUD_ROLE_ISOLATED, changes);
	assert_int_equal(strlen(changes), CLOUD_RULES_SIZE - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_complement_is_exact),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_what_is_let_in),
		cmocka_unit_test(test_no_mail_and_no_tunnels),
		cmocka_unit_test(test_isolation),
		cmocka_unit_test(test_changes_of_an_isolation),
		cmocka_unit_test(test_changes_of_the_anchor),
		cmocka_unit_test(test_changes_are_cut),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
