#include "cloud/hetzner/hetzner.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cloud/hetzner/client.h"
#include "net/url.h"
#include "system/clock.h"

#define TIMEOUT_MS 30000

struct client *client_of(struct cloud *cloud)
{
	return (struct client *)cloud;
}

struct caller *caller_new(cloud_done_fn *done, void *data)
{
	struct caller *caller = memory_new(sizeof(*caller));
	*caller = (struct caller){ .done = done, .data = data };
	return caller;
}

void client_answer_error(cloud_done_fn *done, void *data, const struct error *error, bool maybe_done)
{
	struct cloud_reply reply = { .error = error, .maybe_done = maybe_done };
	done(data, &reply);
}

static bool clock_offset(const struct cloud *cloud, int64_t *ret_seconds)
{
	const struct client *client = (const struct client *)cloud;
	struct system *system = loop_system(client->loop);
	if (client->date < 0)
		return false;
	/* our clock may have been set since: what it says now counts */
	*ret_seconds = clock_now(system) - client->date - (clock_monotonic_ms(system) - client->date_at_ms) / 1000;
	return true;
}

static bool rate_limit(const struct cloud *cloud, int64_t *ret_remaining, int64_t *ret_limit)
{
	const struct client *client = (const struct client *)cloud;
	if (client->rate_limit <= 0 || client->rate_remaining < 0)
		return false;
	*ret_remaining = client->rate_remaining;
	*ret_limit = client->rate_limit;
	return true;
}

static void free_client(struct cloud *cloud)
{
	struct client *client = client_of(cloud);
	http_client_free(client->http);
	client_drop_collections(client);
	client_drop_requests(client);
	fleet_list_drop(client);
	actions_drop(client);
	memory_wipe(client->token, strlen(client->token));
	free(client->token);
	free(client->endpoint);
	free(client);
}

static const struct cloud_driver driver = {
	.create_server = client_create_server,
	.get_server = client_get_server,
	.find_server = client_find_server,
	.list_servers = fleet_list,
	.delete_server = client_delete_server,
	.label_server = client_label_server,
	.wait_actions = actions_wait,
	.get_firewall = registry_get_firewall,
	.list_firewalls = registry_list_firewalls,
	.create_firewall = registry_create_firewall,
	.find_ssh_key = registry_find_ssh_key,
	.create_ssh_key = registry_create_ssh_key,
	.list_offers = catalogue_list,
	.clock_offset = clock_offset,
	.free = free_client,
	.create_isolation = registry_create_isolation,
	.apply_firewall = attachments_apply,
	.remove_firewall = attachments_remove,
	.list_ssh_keys = project_list_ssh_keys,
	.list_primary_ips = project_list_primary_ips,
	.list_snapshots = project_list_snapshots,
	.list_prices = project_list_prices,
	.rate_limit = rate_limit,
	.set_rules = registry_set_rules,
	.rebuild_server = client_rebuild_server,
};

static int check_token(const char *token, struct error *err)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
	if (!*token)
		return error_set(err, ERROR_USAGE, 0,
				 "HCLOUD_TOKEN is empty; export the API token of the fleet's Hetzner project");
	if (token[strspn(token, allowed)])
		return error_set(err, ERROR_USAGE, 0,
				 "HCLOUD_TOKEN holds a character that no token has (a newline or a blank, perhaps); "
				 "export it again");
	return 0;
}

int hetzner_new(struct loop *loop, const char *endpoint, const char *token, struct cloud **ret, struct error *err)
{
	struct url_facts facts;
	if (check_token(token, err) < 0)
		return -1;
	if (url_examine_for_token(endpoint, &facts, err) < 0)
		return error_wrap(err, "HCLOUD_ENDPOINT");
	struct http_client *http = http_client_new(loop, "ccc", err);
	if (!http)
		return -1;
	struct client *client = memory_new(sizeof(*client));
	client->cloud.driver = &driver;
	client->loop = loop;
	client->http = http;
	client->token = memory_copy_string(token);
	client->endpoint = memory_copy_string(endpoint);
	for (size_t length = strlen(client->endpoint); length && client->endpoint[length - 1] == '/'; length--)
		client->endpoint[length - 1] = '\0';
	client->timeout_ms = TIMEOUT_MS;
	client->rate_limit = client->rate_remaining = -1;
	client->date = -1;
	*ret = &client->cloud;
	return 0;
}

void hetzner_on_wait(struct cloud *cloud, hetzner_wait_fn *fn, void *data)
{
	client_of(cloud)->on_wait = fn;
	client_of(cloud)->on_wait_data = data;
}

void hetzner_set_timeout(struct cloud *cloud, int64_t timeout_ms)
{
	client_of(cloud)->timeout_ms = timeout_ms;
}
