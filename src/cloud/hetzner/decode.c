/* The API's objects as ours: strict on what decisions rest on, deaf to the rest. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "cloud/hetzner/client.h"

/* The document describes ids as strings, the API sends numbers: both are taken. */
int decode_id(const json_t *object, const char *key, int64_t *ret, struct error *err)
{
	const json_t *value = json_object_get(object, key);
	if (json_is_integer(value) && json_integer_value(value) > 0) {
		*ret = json_integer_value(value);
		return 0;
	}
	if (json_is_string(value))
		return number_parse(json_string_value(value), 1, INT64_MAX, key, ret, err);
	return error_set(err, ERROR_REMOTE, 0, "member '%s' is no id", key);
}

static void copy_optional(const json_t *object, const char *key, char *ret, size_t size)
{
	const char *value = json_string_value(json_object_get(object, key));
	text_copy(ret, size, value ? value : "");
}

static int copy_required(const json_t *object, const char *key, char *ret, size_t size, struct error *err)
{
	const char *value;
	if (json_get_string(object, key, &value, err) < 0)
		return -1;
	if (!text_copy(ret, size, value))
		return error_set(err, ERROR_REMOTE, 0, "member '%s' is longer than %zu bytes", key, size - 1);
	return 0;
}

static void decode_labels(const json_t *object, struct cloud_labels *ret)
{
	const json_t *labels = json_object_get(object, "labels");
	copy_optional(labels, "managed-by", ret->managed_by, sizeof(ret->managed_by));
	copy_optional(labels, "ccc-fleet", ret->fleet, sizeof(ret->fleet));
	copy_optional(labels, "ccc-instance", ret->instance, sizeof(ret->instance));
	copy_optional(labels, "ccc-nonce", ret->nonce, sizeof(ret->nonce));
	copy_optional(labels, "ccc-expires", ret->expires, sizeof(ret->expires));
}

json_t *labels_to_json(const struct cloud_labels *labels)
{
	const struct {
		const char *key, *value;
	} rows[] = {
		{ "managed-by", labels->managed_by }, { "ccc-fleet", labels->fleet }, { "ccc-instance", labels->instance },
		{ "ccc-nonce", labels->nonce },	      { "ccc-expires", labels->expires },
	};
	json_t *object = json_object();
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
		if (*rows[i].value)
			json_object_set_new(object, rows[i].key, json_string(rows[i].value));
	return object;
}

static void decode_addresses(const json_t *object, struct cloud_server *ret)
{
	const json_t *net = json_object_get(object, "public_net");
	const json_t *ipv4 = json_object_get(net, "ipv4"), *ipv6 = json_object_get(net, "ipv6");
	copy_optional(ipv4, "ip", ret->ipv4, sizeof(ret->ipv4));
	copy_optional(ipv6, "ip", ret->ipv6, sizeof(ret->ipv6));
	ret->ipv4_id = json_integer_value(json_object_get(ipv4, "id"));
	ret->ipv6_id = json_integer_value(json_object_get(ipv6, "id"));
}

int decode_server(const json_t *object, struct cloud_server *ret, struct error *err)
{
	struct cloud_server server = { 0 };
	const char *created = json_string_value(json_object_get(object, "created"));
	if (decode_id(object, "id", &server.id, err) < 0 || copy_required(object, "name", server.name, sizeof(server.name), err) < 0)
		return error_wrap(err, "a server of the API's answer");
	copy_optional(object, "status", server.status, sizeof(server.status));
	copy_optional(json_object_get(object, "server_type"), "name", server.type, sizeof(server.type));
	copy_optional(json_object_get(object, "location"), "name", server.location, sizeof(server.location));
	if (created)
		(void)timestamp_parse(created, &server.created);
	server.delete_protected = json_is_true(json_object_get(json_object_get(object, "protection"), "delete"));
	decode_addresses(object, &server);
	decode_labels(object, &server.labels);
	*ret = server;
	return 0;
}

int decode_firewall(const json_t *object, struct cloud_firewall *ret, struct error *err)
{
	struct cloud_firewall firewall = { 0 };
	if (decode_id(object, "id", &firewall.id, err) < 0 ||
	    copy_required(object, "name", firewall.name, sizeof(firewall.name), err) < 0)
		return error_wrap(err, "a firewall of the API's answer");
	decode_labels(object, &firewall.labels);
	*ret = firewall;
	return 0;
}

int decode_ssh_key(const json_t *object, struct cloud_ssh_key *ret, struct error *err)
{
	struct cloud_ssh_key key = { 0 };
	if (decode_id(object, "id", &key.id, err) < 0 || copy_required(object, "name", key.name, sizeof(key.name), err) < 0 ||
	    copy_required(object, "fingerprint", key.fingerprint, sizeof(key.fingerprint), err) < 0)
		return error_wrap(err, "an SSH key of the API's answer");
	*ret = key;
	return 0;
}

/* Deprecated types stay listed; past `unavailable_after` they can't be ordered. */
static bool is_past(const json_t *object, int64_t now)
{
	const char *after = json_string_value(json_object_get(json_object_get(object, "deprecation"), "unavailable_after"));
	int64_t time;
	return after && timestamp_parse(after, &time) && time <= now;
}

static void decode_price(const json_t *type, struct cloud_offer *offer)
{
	size_t index;
	json_t *price;
	json_array_foreach(json_object_get(type, "prices"), index, price) {
		const char *location = json_string_value(json_object_get(price, "location"));
		if (!location || strcmp(location, offer->location) != 0)
			continue;
		copy_optional(json_object_get(price, "price_hourly"), "net", offer->price.hourly, sizeof(offer->price.hourly));
		copy_optional(json_object_get(price, "price_monthly"), "net", offer->price.monthly, sizeof(offer->price.monthly));
	}
}

int decode_offers(const json_t *object, int64_t now, struct cloud_offer **offers, size_t *count, struct error *err)
{
	struct cloud_offer type = { 0 };
	json_t *locations, *location;
	size_t index;
	if (copy_required(object, "name", type.type, sizeof(type.type), err) < 0 ||
	    copy_required(object, "architecture", type.architecture, sizeof(type.architecture), err) < 0 ||
	    json_get_array(object, "locations", &locations, err) < 0)
		return error_wrap(err, "a server type of the API's answer");
	type.cores = (int)json_number_value(json_object_get(object, "cores"));
	type.memory_gb = json_number_value(json_object_get(object, "memory"));
	type.disk_gb = (int)json_number_value(json_object_get(object, "disk"));
	json_array_foreach(locations, index, location) {
		struct cloud_offer offer = type;
		copy_optional(location, "name", offer.location, sizeof(offer.location));
		offer.available = !json_is_false(json_object_get(location, "available"));
		offer.orderable = !is_past(object, now) && !is_past(location, now);
		decode_price(object, &offer);
		*offers = memory_grow(*offers, *count + 1, sizeof(**offers));
		(*offers)[(*count)++] = offer;
	}
	return 0;
}

size_t decode_actions(const json_t *document, int64_t *ret, size_t size)
{
	struct error ignored = ERROR_INIT;
	size_t count = 0, index;
	json_t *action;
	if (count < size && decode_id(json_object_get(document, "action"), "id", &ret[count], &ignored) == 0)
		count++;
	json_array_foreach(json_object_get(document, "next_actions"), index, action)
		if (count < size && decode_id(action, "id", &ret[count], &ignored) == 0)
			count++;
	return count;
}
