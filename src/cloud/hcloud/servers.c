#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "cloud/hcloud/call.h"
#include "cloud/hetzner/decode.h"

#define ARGUMENTS_SIZE ((size_t)4096)

static void answer_server(struct hcloud *hcloud, const struct asker *asker, const struct call_reply *reply)
{
	struct error error = ERROR_INIT;
	struct cloud_server server;
	int64_t actions[ACTIONS_MAXIMUM];
	if (reply->error) {
		asker_answer_error(asker, reply->error, reply->maybe_done);
		return;
	}
	if (decode_server(json_object_get(reply->document, "server"), &server, &error) == 0 && asker->id &&
	    server.id != asker->id)
		error_set(&error, ERROR_REMOTE, 0, "asked for server %lld, the API answered with %lld",
			  (long long)asker->id, (long long)server.id);
	if (error.kind != ERROR_NONE) {
		asker_answer_error(asker, &error, true);
		return;
	}
	struct cloud_reply answer = {
		.presence = PRESENCE_PRESENT, .servers = &server, .server_count = 1, .actions = actions
	};
	answer.action_count = actions_note(hcloud, reply, actions, ACTIONS_MAXIMUM);
	asker->done(asker->data, &answer);
}

/* --- look-ups ------------------------------------------------------------------------ */

static void on_server(struct hcloud *hcloud, void *data, const struct call_reply *reply)
{
	AUTO_FREE struct asker *asker = data;
	struct cloud_reply absent = { .presence = PRESENCE_ABSENT };
	if (reply->absent)
		asker->done(asker->data, &absent);
	else
		answer_server(hcloud, asker, reply);
}

void servers_get(struct cloud *cloud, int64_t id, cloud_done_fn *done, void *data)
{
	struct asker *asker = asker_new(done, data);
	asker->id = id;
	hcloud_describe(hcloud_of(cloud), "server", id, on_server, NULL, asker);
}

static void on_found(struct hcloud *hcloud, void *data, const struct call_reply *reply)
{
	AUTO_FREE struct asker *asker = data;
	struct error error = ERROR_INIT;
	struct cloud_server server;
	struct cloud_reply answer = { .presence = PRESENCE_ABSENT };
	AUTO_JSON json_t *items = NULL;
	(void)hcloud;
	if (reply_items(reply, "servers", &items, &error) == 0 && json_array_size(items) > 0 &&
	    decode_server(json_array_get(items, 0), &server, &error) == 0) {
		answer = (struct cloud_reply){ .presence = PRESENCE_PRESENT, .servers = &server, .server_count = 1 };
		if (strcmp(server.name, asker->name) != 0)
			error_set(&error, ERROR_REMOTE, 0, "asked for server '%s', the API answered with '%s'",
				  asker->name, server.name);
	}
	asker_answer(asker, &error, &answer);
}

/* A name of digits alone the program would take for an id, and its answer would be of another form: an error. */
void servers_find(struct cloud *cloud, const char *name, cloud_done_fn *done, void *data)
{
	struct asker *asker = asker_new(done, data);
	text_copy(asker->name, sizeof(asker->name), name);
	struct call_order order = { .kind = CALL_READ,
				    .method = "GET",
				    .path = "/servers",
				    .arguments = "server describe -o json",
				    .argument = name,
				    .done = on_found,
				    .data = asker };
	hcloud_call(hcloud_of(cloud), &order);
}

static void on_list(struct hcloud *hcloud, void *data, const struct call_reply *reply)
{
	AUTO_FREE struct asker *asker = data;
	AUTO_JSON json_t *items = NULL;
	struct error error = ERROR_INIT;
	(void)hcloud;
	(void)reply_items(reply, "servers", &items, &error);
	size_t count = json_array_size(items);
	AUTO_FREE struct cloud_server *servers = memory_new((count + 1) * sizeof(*servers));
	for (size_t i = 0; i < count && error.kind == ERROR_NONE; i++)
		(void)decode_server(json_array_get(items, i), &servers[i], &error);
	asker_answer(asker, &error, &(struct cloud_reply){ .servers = servers, .server_count = count });
}

void servers_list(struct cloud *cloud, const char *fleet, cloud_done_fn *done, void *data)
{
	hcloud_list(cloud, "/servers", "server list", fleet, on_list, asker_new(done, data));
}

/* --- changes ------------------------------------------------------------------------- */

/* A 404 to a look-up before a create says nothing about a server. */
static void on_created(struct hcloud *hcloud, void *data, const struct call_reply *reply)
{
	AUTO_FREE struct asker *asker = data;
	answer_server(hcloud, asker, reply);
}

/* User data comes by standard input: it holds a host key. Of images of one name the program takes the first, the one
 * for x86; that one of another architecture is refused is Hetzner's plain no. */
void servers_create(struct cloud *cloud, const struct cloud_order *order, cloud_done_fn *done, void *data)
{
	AUTO_TEXT struct text arguments = TEXT_INIT(ARGUMENTS_SIZE);
	AUTO_JSON json_t *labels = labels_to_json(&order->labels);
	const char *key;
	json_t *value;
	text_addf(&arguments, "server create --name %s --type %s --image %s --location %s --firewall %lld", order->name,
		  order->type, order->image, order->location, (long long)order->firewall);
	for (size_t i = 0; i < order->ssh_key_count; i++)
		text_addf(&arguments, " --ssh-key %lld", (long long)order->ssh_keys[i]);
	json_object_foreach(labels, key, value) {
		text_addf(&arguments, " --label %s=%s", key, json_string_value(value));
	}
	text_add_string(&arguments, " --user-data-from-file -");
	struct call_order call = { .kind = CALL_ORDER,
				   .method = "POST",
				   .path = "/servers",
				   .arguments = text_string(&arguments),
				   .input = order->user_data ? order->user_data : "",
				   .done = on_created,
				   .data = asker_new(done, data) };
	hcloud_call(hcloud_of(cloud), &call);
}

/* The program does not wait for what it started: that the server is gone is seen by looking. */
static void on_deleted(struct hcloud *hcloud, void *data, const struct call_reply *reply)
{
	AUTO_FREE struct asker *asker = data;
	struct cloud_reply answer = { .presence = PRESENCE_PRESENT };
	(void)hcloud;
	if (reply->absent)
		answer.presence = PRESENCE_ABSENT;
	if (reply->error && !reply->absent)
		asker_answer_error(asker, reply->error, reply->maybe_done);
	else
		asker->done(asker->data, &answer);
}

void servers_delete(struct cloud *cloud, int64_t id, cloud_done_fn *done, void *data)
{
	char arguments[80];
	snprintf(arguments, sizeof(arguments), "server delete %lld", (long long)id);
	struct call_order order = { .kind = CALL_REPEATABLE,
				    .method = "DELETE",
				    .arguments = arguments,
				    .done = on_deleted,
				    .data = asker_new(done, data) };
	snprintf(order.path, sizeof(order.path), "/servers/%lld", (long long)id);
	hcloud_call(hcloud_of(cloud), &order);
}

void servers_rebuild(struct cloud *cloud, int64_t id, const char *image, cloud_done_fn *done, void *data)
{
	char arguments[192];
	snprintf(arguments, sizeof(arguments), "server rebuild %lld --image", (long long)id);
	struct call_order order = { .kind = CALL_ORDER,
				    .method = "POST",
				    .arguments = arguments,
				    .argument = image,
				    .done = actions_answer,
				    .data = asker_new(done, data) };
	snprintf(order.path, sizeof(order.path), "/servers/%lld/actions/rebuild", (long long)id);
	hcloud_call(hcloud_of(cloud), &order);
}
