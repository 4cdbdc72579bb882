#include <stdlib.h>

#include "base/json.h"
#include "base/memory.h"
#include "cloud/hcloud/call.h"
#include "cloud/hetzner/decode.h"
#include "cloud/hetzner/firewall_rules.h"

static void on_firewall(struct hcloud *hcloud, void *data, const struct call_reply *reply)
{
	AUTO_FREE struct asker *asker = data;
	struct error error = ERROR_INIT;
	struct cloud_firewall firewall;
	struct cloud_reply answer = { .presence = PRESENCE_ABSENT };
	(void)hcloud;
	if (reply->error && !reply->absent) {
		asker_answer_error(asker, reply->error, reply->maybe_done);
		return;
	}
	if (!reply->error) {
		if (decode_firewall(json_object_get(reply->document, "firewall"), &firewall, &error) < 0) {
			asker_answer_error(asker, &error, false);
			return;
		}
		answer = (struct cloud_reply){ .presence = PRESENCE_PRESENT,
					       .firewalls = &firewall,
					       .firewall_count = 1 };
	}
	asker->done(asker->data, &answer);
}

void firewalls_get(struct cloud *cloud, int64_t id, cloud_done_fn *done, void *data)
{
	hcloud_describe(hcloud_of(cloud), "firewall", id, on_firewall, NULL, asker_new(done, data));
}

static void on_firewalls(struct hcloud *hcloud, void *data, const struct call_reply *reply)
{
	AUTO_FREE struct asker *asker = data;
	AUTO_JSON json_t *items = NULL;
	struct error error = ERROR_INIT;
	(void)hcloud;
	(void)reply_items(reply, "firewalls", &items, &error);
	size_t count = json_array_size(items);
	AUTO_FREE struct cloud_firewall *firewalls = memory_new((count + 1) * sizeof(*firewalls));
	for (size_t i = 0; i < count && error.kind == ERROR_NONE; i++)
		(void)decode_firewall(json_array_get(items, i), &firewalls[i], &error);
	asker_answer(asker, &error, &(struct cloud_reply){ .firewalls = firewalls, .firewall_count = count });
}

void firewalls_list(struct cloud *cloud, const char *fleet, cloud_done_fn *done, void *data)
{
	hcloud_list(cloud, "/firewalls", "firewall list", fleet, on_firewalls, asker_new(done, data));
}

static void change(struct cloud *cloud, const char *command, const char *action, int64_t firewall, int64_t server,
		   cloud_done_fn *done, void *data)
{
	char arguments[160];
	snprintf(arguments, sizeof(arguments), "firewall %s %lld --type server --server %lld", command,
		 (long long)firewall, (long long)server);
	struct call_order order = { .kind = CALL_CREATE,
				    .method = "POST",
				    .arguments = arguments,
				    .done = actions_answer,
				    .data = asker_new(done, data) };
	snprintf(order.path, sizeof(order.path), "/firewalls/%lld/actions/%s", (long long)firewall, action);
	hcloud_call(hcloud_of(cloud), &order);
}

void firewalls_set_rules(struct cloud *cloud, int64_t firewall, const char *role, cloud_done_fn *done, void *data)
{
	char arguments[80];
	AUTO_JSON json_t *rules = firewall_rules_json(role);
	AUTO_FREE char *input = json_format(rules, false);
	snprintf(arguments, sizeof(arguments), "firewall replace-rules --rules-file - %lld", (long long)firewall);
	struct call_order order = { .kind = CALL_CREATE,
				    .method = "POST",
				    .arguments = arguments,
				    .input = input,
				    .done = actions_answer,
				    .data = asker_new(done, data) };
	snprintf(order.path, sizeof(order.path), "/firewalls/%lld/actions/set_rules", (long long)firewall);
	hcloud_call(hcloud_of(cloud), &order);
}

void firewalls_apply(struct cloud *cloud, int64_t firewall, int64_t server, cloud_done_fn *done, void *data)
{
	change(cloud, "apply-to-resource", "apply_to_resources", firewall, server, done, data);
}

void firewalls_remove(struct cloud *cloud, int64_t firewall, int64_t server, cloud_done_fn *done, void *data)
{
	change(cloud, "remove-from-resource", "remove_from_resources", firewall, server, done, data);
}
