/* The API's objects as ours: strict on what decisions rest on, deaf to the rest. */
#include <arpa/inet.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/decimal.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "cloud/hetzner/decode.h"
#include "cloud/hetzner/firewall_rules.h"

/* Whatever helper found it, it is the API's fault. */
static int remote(struct error *err, const char *thing)
{
	err->kind = ERROR_REMOTE;
	return error_wrap(err, "%s of the API's answer", thing);
}

/* The document describes ids as strings, the API sends numbers: both are taken. */
int decode_id(const json_t *object, const char *key, int64_t *ret, struct error *err)
{
	const json_t *value = json_object_get(object, key);
	if (json_is_integer(value) && json_integer_value(value) > 0) {
		*ret = json_integer_value(value);
		return 0;
	}
	if (json_is_string(value) && number_parse(json_string_value(value), 1, INT64_MAX, key, ret, err) == 0)
		return 0;
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

static int copy_label(const json_t *labels, const char *key, char ret[CLOUD_LABEL_SIZE], struct error *err)
{
	const char *value;
	if (json_optional_string(labels, key, "", &value, err) < 0)
		return -1;
	return text_copy(ret, CLOUD_LABEL_SIZE, value) ? 0
						       : error_set(err, ERROR_REMOTE, 0, "label '%s' is too long", key);
}

/* Deletes rest on them (P2): an object without labels is not understood, rather than none of ours. */
static int decode_labels(const json_t *object, struct cloud_labels *ret, struct error *err)
{
	json_t *labels;
	if (json_get_object(object, "labels", &labels, err) < 0 ||
	    copy_label(labels, "managed-by", ret->managed_by, err) < 0 ||
	    copy_label(labels, "ccc-fleet", ret->fleet, err) < 0 ||
	    copy_label(labels, "ccc-instance", ret->instance, err) < 0 ||
	    copy_label(labels, "ccc-nonce", ret->nonce, err) < 0 ||
	    copy_label(labels, "ccc-expires", ret->expires, err) < 0 ||
	    copy_label(labels, "ccc-role", ret->role, err) < 0)
		return -1;
	return 0;
}

json_t *labels_to_json(const struct cloud_labels *labels)
{
	const struct {
		const char *key, *value;
	} rows[] = {
		{ "managed-by", labels->managed_by }, { "ccc-fleet", labels->fleet },
		{ "ccc-instance", labels->instance }, { "ccc-nonce", labels->nonce },
		{ "ccc-expires", labels->expires },   { "ccc-role", labels->role },
	};
	json_t *object = json_object();
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
		if (*rows[i].value)
			json_object_set_new(object, rows[i].key, json_string(rows[i].value));
	return object;
}

/* An address, with "/<digits>" behind it or not. */
static bool is_address(int family, const char *text)
{
	struct in6_addr parsed; /* has room for either */
	char bare[64];
	size_t length = strcspn(text, "/"), digits = strspn(text + length + (text[length] == '/'), "0123456789");
	snprintf(bare, sizeof(bare), "%.*s", (int)length, text);
	if (text[length] == '/' && (digits == 0 || text[length + 1 + digits] != '\0'))
		return false;
	return inet_pton(family, bare, &parsed) == 1;
}

/* A network may be null. Its address ends up in argument vectors and known-hosts files, so it is one or is refused. */
static int decode_network(const json_t *net, const char *key, int family, char *ret, size_t size, int64_t *ret_id,
			  struct error *err)
{
	const json_t *network = json_object_get(net, key);
	struct error ignored = ERROR_INIT;
	if (!network || json_is_null(network))
		return 0;
	if (copy_required(network, "ip", ret, size, err) < 0)
		return -1;
	if (!is_address(family, ret))
		return error_set(err, ERROR_REMOTE, 0, "'%s' is no address", ret);
	if (decode_id(network, "id", ret_id, &ignored) < 0)
		*ret_id = 0;
	return 0;
}

static int decode_addresses(const json_t *object, struct cloud_server *ret, struct error *err)
{
	const json_t *net = json_object_get(object, "public_net");
	if (decode_network(net, "ipv4", AF_INET, ret->ipv4, sizeof(ret->ipv4), &ret->ipv4_id, err) < 0)
		return -1;
	return decode_network(net, "ipv6", AF_INET6, ret->ipv6, sizeof(ret->ipv6), &ret->ipv6_id, err);
}

/* Left out, there is none known: so a server never looks cut off for want of an answer. */
static int decode_attachments(const json_t *object, struct cloud_server *ret, struct error *err)
{
	const json_t *list = json_object_get(json_object_get(object, "public_net"), "firewalls");
	size_t index;
	json_t *item;
	if (json_array_size(list) > CLOUD_ATTACHMENTS_MAXIMUM)
		return error_set(err, ERROR_REMOTE, 0, "it has more than %d firewalls", CLOUD_ATTACHMENTS_MAXIMUM);
	json_array_foreach(list, index, item) {
		const char *status = json_string_value(json_object_get(item, "status"));
		if (decode_id(item, "id", &ret->attachments[index].firewall, err) < 0)
			return -1;
		ret->attachments[index].pending = !status || strcmp(status, "applied") != 0;
	}
	ret->attachment_count = json_array_size(list);
	return 0;
}

int decode_server(const json_t *object, struct cloud_server *ret, struct error *err)
{
	struct cloud_server server = { 0 };
	const char *created = json_string_value(json_object_get(object, "created"));
	if (decode_id(object, "id", &server.id, err) < 0 ||
	    copy_required(object, "name", server.name, sizeof(server.name), err) < 0 ||
	    decode_addresses(object, &server, err) < 0 || decode_labels(object, &server.labels, err) < 0 ||
	    decode_attachments(object, &server, err) < 0)
		return remote(err, "a server");
	copy_optional(object, "status", server.status, sizeof(server.status));
	copy_optional(json_object_get(object, "server_type"), "name", server.type, sizeof(server.type));
	copy_optional(json_object_get(object, "location"), "name", server.location, sizeof(server.location));
	if (created)
		(void)timestamp_parse(created, &server.created);
	server.delete_protected = json_is_true(json_object_get(json_object_get(object, "protection"), "delete"));
	*ret = server;
	return 0;
}

int decode_firewall(const json_t *object, struct cloud_firewall *ret, struct error *err)
{
	struct cloud_firewall firewall = { 0 };
	if (decode_id(object, "id", &firewall.id, err) < 0 ||
	    copy_required(object, "name", firewall.name, sizeof(firewall.name), err) < 0 ||
	    decode_labels(object, &firewall.labels, err) < 0)
		return remote(err, "a firewall");
	firewall_changes(json_object_get(object, "rules"), firewall.labels.role, firewall.changes);
	*ret = firewall;
	return 0;
}

int decode_ssh_key(const json_t *object, struct cloud_ssh_key *ret, struct error *err)
{
	struct cloud_ssh_key key = { 0 };
	if (decode_id(object, "id", &key.id, err) < 0 ||
	    copy_required(object, "name", key.name, sizeof(key.name), err) < 0 ||
	    copy_required(object, "fingerprint", key.fingerprint, sizeof(key.fingerprint), err) < 0)
		return remote(err, "an SSH key");
	/* nothing is ever done to a key for its labels: they are told, if there */
	if (json_object_get(object, "labels") && decode_labels(object, &key.labels, err) < 0)
		return remote(err, "an SSH key");
	*ret = key;
	return 0;
}

/* Deprecated types stay listed; past `unavailable_after` they can't be ordered. */
static bool is_past(const json_t *object, int64_t now)
{
	const char *after =
		json_string_value(json_object_get(json_object_get(object, "deprecation"), "unavailable_after"));
	int64_t time;
	return after && timestamp_parse(after, &time) && time <= now;
}

/* The API's "number" may be written 4 or 4.0. */
static int decode_figure(const json_t *object, const char *key, double *ret, struct error *err)
{
	double value = json_number_value(json_object_get(object, key));
	if (!(value > 0 && value < 1e6))
		return error_set(err, ERROR_REMOTE, 0, "member '%s' is no sensible number", key);
	*ret = value;
	return 0;
}

static bool is_amount(const char *text)
{
	int64_t ignored;
	return decimal_parse(text, 0, &ignored);
}

static void price_offers(const json_t *type, struct cloud_offer *offers, size_t count)
{
	size_t index;
	json_t *price;
	json_array_foreach(json_object_get(type, "prices"), index, price) {
		const char *location = json_string_value(json_object_get(price, "location"));
		for (size_t i = 0; location && i < count; i++) {
			struct cloud_price *ret = &offers[i].price;
			if (strcmp(location, offers[i].location) != 0)
				continue;
			copy_optional(json_object_get(price, "price_hourly"), "net", ret->hourly, sizeof(ret->hourly));
			copy_optional(json_object_get(price, "price_monthly"), "net", ret->monthly,
				      sizeof(ret->monthly));
		}
	}
}

/* What has no price is not sold there, and must not look like the cheapest of all. */
static size_t drop_unpriced(struct cloud_offer *offers, size_t count)
{
	size_t kept = 0;
	for (size_t i = 0; i < count; i++)
		if (is_amount(offers[i].price.hourly) && is_amount(offers[i].price.monthly))
			offers[kept++] = offers[i];
	return kept;
}

static int decode_type(const json_t *object, struct cloud_offer *type, struct error *err)
{
	double cores = 0, disk = 0;
	if (copy_required(object, "name", type->type, sizeof(type->type), err) < 0 ||
	    copy_required(object, "architecture", type->architecture, sizeof(type->architecture), err) < 0 ||
	    decode_figure(object, "cores", &cores, err) < 0 ||
	    decode_figure(object, "memory", &type->memory_gb, err) < 0 || decode_figure(object, "disk", &disk, err) < 0)
		return -1;
	type->cores = (int)floor(cores);
	type->disk_gb = (int)floor(disk);
	return 0;
}

int decode_offers(const json_t *object, int64_t now, struct cloud_offer **offers, size_t *count, struct error *err)
{
	struct cloud_offer type = { 0 };
	json_t *locations, *location;
	size_t index;
	if (decode_type(object, &type, err) < 0 || json_get_array(object, "locations", &locations, err) < 0)
		return remote(err, "a server type");
	type.orderable = !is_past(object, now);
	*offers = memory_grow(*offers, *count + json_array_size(locations) + 1, sizeof(**offers));
	struct cloud_offer *added = *offers + *count;
	json_array_foreach(locations, index, location) {
		struct cloud_offer *offer = &added[index];
		*offer = type;
		copy_optional(location, "name", offer->location, sizeof(offer->location));
		offer->available = !json_is_false(json_object_get(location, "available"));
		offer->orderable = type.orderable && !is_past(location, now);
	}
	price_offers(object, added, json_array_size(locations));
	*count += drop_unpriced(added, json_array_size(locations));
	return 0;
}

size_t decode_actions(const json_t *document, int64_t *ret, size_t size)
{
	static const char *const lists[] = { "next_actions", "actions" };
	struct error ignored = ERROR_INIT;
	size_t count = 0, index;
	json_t *action;
	if (count < size && decode_id(json_object_get(document, "action"), "id", &ret[count], &ignored) == 0)
		count++;
	for (size_t i = 0; i < ARRAY_LENGTH(lists); i++)
		json_array_foreach(json_object_get(document, lists[i]), index, action)
			if (count < size && decode_id(action, "id", &ret[count], &ignored) == 0)
				count++;
	return count;
}

int decode_primary_ip(const json_t *object, struct cloud_primary_ip *ret, struct error *err)
{
	struct cloud_primary_ip address = { 0 };
	const json_t *assignee = json_object_get(object, "assignee_id");
	if (decode_id(object, "id", &address.id, err) < 0 ||
	    copy_required(object, "ip", address.ip, sizeof(address.ip), err) < 0 ||
	    copy_required(object, "type", address.type, sizeof(address.type), err) < 0 ||
	    decode_labels(object, &address.labels, err) < 0)
		return remote(err, "a primary IP");
	if (assignee && !json_is_null(assignee) && decode_id(object, "assignee_id", &address.assignee, err) < 0)
		return remote(err, "a primary IP");
	copy_optional(json_object_get(object, "location"), "name", address.location, sizeof(address.location));
	*ret = address;
	return 0;
}

int decode_snapshot(const json_t *object, struct cloud_snapshot *ret, struct error *err)
{
	struct cloud_snapshot snapshot = { 0 };
	double size = json_number_value(json_object_get(object, "image_size"));
	if (decode_id(object, "id", &snapshot.id, err) < 0 || decode_labels(object, &snapshot.labels, err) < 0)
		return remote(err, "a snapshot");
	copy_optional(object, "description", snapshot.description, sizeof(snapshot.description));
	snapshot.size_mb = size > 0 && size < 1e9 ? (int64_t)(size * 1000 + 0.5) : 0;
	*ret = snapshot;
	return 0;
}

/* A price that is no amount is left out: what it is of costs something unknown. */
static void add_price(const char *item, const char *location, const json_t *price, struct cloud_price_row **rows,
		      size_t *count)
{
	struct cloud_price_row row = { 0 };
	copy_optional(price, "net", row.monthly, sizeof(row.monthly));
	if (!item || !location || !is_amount(row.monthly) || !text_copy(row.item, sizeof(row.item), item) ||
	    !text_copy(row.location, sizeof(row.location), location))
		return;
	*rows = memory_grow(*rows, *count + 1, sizeof(**rows));
	(*rows)[(*count)++] = row;
}

void decode_type_prices(const char *item, const json_t *thing, struct cloud_price_row **rows, size_t *count)
{
	const json_t *prices = json_object_get(thing, "prices");
	for (size_t i = 0; i < json_array_size(prices); i++) {
		const json_t *price = json_array_get(prices, i);
		add_price(item, json_string_value(json_object_get(price, "location")),
			  json_object_get(price, "price_monthly"), rows, count);
	}
}

/* ISO 4217; it is printed beside every amount. */
static int check_currency(const char *currency, struct error *err)
{
	if (strlen(currency) == 3 && strspn(currency, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 3)
		return 0;
	return error_set(err, ERROR_REMOTE, 0, "'%s' is no currency", currency);
}

int decode_prices(const json_t *object, struct cloud_price_row **rows, size_t *count, const char **ret_currency,
		  struct error *err)
{
	json_t *types, *addresses;
	const char *currency;
	if (json_get_string(object, "currency", &currency, err) < 0 || check_currency(currency, err) < 0 ||
	    json_get_array(object, "server_types", &types, err) < 0 ||
	    json_get_array(object, "primary_ips", &addresses, err) < 0)
		return remote(err, "the prices");
	for (size_t i = 0; i < json_array_size(types); i++)
		decode_type_prices(json_string_value(json_object_get(json_array_get(types, i), "name")),
				   json_array_get(types, i), rows, count);
	for (size_t i = 0; i < json_array_size(addresses); i++)
		decode_type_prices(json_string_value(json_object_get(json_array_get(addresses, i), "type")),
				   json_array_get(addresses, i), rows, count);
	*ret_currency = currency;
	add_price(CLOUD_ITEM_SNAPSHOT, "", json_object_get(json_object_get(object, "image"), "price_per_gb_month"),
		  rows, count);
	return 0;
}
