/*
 * Any bytes as an answer of the API, object by object (fuzz_api_call.c has what is
 * around them). What is taken must be fit for what is done with it: ids above 0,
 * addresses that are addresses, offers with figures and prices, text that fits into
 * JSON. What is refused must be the API's fault and say why.
 */
#include "base/json.h"
#include "base/memory.h"
#include "cloud/hetzner/client.h"
#include "property.h"

#define NOW INT64_C(1764000000)

static bool is_made_of(const char *text, const char *alphabet)
{
	return text[strspn(text, alphabet)] == '\0';
}

/* Cut or not, it is UTF-8, or what is printed for programs would lack it. */
static bool is_text(const char *text)
{
	AUTO_JSON json_t *value = json_string(text);
	return value != NULL;
}

static bool is_amount(const char *text)
{
	return text[0] != '\0' && is_made_of(text, "0123456789.");
}

static void check_refusal(const struct error *error)
{
	require(error->kind == ERROR_REMOTE && error->message[0] != '\0');
}

static void check_server(const json_t *object)
{
	struct error error = ERROR_INIT;
	struct cloud_server server;

	if (decode_server(object, &server, &error) < 0) {
		check_refusal(&error);
		return;
	}
	require(server.id > 0 && server.ipv4_id >= 0 && server.ipv6_id >= 0);
	require(is_made_of(server.ipv4, "0123456789."));
	require(is_made_of(server.ipv6, "0123456789abcdefABCDEF:./"));
	require(is_text(server.name) && is_text(server.status) && is_text(server.type) && is_text(server.location));
	require(server.attachment_count <= CLOUD_ATTACHMENTS_MAXIMUM);
}

static void check_offers(const json_t *object)
{
	struct error error = ERROR_INIT;
	struct cloud_offer *offers = NULL;
	size_t count = 0;

	if (decode_offers(object, NOW, &offers, &count, &error) < 0)
		check_refusal(&error);
	for (size_t i = 0; i < count; i++)
		require(offers[i].cores >= 0 && offers[i].disk_gb >= 0 && offers[i].memory_gb > 0 &&
			is_amount(offers[i].price.hourly) && is_amount(offers[i].price.monthly) &&
			is_text(offers[i].type) && is_text(offers[i].location));
	free(offers);
}

static void check_others(const json_t *object)
{
	struct error error = ERROR_INIT;
	struct cloud_firewall firewall;
	struct cloud_ssh_key key;
	int64_t actions[16];

	if (decode_firewall(object, &firewall, &error) < 0)
		check_refusal(&error);
	else
		require(firewall.id > 0);
	if (decode_ssh_key(object, &key, &error) < 0)
		check_refusal(&error);
	else
		require(key.id > 0);
	size_t count = decode_actions(object, actions, ARRAY_LENGTH(actions));
	require(count <= ARRAY_LENGTH(actions));
	for (size_t i = 0; i < count; i++)
		require(actions[i] > 0);
}

/* What is looked for because it costs something. */
static void check_costs(const json_t *object)
{
	struct error error = ERROR_INIT;
	struct cloud_primary_ip address;
	struct cloud_snapshot snapshot;
	struct cloud_price_row *rows = NULL;
	const char *currency = NULL;
	size_t count = 0;

	if (decode_primary_ip(object, &address, &error) < 0)
		check_refusal(&error);
	else
		require(address.id > 0 && address.assignee >= 0 && is_text(address.ip) && is_text(address.location));
	if (decode_snapshot(object, &snapshot, &error) < 0)
		check_refusal(&error);
	else
		require(snapshot.id > 0 && snapshot.size_mb >= 0 && is_text(snapshot.description));
	if (decode_prices(object, &rows, &count, &currency, &error) < 0)
		check_refusal(&error);
	else
		require(currency && is_made_of(currency, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"));
	for (size_t i = 0; i < count; i++)
		require(is_amount(rows[i].monthly) && is_text(rows[i].item) && is_text(rows[i].location));
	free(rows);
}

static void check_all(const json_t *object)
{
	check_server(object);
	check_offers(object);
	check_others(object);
	check_costs(object);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const lists[] = {
		"servers", "server_types", "firewalls", "ssh_keys", "primary_ips", "images"
	};
	static const char *const things[] = { "server", "firewall", "ssh_key", "action", "pricing" };
	struct error error = ERROR_INIT;
	AUTO_JSON json_t *document = json_parse((const char *)data, size, &error);
	json_t *item;
	size_t index;

	if (!document) {
		require(error.message[0] != '\0');
		return 0;
	}
	check_all(document);
	for (size_t i = 0; i < ARRAY_LENGTH(things); i++)
		check_all(json_object_get(document, things[i]));
	for (size_t i = 0; i < ARRAY_LENGTH(lists); i++)
		json_array_foreach(json_object_get(document, lists[i]), index, item)
			check_all(item);
	return 0;
}
