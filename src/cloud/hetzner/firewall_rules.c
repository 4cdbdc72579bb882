/*
 * The rules of the fleet's firewalls. Hetzner's rules only allow, so "everything but"
 * is written as its complement: IPv4 without the private and reserved ranges of the
 * IANA special-purpose registry (RFC 6890), IPv6 without all but global unicast, and
 * every TCP port but 25. Other protocols (ESP, GRE) stay closed. Not verified: whether the
 * metadata service (169.254.169.254), DHCP and Hetzner's own DNS pass by these rules.
 */
#include <stdbool.h>
#include <string.h>

#include "base/memory.h"
#include "cloud/cloud.h"
#include "cloud/hetzner/firewall_rules.h"

static const char *const everywhere[] = { "0.0.0.0/0", "::/0" };

static const char *const public_space[] = {
	"1.0.0.0/8",      "2.0.0.0/7",       "4.0.0.0/6",       "8.0.0.0/7",       "11.0.0.0/8",      "12.0.0.0/6",
	"16.0.0.0/4",     "32.0.0.0/3",      "64.0.0.0/3",      "96.0.0.0/6",      "100.0.0.0/10",    "100.128.0.0/9",
	"101.0.0.0/8",    "102.0.0.0/7",     "104.0.0.0/5",     "112.0.0.0/5",     "120.0.0.0/6",     "124.0.0.0/7",
	"126.0.0.0/8",    "128.0.0.0/3",     "160.0.0.0/5",     "168.0.0.0/8",     "169.0.0.0/9",     "169.128.0.0/10",
	"169.192.0.0/11", "169.224.0.0/12",  "169.240.0.0/13",  "169.248.0.0/14",  "169.252.0.0/15",  "169.255.0.0/16",
	"170.0.0.0/7",    "172.0.0.0/12",    "172.32.0.0/11",   "172.64.0.0/10",   "172.128.0.0/9",   "173.0.0.0/8",
	"174.0.0.0/7",    "176.0.0.0/4",     "192.0.1.0/24",    "192.0.3.0/24",    "192.0.4.0/22",    "192.0.8.0/21",
	"192.0.16.0/20",  "192.0.32.0/19",   "192.0.64.0/18",   "192.0.128.0/17",  "192.1.0.0/16",    "192.2.0.0/15",
	"192.4.0.0/14",   "192.8.0.0/13",    "192.16.0.0/12",   "192.32.0.0/11",   "192.64.0.0/10",   "192.128.0.0/11",
	"192.160.0.0/13", "192.169.0.0/16",  "192.170.0.0/15",  "192.172.0.0/14",  "192.176.0.0/12",  "192.192.0.0/10",
	"193.0.0.0/8",    "194.0.0.0/7",     "196.0.0.0/7",     "198.0.0.0/12",    "198.16.0.0/15",   "198.20.0.0/14",
	"198.24.0.0/13",  "198.32.0.0/12",   "198.48.0.0/15",   "198.50.0.0/16",   "198.51.0.0/18",   "198.51.64.0/19",
	"198.51.96.0/22", "198.51.101.0/24", "198.51.102.0/23", "198.51.104.0/21", "198.51.112.0/20", "198.51.128.0/17",
	"198.52.0.0/14",  "198.56.0.0/13",   "198.64.0.0/10",   "198.128.0.0/9",   "199.0.0.0/8",     "200.0.0.0/7",
	"202.0.0.0/8",    "203.0.0.0/18",    "203.0.64.0/19",   "203.0.96.0/20",   "203.0.112.0/24",  "203.0.114.0/23",
	"203.0.116.0/22", "203.0.120.0/21",  "203.0.128.0/17",  "203.1.0.0/16",    "203.2.0.0/15",    "203.4.0.0/14",
	"203.8.0.0/13",   "203.16.0.0/12",   "203.32.0.0/11",   "203.64.0.0/10",
};

/* The API takes at most 100 ranges a rule: the rest, with IPv6, is a second one. */
static const char *const public_space_rest[] = {
	"203.128.0.0/9",
	"204.0.0.0/6",
	"208.0.0.0/4",
	"2000::/3",
};

/* What no machine answers to (RFC 5737); port 9 discards (RFC 863). */
static const char *const nowhere[] = { "192.0.2.1/32" };

#define RANGES(array_) .ranges = (array_), .range_count = ARRAY_LENGTH(array_)

/* clang-format off */
#define OUT(...) \
	{ .direction = "out", __VA_ARGS__, RANGES(public_space) }, \
	{ .direction = "out", __VA_ARGS__, RANGES(public_space_rest) }

static const struct firewall_rule anchor_rules[] = {
	{ .direction = "in", .protocol = "tcp", .port = "22", .description = "SSH", RANGES(everywhere) },
	{ .direction = "in", .protocol = "icmp", .description = "ping", RANGES(everywhere) },
	OUT(.protocol = "tcp", .port = "1-24"),
	OUT(.protocol = "tcp", .port = "26-65535"),
	OUT(.protocol = "udp", .port = "1-65535"),
	OUT(.protocol = "icmp"),
};

/* Without a rule for what goes out all of it would. */
static const struct firewall_rule isolation_rules[] = {
	{ .direction = "out", .protocol = "tcp", .port = "9", RANGES(nowhere) },
};
/* clang-format on */

const struct firewall_rule *firewall_rules(const char *role, size_t *ret_count)
{
	bool isolates = strcmp(role, CLOUD_ROLE_ISOLATED) == 0;
	*ret_count = isolates ? ARRAY_LENGTH(isolation_rules) : ARRAY_LENGTH(anchor_rules);
	return isolates ? isolation_rules : anchor_rules;
}

const char *firewall_ranges_member(const char *direction)
{
	return strcmp(direction, "out") == 0 ? "destination_ips" : "source_ips";
}

static json_t *to_json(const struct firewall_rule *rule)
{
	json_t *object = json_pack("{s:s, s:s}", "direction", rule->direction, "protocol", rule->protocol);
	json_t *ranges = json_array();
	if (rule->description)
		json_object_set_new(object, "description", json_string(rule->description));
	for (size_t i = 0; i < rule->range_count; i++)
		json_array_append_new(ranges, json_string(rule->ranges[i]));
	json_object_set_new(object, firewall_ranges_member(rule->direction), ranges);
	if (rule->port)
		json_object_set_new(object, "port", json_string(rule->port));
	return object;
}

json_t *firewall_rules_json(const char *role)
{
	size_t count;
	const struct firewall_rule *rules = firewall_rules(role, &count);
	json_t *array = json_array();
	for (size_t i = 0; i < count; i++)
		json_array_append_new(array, to_json(&rules[i]));
	return array;
}
