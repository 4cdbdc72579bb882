/* What there is in the project, whoever made it, and what it costs: for the comparison of
 * what is recorded with what is there. */
#include <stdlib.h>

#include "base/memory.h"
#include "cloud/hetzner/client.h"

static void on_keys(struct client *client, void *data, const struct api_reply *reply, const json_t *items)
{
	AUTO_FREE struct caller *caller = data;
	struct error error = ERROR_INIT;
	size_t count = json_array_size(items);
	AUTO_FREE struct cloud_ssh_key *keys = memory_new((count + 1) * sizeof(*keys));
	struct cloud_reply answer = { .error = reply->error, .ssh_keys = keys, .ssh_key_count = count };
	(void)client;
	for (size_t i = 0; i < count && !answer.error; i++)
		if (decode_ssh_key(json_array_get(items, i), &keys[i], &error) < 0)
			answer.error = &error;
	caller->done(caller->data, &answer);
}

void project_list_ssh_keys(struct cloud *cloud, cloud_done_fn *done, void *data)
{
	client_collect(client_of(cloud), "/ssh_keys", "ssh_keys", on_keys, free, caller_new(done, data));
}

static void on_addresses(struct client *client, void *data, const struct api_reply *reply, const json_t *items)
{
	AUTO_FREE struct caller *caller = data;
	struct error error = ERROR_INIT;
	size_t count = json_array_size(items);
	AUTO_FREE struct cloud_primary_ip *addresses = memory_new((count + 1) * sizeof(*addresses));
	struct cloud_reply answer = { .error = reply->error, .primary_ips = addresses, .primary_ip_count = count };
	(void)client;
	for (size_t i = 0; i < count && !answer.error; i++)
		if (decode_primary_ip(json_array_get(items, i), &addresses[i], &error) < 0)
			answer.error = &error;
	caller->done(caller->data, &answer);
}

void project_list_primary_ips(struct cloud *cloud, cloud_done_fn *done, void *data)
{
	client_collect(client_of(cloud), "/primary_ips", "primary_ips", on_addresses, free, caller_new(done, data));
}

static void on_snapshots(struct client *client, void *data, const struct api_reply *reply, const json_t *items)
{
	AUTO_FREE struct caller *caller = data;
	struct error error = ERROR_INIT;
	size_t count = json_array_size(items);
	AUTO_FREE struct cloud_snapshot *snapshots = memory_new((count + 1) * sizeof(*snapshots));
	struct cloud_reply answer = { .error = reply->error, .snapshots = snapshots, .snapshot_count = count };
	(void)client;
	for (size_t i = 0; i < count && !answer.error; i++)
		if (decode_snapshot(json_array_get(items, i), &snapshots[i], &error) < 0)
			answer.error = &error;
	caller->done(caller->data, &answer);
}

void project_list_snapshots(struct cloud *cloud, cloud_done_fn *done, void *data)
{
	client_collect(client_of(cloud), "/images?type=snapshot", "images", on_snapshots, free, caller_new(done, data));
}

static void on_prices(struct client *client, void *data, const struct api_reply *reply)
{
	AUTO_FREE struct caller *caller = data;
	struct error error = ERROR_INIT;
	struct cloud_price_row *rows = NULL;
	struct cloud_reply answer = { .error = reply->error, .currency = "" };
	(void)client;
	if (!reply->error && decode_prices(json_object_get(reply->document, "pricing"), &rows, &answer.price_count,
					   &answer.currency, &error) < 0)
		answer.error = &error;
	answer.prices = rows;
	caller->done(caller->data, &answer);
	free(rows);
}

void project_list_prices(struct cloud *cloud, cloud_done_fn *done, void *data)
{
	client_request(client_of(cloud), "GET", "/pricing", NULL, on_prices, free, caller_new(done, data));
}
