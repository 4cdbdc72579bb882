/* Waiting for actions: one request polls all that are waited for. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "cloud/hetzner/client.h"

#define POLL_FIRST_MS   500
#define POLL_MAXIMUM_MS 5000
#define ACTIONS_MAXIMUM 16 /* that one answer names */
#define IDS_A_REQUEST   25 /* as the official client asks */
#define MISSING_MAXIMUM 3  /* polls in which an action may be missing before that is believed */

struct action_waiter {
	struct client *client;
	struct action_waiter *next;
	int64_t ids[IDS_A_REQUEST]; /* those not yet succeeded */
	size_t count;
	unsigned missing;
	bool due;            /* to be asked about in this round */
	bool asked;          /* the request under way is about it */
	struct timer *timer; /* of one that is answered without asking */
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
		loop_cancel(waiter->timer);
		free(waiter);
	}
}

static bool somebody_waits(const struct client *client)
{
	for (const struct action_waiter *waiter = client->action_waiters; waiter; waiter = waiter->next)
		if (!waiter->timer)
			return true;
	return false;
}

static void schedule(struct client *client, int64_t delay_ms)
{
	if (!client->poll_timer && !client->polling && somebody_waits(client))
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
			decode_failure(action, &error);
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

static bool round_is_over(const struct client *client)
{
	for (const struct action_waiter *waiter = client->action_waiters; waiter; waiter = waiter->next)
		if (waiter->due)
			return false;
	return true;
}

static void on_actions(struct client *client, void *data, const struct api_reply *reply)
{
	const json_t *actions = json_object_get(reply->document, "actions");
	bool progress = false;
	(void)data;
	client->polling = false;
	for (struct action_waiter *waiter = client->action_waiters, *next; waiter; waiter = next) {
		next = waiter->next;
		if (!waiter->asked)
			continue;
		waiter->asked = false;
		if (reply->error)
			answer(client, waiter, reply->error);
		else
			progress = look_at(client, waiter, actions) || progress;
	}
	if (progress)
		client->poll_delay_ms = POLL_FIRST_MS;
	if (!round_is_over(client)) {
		schedule(client, 0);
		return;
	}
	client->poll_round = false;
	schedule(client, client->poll_delay_ms);
	client->poll_delay_ms = client->poll_delay_ms * 3 / 2;
	if (client->poll_delay_ms > POLL_MAXIMUM_MS)
		client->poll_delay_ms = POLL_MAXIMUM_MS;
}

/* One request of a round. A round asks about everybody who waited when it began, so
 * that none is kept waiting by actions of others that never end. */
static void poll_actions(void *data)
{
	struct client *client = data;
	AUTO_TEXT struct text path = TEXT_INIT(4096);
	size_t count = 0;
	client->poll_timer = NULL;
	text_add_string(&path, "/actions?");
	for (struct action_waiter *waiter = client->action_waiters; waiter; waiter = waiter->next) {
		waiter->due = (waiter->due || !client->poll_round) && !waiter->timer;
		if (!waiter->due || count + waiter->count > IDS_A_REQUEST)
			continue;
		waiter->due = false;
		waiter->asked = true;
		count += waiter->count;
		for (size_t i = 0; i < waiter->count; i++)
			text_addf(&path, "id=%lld&", (long long)waiter->ids[i]);
	}
	text_addf(&path, "page=1&per_page=%d", PER_PAGE);
	client->poll_round = true;
	client->polling = true;
	client_request(client, "GET", text_string(&path), NULL, on_actions, NULL, NULL);
}

static void answer_without_asking(void *data)
{
	struct action_waiter *waiter = data;
	struct error error = ERROR_INIT;
	waiter->timer = NULL;
	if (waiter->count > 0)
		error_set(&error, ERROR_FAILED, 0, "more than %d actions can't be waited for at once", IDS_A_REQUEST);
	answer(waiter->client, waiter, error.kind == ERROR_NONE ? NULL : &error);
}

void actions_wait(struct cloud *cloud, const int64_t *ids, size_t count, cloud_done_fn *done, void *data)
{
	struct client *client = client_of(cloud);
	struct action_waiter *waiter = memory_new(sizeof(*waiter));
	struct action_waiter **link = &client->action_waiters;
	waiter->client = client;
	waiter->done = done;
	waiter->data = data;
	waiter->count = count;
	while (*link)
		link = &(*link)->next;
	*link = waiter;
	if (count == 0 || count > IDS_A_REQUEST) {
		waiter->timer = loop_after(client->loop, 0, answer_without_asking, waiter);
		return;
	}
	memcpy(waiter->ids, ids, count * sizeof(*ids));
	/* A long pause is cut short; a short one is left alone, or those who keep arriving would put it off for ever.
	 */
	if (client->poll_delay_ms > POLL_FIRST_MS * 3 / 2 && !client->poll_round) {
		loop_cancel(client->poll_timer);
		client->poll_timer = NULL;
	}
	client->poll_delay_ms = POLL_FIRST_MS * 3 / 2;
	schedule(client, POLL_FIRST_MS);
}

void client_on_actions(struct client *client, void *data, const struct api_reply *reply)
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
