/* What there is in the project, whoever made it; the catalogue, and what the program tells of prices. */
#include <stdlib.h>

#include "base/json.h"
#include "base/memory.h"
#include "cloud/hcloud/call.h"
#include "cloud/hetzner/decode.h"
#include "system/clock.h"

static void on_primary_ips(struct hcloud *hcloud, void *data, const struct call_reply *reply)
{
	AUTO_FREE struct asker *asker = data;
	AUTO_JSON json_t *items = NULL;
	struct error error = ERROR_INIT;
	(void)hcloud;
	(void)reply_items(reply, "primary_ips", &items, &error);
	size_t count = json_array_size(items);
	AUTO_FREE struct cloud_primary_ip *addresses = memory_new((count + 1) * sizeof(*addresses));
	for (size_t i = 0; i < count && error.kind == ERROR_NONE; i++)
		(void)decode_primary_ip(json_array_get(items, i), &addresses[i], &error);
	asker_answer(asker, &error, &(struct cloud_reply){ .primary_ips = addresses, .primary_ip_count = count });
}

void project_primary_ips(struct cloud *cloud, cloud_done_fn *done, void *data)
{
	hcloud_list(cloud, "/primary_ips", "primary-ip list", NULL, on_primary_ips, asker_new(done, data));
}

static void on_snapshots(struct hcloud *hcloud, void *data, const struct call_reply *reply)
{
	AUTO_FREE struct asker *asker = data;
	AUTO_JSON json_t *items = NULL;
	struct error error = ERROR_INIT;
	(void)hcloud;
	(void)reply_items(reply, "images", &items, &error);
	size_t count = json_array_size(items);
	AUTO_FREE struct cloud_snapshot *snapshots = memory_new((count + 1) * sizeof(*snapshots));
	for (size_t i = 0; i < count && error.kind == ERROR_NONE; i++)
		(void)decode_snapshot(json_array_get(items, i), &snapshots[i], &error);
	asker_answer(asker, &error, &(struct cloud_reply){ .snapshots = snapshots, .snapshot_count = count });
}

void project_snapshots(struct cloud *cloud, cloud_done_fn *done, void *data)
{
	hcloud_list(cloud, "/images", "image list --type snapshot", NULL, on_snapshots, asker_new(done, data));
}

static void on_types(struct hcloud *hcloud, void *data, const struct call_reply *reply)
{
	AUTO_FREE struct asker *asker = data;
	AUTO_JSON json_t *items = NULL;
	struct error error = ERROR_INIT;
	struct cloud_offer *offers = NULL;
	size_t count = 0;
	int64_t now = clock_now(loop_system(hcloud->loop)), offset = 0;
	(void)cloud_clock_offset(&hcloud->cloud, &offset); /* this answer brought one */
	(void)reply_items(reply, "server_types", &items, &error);
	for (size_t i = 0; i < json_array_size(items) && error.kind == ERROR_NONE; i++)
		(void)decode_offers(json_array_get(items, i), now - offset, &offers, &count, &error);
	asker_answer(asker, &error, &(struct cloud_reply){ .offers = offers, .offer_count = count });
	free(offers);
}

void project_offers(struct cloud *cloud, cloud_done_fn *done, void *data)
{
	hcloud_list(cloud, "/server_types", "server-type list", NULL, on_types, asker_new(done, data));
}

static void on_prices(struct hcloud *hcloud, void *data, const struct call_reply *reply)
{
	AUTO_FREE struct asker *asker = data;
	AUTO_JSON json_t *items = NULL;
	struct error error = ERROR_INIT;
	struct cloud_price_row *rows = NULL;
	size_t count = 0;
	(void)hcloud;
	(void)reply_items(reply, "server_types", &items, &error);
	for (size_t i = 0; i < json_array_size(items); i++)
		decode_type_prices(json_string_value(json_object_get(json_array_get(items, i), "name")),
				   json_array_get(items, i), &rows, &count);
	asker_answer(asker, &error, &(struct cloud_reply){ .prices = rows, .price_count = count, .currency = "?" });
	free(rows);
}

/* The program knows no /pricing: only what the types say of themselves. */
void project_prices(struct cloud *cloud, cloud_done_fn *done, void *data)
{
	hcloud_list(cloud, "/server_types", "server-type list", NULL, on_prices, asker_new(done, data));
}
