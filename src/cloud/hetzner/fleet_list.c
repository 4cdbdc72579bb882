/* The list of all servers of the fleet, shared: callers of one turn of the loop get
 * one list, and nobody a list that began before they asked (P3). */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "cloud/hetzner/client.h"

struct list_waiter {
	struct list_waiter *next;
	cloud_done_fn *done;
	void *data;
	char fleet[CLOUD_LABEL_SIZE]; /* "": the whole project */
};

static void free_waiters(void *data)
{
	struct list_waiter *waiters = data;
	while (waiters) {
		struct list_waiter *next = waiters->next;
		free(waiters);
		waiters = next;
	}
}

void fleet_list_drop(struct client *client)
{
	loop_cancel(client->list_timer);
	free_waiters(client->list_waiters);
	client->list_waiters = NULL;
}

static void answer_all(struct list_waiter *waiters, const struct cloud_reply *reply)
{
	for (struct list_waiter *waiter = waiters; waiter; waiter = waiter->next)
		waiter->done(waiter->data, reply);
	free_waiters(waiters);
}

static void on_list(struct client *client, void *data, const struct api_reply *reply, const json_t *items)
{
	struct error error = ERROR_INIT;
	size_t count = json_array_size(items);
	struct cloud_server *servers = memory_new((count + 1) * sizeof(*servers));
	struct cloud_reply answer = { .error = reply->error, .servers = servers, .server_count = count };
	(void)client;
	for (size_t i = 0; i < count && !answer.error; i++)
		if (decode_server(json_array_get(items, i), &servers[i], &error) < 0)
			answer.error = &error;
	if (answer.error)
		answer.server_count = 0;
	answer_all(data, &answer);
	free(servers);
}

/* Takes those off who ask for the same fleet as the first; others stay for a list of their own. */
static struct list_waiter *take_fleet(struct client *client)
{
	struct list_waiter *taken = client->list_waiters, *rest = taken->next;
	client->list_waiters = NULL;
	taken->next = NULL;
	while (rest) {
		struct list_waiter *waiter = rest;
		rest = waiter->next;
		struct list_waiter **list =
			strcmp(waiter->fleet, taken->fleet) == 0 ? &taken->next : &client->list_waiters;
		waiter->next = *list;
		*list = waiter;
	}
	return taken;
}

static void begin_list(void *data)
{
	struct client *client = data;
	AUTO_TEXT struct text path = TEXT_INIT(512);
	struct list_waiter *waiters = take_fleet(client);
	client->list_timer = client->list_waiters ? loop_after(client->loop, 0, begin_list, client) : NULL;
	text_add_string(&path, "/servers?");
	if (*waiters->fleet)
		text_addf(&path, "label_selector=managed-by%%3Dccc%%2Cccc-fleet%%3D%s&", waiters->fleet);
	text_add_string(&path, "sort=id%3Aasc");
	client_collect(client, text_string(&path), "servers", on_list, free_waiters, waiters);
}

void fleet_list(struct cloud *cloud, const char *fleet, cloud_done_fn *done, void *data)
{
	struct client *client = client_of(cloud);
	struct list_waiter *waiter = memory_new(sizeof(*waiter));
	*waiter = (struct list_waiter){ .next = client->list_waiters, .done = done, .data = data };
	text_copy(waiter->fleet, sizeof(waiter->fleet), fleet ? fleet : "");
	client->list_waiters = waiter;
	if (!client->list_timer)
		client->list_timer = loop_after(client->loop, 0, begin_list, client);
}
