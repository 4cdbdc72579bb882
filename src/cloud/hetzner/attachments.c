/* Which firewalls a server has: one more, one less. */
#include <stdlib.h>

#include "base/json.h"
#include "base/memory.h"
#include "cloud/hetzner/client.h"

#define ACTIONS_MAXIMUM 16

static void on_changed(struct client *client, void *data, const struct api_reply *reply)
{
	AUTO_FREE struct caller *caller = data;
	int64_t actions[ACTIONS_MAXIMUM];
	struct cloud_reply answer = { .presence = PRESENCE_PRESENT, .actions = actions };
	(void)client;
	if (reply->error) {
		client_answer_error(caller->done, caller->data, reply->error, reply->maybe_done);
		return;
	}
	answer.action_count = decode_actions(reply->document, actions, ACTIONS_MAXIMUM);
	caller->done(caller->data, &answer);
}

static void change(struct cloud *cloud, int64_t firewall, const char *action, const char *member, int64_t server,
		   cloud_done_fn *done, void *data)
{
	char path[96];
	AUTO_JSON json_t *body =
		json_pack("{s:[{s:s, s:{s:I}}]}", member, "type", "server", "server", "id", (json_int_t)server);
	snprintf(path, sizeof(path), "/firewalls/%lld/actions/%s", (long long)firewall, action);
	client_request(client_of(cloud), "POST", path, body, on_changed, free, caller_new(done, data));
}

void attachments_apply(struct cloud *cloud, int64_t firewall, int64_t server, cloud_done_fn *done, void *data)
{
	change(cloud, firewall, "apply_to_resources", "apply_to", server, done, data);
}

void attachments_remove(struct cloud *cloud, int64_t firewall, int64_t server, cloud_done_fn *done, void *data)
{
	change(cloud, firewall, "remove_from_resources", "remove_from", server, done, data);
}
