#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "cloud/hetzner/client.h"

#define ACTIONS_MAXIMUM 16

/* {"server": {...}, "action", "next_actions"} */
static void on_server(struct client *client, void *data, const struct api_reply *reply)
{
	AUTO_FREE struct caller *caller = data;
	struct error error = ERROR_INIT;
	struct cloud_server server;
	int64_t actions[ACTIONS_MAXIMUM];
	(void)client;
	if (reply->error) {
		if (reply->status == 404 && strcmp(reply->error->code, "not_found") == 0) {
			struct cloud_reply absent = { .presence = PRESENCE_ABSENT };
			caller->done(caller->data, &absent);
			return;
		}
		client_answer_error(caller->done, caller->data, reply->error, reply->maybe_done);
		return;
	}
	if (decode_server(json_object_get(reply->document, "server"), &server, &error) == 0 && caller->id &&
	    server.id != caller->id)
		error_set(&error, ERROR_REMOTE, 0, "asked for server %lld, the API answered with %lld",
			  (long long)caller->id, (long long)server.id);
	if (error.kind != ERROR_NONE) {
		client_answer_error(caller->done, caller->data, &error, true);
		return;
	}
	struct cloud_reply answer = {
		.presence = PRESENCE_PRESENT, .servers = &server, .server_count = 1, .actions = actions
	};
	answer.action_count = decode_actions(reply->document, actions, ACTIONS_MAXIMUM);
	caller->done(caller->data, &answer);
}

/* A 404 to a create says nothing about a server. */
static void on_created(struct client *client, void *data, const struct api_reply *reply)
{
	struct caller *caller = data;
	if (reply->error) {
		client_answer_error(caller->done, caller->data, reply->error, reply->maybe_done);
		free(caller);
	} else {
		on_server(client, data, reply);
	}
}

void client_create_server(struct cloud *cloud, const struct cloud_order *order, cloud_done_fn *done, void *data)
{
	AUTO_JSON json_t *body = json_object();
	json_t *keys = json_array();
	for (size_t i = 0; i < order->ssh_key_count; i++)
		json_array_append_new(keys, json_integer(order->ssh_keys[i]));
	json_object_set_new(body, "name", json_string(order->name));
	json_object_set_new(body, "server_type", json_string(order->type));
	json_object_set_new(body, "image", json_string(order->image));
	json_object_set_new(body, "location", json_string(order->location));
	json_object_set_new(body, "start_after_create", json_true());
	json_object_set_new(body, "ssh_keys", keys);
	json_object_set_new(body, "firewalls", json_pack("[{s:I}]", "firewall", (json_int_t)order->firewall));
	json_object_set_new(body, "labels", labels_to_json(&order->labels));
	json_object_set_new(body, "user_data", json_string(order->user_data));
	json_object_set_new(body, "public_net", json_pack("{s:b, s:b}", "enable_ipv4", 1, "enable_ipv6", 1));
	client_request(client_of(cloud), "POST", "/servers", body, on_created, free, caller_new(done, data));
}

static char *server_path(int64_t id)
{
	struct text path;
	text_init(&path, 64);
	text_addf(&path, "/servers/%lld", (long long)id);
	return text_take(&path);
}

void client_get_server(struct cloud *cloud, int64_t id, cloud_done_fn *done, void *data)
{
	AUTO_FREE char *path = server_path(id);
	struct caller *caller = caller_new(done, data);
	caller->id = id;
	client_request(client_of(cloud), "GET", path, NULL, on_server, free, caller);
}

static void on_found(struct client *client, void *data, const struct api_reply *reply, const json_t *items)
{
	AUTO_FREE struct caller *caller = data;
	struct error error = ERROR_INIT;
	struct cloud_server server;
	struct cloud_reply answer = { .presence = PRESENCE_ABSENT };
	(void)client;
	if (reply->error) {
		client_answer_error(caller->done, caller->data, reply->error, false);
		return;
	}
	if (json_array_size(items) > 0) {
		if (decode_server(json_array_get(items, 0), &server, &error) == 0 &&
		    strcmp(server.name, caller->name) != 0)
			error_set(&error, ERROR_REMOTE, 0, "asked for server '%s', the API answered with '%s'",
				  caller->name, server.name);
		if (error.kind != ERROR_NONE) {
			client_answer_error(caller->done, caller->data, &error, false);
			return;
		}
		answer = (struct cloud_reply){ .presence = PRESENCE_PRESENT, .servers = &server, .server_count = 1 };
	}
	caller->done(caller->data, &answer);
}

/* Names of ours are letters, digits and '-': nothing to be encoded in the query. */
void client_find_server(struct cloud *cloud, const char *name, cloud_done_fn *done, void *data)
{
	AUTO_TEXT struct text path = TEXT_INIT(512);
	struct caller *caller = caller_new(done, data);
	text_copy(caller->name, sizeof(caller->name), name);
	text_addf(&path, "/servers?name=%s", name);
	client_collect(client_of(cloud), text_string(&path), "servers", on_found, free, caller);
}

static void on_deleted(struct client *client, void *data, const struct api_reply *reply)
{
	AUTO_FREE struct caller *caller = data;
	int64_t actions[ACTIONS_MAXIMUM];
	struct cloud_reply answer = { .presence = PRESENCE_PRESENT, .actions = actions };
	(void)client;
	if (reply->error && reply->status == 404 && strcmp(reply->error->code, "not_found") == 0) {
		answer.presence = PRESENCE_ABSENT;
	} else if (reply->error) {
		client_answer_error(caller->done, caller->data, reply->error, reply->maybe_done);
		return;
	} else {
		answer.action_count = decode_actions(reply->document, actions, ACTIONS_MAXIMUM);
	}
	caller->done(caller->data, &answer);
}

void client_delete_server(struct cloud *cloud, int64_t id, cloud_done_fn *done, void *data)
{
	AUTO_FREE char *path = server_path(id);
	client_request(client_of(cloud), "DELETE", path, NULL, on_deleted, free, caller_new(done, data));
}

void client_label_server(struct cloud *cloud, int64_t id, const struct cloud_labels *labels, cloud_done_fn *done,
			 void *data)
{
	AUTO_FREE char *path = server_path(id);
	AUTO_JSON json_t *body = json_object();
	json_object_set_new(body, "labels", labels_to_json(labels));
	struct caller *caller = caller_new(done, data);
	caller->id = id;
	client_request(client_of(cloud), "PUT", path, body, on_created, free, caller);
}

/* Without "user_data" the server's own is used again. */
void client_rebuild_server(struct cloud *cloud, int64_t id, const char *image, cloud_done_fn *done, void *data)
{
	char path[80];
	AUTO_JSON json_t *body = json_pack("{s:s}", "image", image);
	snprintf(path, sizeof(path), "/servers/%lld" REBUILD, (long long)id);
	client_request(client_of(cloud), "POST", path, body, client_on_actions, free, caller_new(done, data));
}
