/* What a fleet has once: its firewall and its SSH key; and the catalogue. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "cloud/hetzner/client.h"
#include "cloud/hetzner/firewall_rules.h"
#include "system/clock.h"

static json_t *fleet_labels(const char *fleet)
{
	return json_pack("{s:s, s:s}", "managed-by", "ccc", "ccc-fleet", fleet);
}

static void on_firewall(struct client *client, void *data, const struct api_reply *reply)
{
	AUTO_FREE struct caller *caller = data;
	struct error error = ERROR_INIT;
	struct cloud_firewall firewall;
	struct cloud_reply answer = { .presence = PRESENCE_ABSENT };
	(void)client;
	if (reply->error && !(reply->status == 404 && strcmp(reply->error->code, "not_found") == 0)) {
		client_answer_error(caller->done, caller->data, reply->error, reply->maybe_done);
		return;
	}
	if (!reply->error) {
		if (decode_firewall(json_object_get(reply->document, "firewall"), &firewall, &error) < 0) {
			client_answer_error(caller->done, caller->data, &error, true);
			return;
		}
		answer = (struct cloud_reply){ .presence = PRESENCE_PRESENT,
					       .firewalls = &firewall,
					       .firewall_count = 1 };
	}
	caller->done(caller->data, &answer);
}

void registry_get_firewall(struct cloud *cloud, int64_t id, cloud_done_fn *done, void *data)
{
	char path[64];
	snprintf(path, sizeof(path), "/firewalls/%lld", (long long)id);
	client_request(client_of(cloud), "GET", path, NULL, on_firewall, free, caller_new(done, data));
}

static void on_firewalls(struct client *client, void *data, const struct api_reply *reply, const json_t *items)
{
	AUTO_FREE struct caller *caller = data;
	struct error error = ERROR_INIT;
	size_t count = json_array_size(items);
	AUTO_FREE struct cloud_firewall *firewalls = memory_new((count + 1) * sizeof(*firewalls));
	struct cloud_reply answer = { .error = reply->error, .firewalls = firewalls, .firewall_count = count };
	(void)client;
	for (size_t i = 0; i < count && !answer.error; i++)
		if (decode_firewall(json_array_get(items, i), &firewalls[i], &error) < 0)
			answer.error = &error;
	caller->done(caller->data, &answer);
}

void registry_list_firewalls(struct cloud *cloud, const char *fleet, cloud_done_fn *done, void *data)
{
	AUTO_TEXT struct text path = TEXT_INIT(256);
	text_add_string(&path, "/firewalls");
	if (fleet)
		text_addf(&path, "?label_selector=managed-by%%3Dccc%%2Cccc-fleet%%3D%s", fleet);
	client_collect(client_of(cloud), text_string(&path), "firewalls", on_firewalls, free, caller_new(done, data));
}

/* {"<name>": {"id": N}} of something just made; `name` is the caller's second word. */
static void answer_created(struct caller *caller, const struct api_reply *reply, const char *name)
{
	struct error error = ERROR_INIT;
	struct cloud_reply answer = { .presence = PRESENCE_PRESENT };
	if (reply->error)
		client_answer_error(caller->done, caller->data, reply->error, reply->maybe_done);
	else if (decode_id(json_object_get(reply->document, name), "id", &answer.created_id, &error) < 0)
		client_answer_error(caller->done, caller->data, &error, true);
	else
		caller->done(caller->data, &answer);
	free(caller);
}

static void on_firewall_created(struct client *client, void *data, const struct api_reply *reply)
{
	(void)client;
	answer_created(data, reply, "firewall");
}

/* `labels` and `rules` are taken. */
static void create_firewall(struct cloud *cloud, const char *name, json_t *labels, json_t *rules, cloud_done_fn *done,
			    void *data)
{
	AUTO_JSON json_t *body = json_object();
	json_object_set_new(body, "name", json_string(name));
	json_object_set_new(body, "labels", labels);
	json_object_set_new(body, "rules", rules);
	client_request(client_of(cloud), "POST", "/firewalls", body, on_firewall_created, free, caller_new(done, data));
}

void registry_create_firewall(struct cloud *cloud, const char *name, const char *fleet, cloud_done_fn *done, void *data)
{
	create_firewall(cloud, name, fleet_labels(fleet), firewall_rules_json(""), done, data);
}

void registry_create_isolation(struct cloud *cloud, const char *name, const char *fleet, cloud_done_fn *done,
			       void *data)
{
	json_t *labels = fleet_labels(fleet);
	json_object_set_new(labels, "ccc-role", json_string(CLOUD_ROLE_ISOLATED));
	create_firewall(cloud, name, labels, firewall_rules_json(CLOUD_ROLE_ISOLATED), done, data);
}

void registry_set_rules(struct cloud *cloud, int64_t id, const char *role, cloud_done_fn *done, void *data)
{
	char path[80];
	AUTO_JSON json_t *body = json_pack("{s:o}", "rules", firewall_rules_json(role));
	snprintf(path, sizeof(path), "/firewalls/%lld/actions/set_rules", (long long)id);
	client_request(client_of(cloud), "POST", path, body, client_on_actions, free, caller_new(done, data));
}

static void on_keys(struct client *client, void *data, const struct api_reply *reply, const json_t *items)
{
	AUTO_FREE struct caller *caller = data;
	struct error error = ERROR_INIT;
	struct cloud_ssh_key key;
	struct cloud_reply answer = { .error = reply->error,
				      .presence = reply->error ? PRESENCE_UNKNOWN : PRESENCE_ABSENT };
	(void)client;
	if (!reply->error && json_array_size(items) > 0) {
		/* a filter that was ignored must not make a stranger's key ours */
		if (decode_ssh_key(json_array_get(items, 0), &key, &error) == 0 &&
		    strcmp(key.fingerprint, caller->name) != 0)
			error_set(&error, ERROR_REMOTE, 0, "asked for SSH key '%s', the API answered with '%s'",
				  caller->name, key.fingerprint);
		if (error.kind != ERROR_NONE) {
			client_answer_error(caller->done, caller->data, &error, false);
			return;
		}
		answer = (struct cloud_reply){ .presence = PRESENCE_PRESENT, .ssh_keys = &key, .ssh_key_count = 1 };
	}
	caller->done(caller->data, &answer);
}

void registry_find_ssh_key(struct cloud *cloud, const char *fingerprint, cloud_done_fn *done, void *data)
{
	AUTO_TEXT struct text path = TEXT_INIT(512);
	struct caller *caller = caller_new(done, data);
	text_copy(caller->name, sizeof(caller->name), fingerprint);
	text_add_string(&path, "/ssh_keys?fingerprint=");
	for (; *fingerprint; fingerprint++)
		text_addf(&path, *fingerprint == ':' ? "%%3A" : "%c", *fingerprint);
	client_collect(client_of(cloud), text_string(&path), "ssh_keys", on_keys, free, caller);
}

static void on_key_created(struct client *client, void *data, const struct api_reply *reply)
{
	(void)client;
	answer_created(data, reply, "ssh_key");
}

void registry_create_ssh_key(struct cloud *cloud, const char *name, const char *fleet, const char *public_key,
			     cloud_done_fn *done, void *data)
{
	AUTO_JSON json_t *body = json_object();
	json_object_set_new(body, "name", json_string(name));
	json_object_set_new(body, "public_key", json_string(public_key));
	json_object_set_new(body, "labels", fleet_labels(fleet));
	client_request(client_of(cloud), "POST", "/ssh_keys", body, on_key_created, free, caller_new(done, data));
}

static void on_types(struct client *client, void *data, const struct api_reply *reply, const json_t *items)
{
	AUTO_FREE struct caller *caller = data;
	struct error error = ERROR_INIT;
	struct cloud_offer *offers = NULL;
	struct cloud_reply answer = { .error = reply->error };
	int64_t now = clock_now(loop_system(client->loop)), offset = 0;
	(void)cloud_clock_offset(&client->cloud, &offset); /* this answer brought one */
	now -= offset;
	for (size_t i = 0; i < json_array_size(items) && !answer.error; i++)
		if (decode_offers(json_array_get(items, i), now, &offers, &answer.offer_count, &error) < 0)
			answer.error = &error;
	answer.offers = offers;
	caller->done(caller->data, &answer);
	free(offers);
}

void catalogue_list(struct cloud *cloud, cloud_done_fn *done, void *data)
{
	client_collect(client_of(cloud), "/server_types", "server_types", on_types, free, caller_new(done, data));
}
