/*
 * Any bytes as an answer of the API. What is taken must be fit for what is done
 * with it: ids above 0, addresses that are addresses, offers with figures and
 * prices. What is refused must be the API's fault and say why.
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
			offers[i].price.hourly[0] != '\0' && is_made_of(offers[i].price.hourly, "0123456789."));
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

static void check_all(const json_t *object)
{
	check_server(object);
	check_offers(object);
	check_others(object);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const lists[] = { "servers", "server_types", "firewalls", "ssh_keys" };
	static const char *const things[] = { "server", "firewall", "ssh_key", "action" };
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
