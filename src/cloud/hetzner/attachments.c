/* Which firewalls a server has: one more, one less. */
#include <stdlib.h>

#include "base/json.h"
#include "base/memory.h"
#include "cloud/hetzner/client.h"

static void change(struct cloud *cloud, int64_t firewall, const char *action, const char *member, int64_t server,
		   cloud_done_fn *done, void *data)
{
	char path[96];
	AUTO_JSON json_t *body =
		json_pack("{s:[{s:s, s:{s:I}}]}", member, "type", "server", "server", "id", (json_int_t)server);
	snprintf(path, sizeof(path), "/firewalls/%lld/actions/%s", (long long)firewall, action);
	client_request(client_of(cloud), "POST", path, body, client_on_actions, free, caller_new(done, data));
}

void attachments_apply(struct cloud *cloud, int64_t firewall, int64_t server, cloud_done_fn *done, void *data)
{
	change(cloud, firewall, "apply_to_resources", "apply_to", server, done, data);
}

void attachments_remove(struct cloud *cloud, int64_t firewall, int64_t server, cloud_done_fn *done, void *data)
{
	change(cloud, firewall, "remove_from_resources", "remove_from", server, done, data);
}
