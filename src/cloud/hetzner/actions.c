/* Waiting for actions: one request polls all that are waited for. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "cloud/hetzner/client.h"

#define POLL_FIRST_MS	500
#define POLL_MAXIMUM_MS 5000
#define IDS_A_REQUEST	25 /* as the official client asks */
#define MISSING_MAXIMUM 3  /* polls in which an action may be missing before that is believed */

struct action_waiter {
	struct action_waiter *next;
	int64_t ids[16]; /* those not yet succeeded */
	size_t count;
	unsigned missing;
	cloud_done_fn *done;
	void *data;
};

static void poll_actions(void *data);

void actions_drop(struct client *client)
{
	loop_cancel(client->poll_timer);
	while (client->action_waiters) {
		struct action_waiter *waiter = client->action_waiters;
		client->action_waiters = waiter->next;
		free(waiter);
	}
}

static void schedule(struct client *client, int64_t delay_ms)
{
	if (!client->poll_timer && !client->polling && client->action_waiters)
		client->poll_timer = loop_after(client->loop, delay_ms, poll_actions, client);
}

static void answer(struct client *client, struct action_waiter *waiter, const struct error *error)
{
	struct cloud_reply reply = { .error = error, .presence = error ? PRESENCE_UNKNOWN : PRESENCE_PRESENT };
	for (struct action_waiter **link = &client->action_waiters; *link; link = &(*link)->next)
		if (*link == waiter) {
			*link = waiter->next;
			break;
		}
	waiter->done(waiter->data, &reply);
	free(waiter);
}

static const json_t *find_action(const json_t *actions, int64_t id)
{
	size_t index;
	json_t *action;
	json_array_foreach(actions, index, action) {
		struct error ignored = ERROR_INIT;
		int64_t found;
		if (decode_id(action, "id", &found, &ignored) == 0 && found == id)
			return action;
	}
	return NULL;
}

static void describe_failure(const json_t *action, struct error *ret)
{
	const json_t *error = json_object_get(action, "error");
	const char *code = json_string_value(json_object_get(error, "code"));
	const char *message = json_string_value(json_object_get(error, "message"));
	const char *command = json_string_value(json_object_get(action, "command"));
	error_set(ret, ERROR_REMOTE, 0, "Hetzner's action '%s' failed: %s (%s)", command ? command : "?", message ? message : "no reason",
		  code ? code : "?");
	text_copy(ret->code, sizeof(ret->code), code ? code : "");
}

/* Gives true when the waiter was answered. */
static bool look_at(struct client *client, struct action_waiter *waiter, const json_t *actions)
{
	struct error error = ERROR_INIT;
	bool missing = false;
	size_t left = 0;
	for (size_t i = 0; i < waiter->count && error.kind == ERROR_NONE; i++) {
		const json_t *action = find_action(actions, waiter->ids[i]);
		const char *status = json_string_value(json_object_get(action, "status"));
		missing = missing || !status;
		if (status && strcmp(status, "error") == 0)
			describe_failure(action, &error);
		else if (!status || strcmp(status, "success") != 0)
			waiter->ids[left++] = waiter->ids[i];
	}
	if (error.kind == ERROR_NONE)
		waiter->count = left;
	waiter->missing = missing ? waiter->missing + 1 : 0;
	if (error.kind == ERROR_NONE && waiter->missing >= MISSING_MAXIMUM)
		error_set(&error, ERROR_REMOTE, 0, "Hetzner does not know the action that we wait for any more");
	if (error.kind == ERROR_NONE && left > 0)
		return false;
	answer(client, waiter, error.kind == ERROR_NONE ? NULL : &error);
	return true;
}

struct poll {
	size_t waiters; /* how many of the oldest the request covers */
};

static void on_actions(struct client *client, void *data, const struct api_reply *reply)
{
	AUTO_JSON json_t *asked = data; /* ids as keys */
	const json_t *actions = json_object_get(reply->document, "actions");
	bool progress = false;
	client->polling = false;
	for (struct action_waiter *waiter = client->action_waiters, *next; waiter; waiter = next) {
		char key[24];
		next = waiter->next;
		snprintf(key, sizeof(key), "%lld", (long long)waiter->ids[0]);
		if (waiter->count && !json_object_get(asked, key))
			continue; /* came after the request was sent */
		if (reply->error)
			answer(client, waiter, reply->error);
		else
			progress = look_at(client, waiter, actions) || progress;
	}
	client->poll_delay_ms = progress ? POLL_FIRST_MS : client->poll_delay_ms * 3 / 2;
	if (client->poll_delay_ms > POLL_MAXIMUM_MS)
		client->poll_delay_ms = POLL_MAXIMUM_MS;
	schedule(client, client->poll_delay_ms);
}

static void poll_actions(void *data)
{
	struct client *client = data;
	AUTO_TEXT struct text path;
	json_t *asked = json_object();
	size_t count = 0;
	client->poll_timer = NULL;
	text_init(&path, 4096);
	text_add_string(&path, "/actions?");
	for (struct action_waiter *waiter = client->action_waiters, *next; waiter; waiter = next) {
		next = waiter->next;
		if (waiter->count == 0) {
			answer(client, waiter, NULL);
			continue;
		}
		for (size_t i = 0; i < waiter->count && count + waiter->count - i <= IDS_A_REQUEST; i++, count++) {
			char key[24];
			snprintf(key, sizeof(key), "%lld", (long long)waiter->ids[i]);
			json_object_set_new(asked, key, json_true());
			text_addf(&path, "id=%s&", key);
		}
	}
	if (count == 0) {
		json_decref(asked);
		schedule(client, 0);
		return;
	}
	text_addf(&path, "page=1&per_page=%d", PER_PAGE);
	client->polling = true;
	client_request(client, "GET", text_string(&path), NULL, on_actions, asked);
}

void actions_wait(struct cloud *cloud, const int64_t *ids, size_t count, cloud_done_fn *done, void *data)
{
	struct client *client = client_of(cloud);
	struct action_waiter *waiter = memory_new(sizeof(*waiter));
	struct action_waiter **link = &client->action_waiters;
	waiter->done = done;
	waiter->data = data;
	waiter->count = count < ARRAY_LENGTH(waiter->ids) ? count : ARRAY_LENGTH(waiter->ids);
	memcpy(waiter->ids, ids, waiter->count * sizeof(*ids));
	while (*link)
		link = &(*link)->next;
	*link = waiter;
	client->poll_delay_ms = POLL_FIRST_MS;
	loop_cancel(client->poll_timer);
	client->poll_timer = NULL;
	schedule(client, count ? POLL_FIRST_MS : 0);
}
