#include "core/firewall_rules.h"

#include <arpa/inet.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/text.h"

#define RULES_MAXIMUM       50
#define NETWORKS_MAXIMUM    100
#define DESCRIPTION_MAXIMUM 255

bool is_network(const char *string)
{
	struct error ignored = ERROR_INIT;
	const char *slash = strchr(string, '/');
	unsigned char bytes[16];
	char address[64];
	int64_t prefix;

	if (!slash || (size_t)(slash - string) >= sizeof(address))
		return false;
	memcpy(address, string, (size_t)(slash - string));
	address[slash - string] = 0;
	int family = strchr(address, ':') ? AF_INET6 : AF_INET;
	int64_t bits = family == AF_INET6 ? 128 : 32;
	if (inet_pton(family, address, bytes) != 1 || number_parse(slash + 1, 0, bits, "prefix", &prefix, &ignored))
		return false;
	for (int64_t bit = prefix; bit < bits; bit++)
		if (bytes[bit / 8] & (0x80 >> (bit % 8)))
			return false;
	return true;
}

static bool is_port(const char *string)
{
	struct error ignored = ERROR_INIT;
	char first[8];
	size_t length = strcspn(string, "-");
	int64_t low, high;

	if (length >= sizeof(first))
		return false;
	memcpy(first, string, length);
	first[length] = 0;
	if (number_parse(first, 1, 65535, "port", &low, &ignored))
		return false;
	return !string[length] ||
	       (number_parse(string + length + 1, 1, 65535, "port", &high, &ignored) == 0 && low <= high);
}

static bool one_of(const char *value, const char *const *values)
{
	while (*values && strcmp(*values, value) != 0)
		values++;
	return *values != NULL;
}

static int check_networks(const json_t *list, const char *key, struct error *err)
{
	if (!list)
		return 0;
	if (!json_is_array(list) || json_array_size(list) > NETWORKS_MAXIMUM)
		return error_set(err, ERROR_REFUSED, 0, "%s must be an array of at most %d networks", key,
				 NETWORKS_MAXIMUM);
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *network = json_string_value(json_array_get(list, i));
		if (!network || !is_network(network))
			return error_set(err, ERROR_REFUSED, 0, "'%s' in %s is not a network with empty host bits",
					 network ? network : "", key);
	}
	return 0;
}

static int check_port(const char *protocol, const char *port, struct error *err)
{
	bool wants_port = strcmp(protocol, "tcp") == 0 || strcmp(protocol, "udp") == 0;

	if (wants_port && (!port || !is_port(port)))
		return error_set(err, ERROR_REFUSED, 0, "port '%s' is not a port or a range", port ? port : "");
	if (!wants_port && port)
		return error_set(err, ERROR_REFUSED, 0, "port is not allowed with protocol %s", protocol);
	return 0;
}

static json_t *networks_of(const json_t *rule, const char *key)
{
	json_t *list = json_object_get(rule, key);

	return json_is_array(list) ? json_incref(list) : json_array();
}

static int read_rule(const json_t *rule, json_t **ret, struct error *err)
{
	static const char *const directions[] = { "in", "out", NULL };
	static const char *const protocols[] = { "tcp", "udp", "icmp", "esp", "gre", NULL };
	const char *direction, *protocol, *port, *description;

	if (json_get_string(rule, "direction", &direction, err) || json_get_string(rule, "protocol", &protocol, err) ||
	    json_optional_string(rule, "port", NULL, &port, err) ||
	    json_optional_string(rule, "description", NULL, &description, err) ||
	    check_networks(json_object_get(rule, "source_ips"), "source_ips", err) ||
	    check_networks(json_object_get(rule, "destination_ips"), "destination_ips", err))
		return -1;
	if (!one_of(direction, directions) || !one_of(protocol, protocols))
		return error_set(err, ERROR_REFUSED, 0, "unknown direction '%s' or protocol '%s'", direction, protocol);
	if (check_port(protocol, port, err))
		return -1;
	const char *needed = strcmp(direction, "in") == 0 ? "source_ips" : "destination_ips";
	if (json_array_size(json_object_get(rule, needed)) == 0)
		return error_set(err, ERROR_REFUSED, 0, "a rule for direction %s needs %s", direction, needed);
	if (description && strlen(description) > DESCRIPTION_MAXIMUM)
		return error_set(err, ERROR_REFUSED, 0, "the description is too long");
	*ret = json_pack("{s:s, s:s, s:s?, s:s?, s:o, s:o}", "direction", direction, "protocol", protocol, "port", port,
			 "description", description, "source_ips", networks_of(rule, "source_ips"), "destination_ips",
			 networks_of(rule, "destination_ips"));
	return 0;
}

int firewall_rules_read(const json_t *rules, json_t **ret, struct error *err)
{
	if (!json_is_array(rules) || json_array_size(rules) > RULES_MAXIMUM)
		return error_set(err, ERROR_REFUSED, 0, "rules must be an array of at most %d", RULES_MAXIMUM);
	json_t *result = json_array();
	for (size_t i = 0; i < json_array_size(rules); i++) {
		json_t *rule = NULL;
		if (read_rule(json_array_get(rules, i), &rule, err)) {
			json_decref(result);
			return -1;
		}
		json_array_append_new(result, rule);
	}
	*ret = result;
	return 0;
}
