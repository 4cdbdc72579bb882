/* Actions: the program waits for those that it starts and can't look at any other. So what it saw is remembered. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cloud/hcloud/call.h"
#include "cloud/hetzner/decode.h"

struct outcome { /* of an action that did not succeed */
	struct outcome *next;
	int64_t id;
	struct error error;
};

struct action_wait {
	struct action_wait *next;
	struct hcloud *hcloud;
	struct timer *timer;
	struct error error;
	cloud_done_fn *done;
	void *data;
};

void actions_drop_waits(struct hcloud *hcloud)
{
	while (hcloud->waits) {
		struct action_wait *wait = hcloud->waits;
		hcloud->waits = wait->next;
		loop_cancel(wait->timer);
		free(wait);
	}
	while (hcloud->outcomes) {
		struct outcome *outcome = hcloud->outcomes;
		hcloud->outcomes = outcome->next;
		free(outcome);
	}
}

static bool has_id(const json_t *action, int64_t id)
{
	struct error ignored = ERROR_INIT;
	int64_t found;
	return decode_id(action, "id", &found, &ignored) == 0 && found == id;
}

/* The action as the newest answer has it. */
static const json_t *newest(const struct transcript *transcript, int64_t id)
{
	static const char *const lists[] = { "next_actions", "actions" };
	for (size_t i = transcript->count; i-- > 0;) {
		const json_t *document = transcript->exchanges[i].document, *action;
		size_t index;
		if (has_id(json_object_get(document, "action"), id))
			return json_object_get(document, "action");
		for (size_t list = 0; list < ARRAY_LENGTH(lists); list++)
			json_array_foreach(json_object_get(document, lists[list]), index, action)
				if (has_id(action, id))
					return action;
	}
	return NULL;
}

size_t actions_note(struct hcloud *hcloud, const struct call_reply *reply, int64_t *ret, size_t size)
{
	size_t count = decode_actions(reply->document, ret, size), left = 0;
	for (size_t i = 0; i < count; i++) {
		const json_t *action = newest(reply->transcript, ret[i]);
		const char *status = json_string_value(json_object_get(action, "status"));
		if (status && strcmp(status, "success") == 0)
			continue;
		struct outcome *outcome = memory_new(sizeof(*outcome));
		*outcome = (struct outcome){ .next = hcloud->outcomes, .id = ret[i] };
		if (status && strcmp(status, "error") == 0)
			decode_failure(action, &outcome->error);
		else
			error_set(&outcome->error, ERROR_REMOTE, 0,
				  "Hetzner's action %lld did not end while the program hcloud waited for it",
				  (long long)ret[i]);
		hcloud->outcomes = outcome;
		ret[left++] = ret[i];
	}
	return left;
}

void actions_answer(struct hcloud *hcloud, void *data, const struct call_reply *reply)
{
	AUTO_FREE struct asker *asker = data;
	int64_t actions[ACTIONS_MAXIMUM];
	struct cloud_reply answer = { .presence = PRESENCE_PRESENT, .actions = actions };
	if (reply->error) {
		asker_answer_error(asker, reply->error, reply->maybe_done);
		return;
	}
	answer.action_count = actions_note(hcloud, reply, actions, ACTIONS_MAXIMUM);
	asker->done(asker->data, &answer);
}

static void answer(void *data)
{
	struct action_wait *wait = data;
	struct cloud_reply reply = { .presence = PRESENCE_PRESENT };
	if (wait->error.kind != ERROR_NONE)
		reply = (struct cloud_reply){ .error = &wait->error };
	for (struct action_wait **link = &wait->hcloud->waits; *link; link = &(*link)->next)
		if (*link == wait) {
			*link = wait->next;
			break;
		}
	wait->done(wait->data, &reply);
	free(wait);
}

void actions_wait_for(struct cloud *cloud, const int64_t *ids, size_t count, cloud_done_fn *done, void *data)
{
	struct hcloud *hcloud = hcloud_of(cloud);
	struct action_wait *wait = memory_new(sizeof(*wait));
	*wait = (struct action_wait){ .next = hcloud->waits, .hcloud = hcloud, .done = done, .data = data };
	if (count > 0) {
		const struct outcome *outcome = hcloud->outcomes;
		while (outcome && outcome->id != ids[0])
			outcome = outcome->next;
		if (outcome)
			wait->error = outcome->error;
		else
			error_set(&wait->error, ERROR_REMOTE, 0,
				  "the program hcloud can't tell what became of action %lld", (long long)ids[0]);
	}
	hcloud->waits = wait;
	wait->timer = loop_after(hcloud->loop, 0, answer, wait);
}
