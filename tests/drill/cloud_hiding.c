#include "cloud_hiding.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cloud_view.h"
#include "oracle.h"
#include "read_once.h"
#include "story.h"

#define YOUNG_ARE_HIDDEN_MS (2 * 3600 * INT64_C(1000))

/* So many must be missing for a list to be refused, and some may come to their end while it is on its way. */
#define SEVERAL 4

void cloud_hiding_all(struct world *world, int64_t for_ms)
{
	world->blind_until_ms = world->now_ms + for_ms;
}

void cloud_hiding_young(struct world *world, int64_t age_ms)
{
	world->young_hidden_ms = age_ms;
	world->young_hidden_until_ms = world->now_ms + YOUNG_ARE_HIDDEN_MS;
}

void cloud_hiding_ends(struct world *world)
{
	world->blind_until_ms = world->young_hidden_until_ms = 0;
}

/* --- which ---------------------------------------------------------------------------------------- */

/* One on which somebody was is believed to be gone at once when its id answers 404. */
static bool was_met(const struct world *world, const struct server_view *server)
{
	const json_t *record = json_object_get(json_object_get(read_state(world), "instances"), server->instance);
	return json_object_get(record, "reachableAt") || json_object_get(record, "verifiedAt");
}

static bool is_hidden(const struct world *world, const struct server_view *server)
{
	return server->project == 0 && *server->instance &&
	       server->created_ms + world->young_hidden_ms > world->now_ms && !was_met(world, server);
}

/* --- lists and looks ------------------------------------------------------------------------------- */

static const char selector[] = "label_selector=";

struct list {
	struct world *world;
	char lacking[HIDING_QUERY_SIZE]; /* the terms of the selector that leave servers out */
};

static void leave_out(void *data, const struct server_view *server)
{
	struct list *list = data;
	size_t length = strlen(list->lacking);
	if (!is_hidden(list->world, server))
		return;
	story_tell(list->world, "  %s is not shown to", server->name);
	snprintf(list->lacking + length, sizeof(list->lacking) - length, "ccc-instance%%21%%3D%s%%2C",
		 server->instance);
}

static void shorten_list(struct world *world, struct sim_request *request, char query[HIDING_QUERY_SIZE])
{
	struct list list = { .world = world };
	cloud_each_server(world, leave_out, &list);
	if (!*list.lacking)
		return;
	AUTO_TEXT struct text words = TEXT_INIT(HIDING_QUERY_SIZE);
	text_addf(&words, "%s%s%s", selector, list.lacking, request->query + strlen(selector));
	if (text_copy(query, HIDING_QUERY_SIZE, text_string(&words)))
		request->query = query;
}

static void hide_young(struct world *world, struct sim_request *request, int64_t look_id, char query[HIDING_QUERY_SIZE])
{
	struct server_view server;
	if (!look_id) {
		shorten_list(world, request, query);
	} else if (cloud_find(world, look_id, &server) && is_hidden(world, &server)) {
		story_tell(world, "  %s is not shown to", server.name);
		request->path = "/v1/servers/1";
	}
}

static void hide_all(struct world *world, struct sim_request *request, int64_t look_id)
{
	if (oracle_claims(world->oracle) < SEVERAL)
		return;
	story_tell(world, "  no server is shown to");
	if (look_id)
		request->path = "/v1/servers/1";
	else
		request->query = "label_selector=shown%3Dnone";
}

/* Who asks by name asks whether it exists; that is what an unanswered create relies on. */
void cloud_hiding_applies(struct world *world, struct sim_request *request, char query[HIDING_QUERY_SIZE])
{
	static const char list[] = "/v1/servers", look[] = "/v1/servers/";
	bool all = world->now_ms < world->blind_until_ms, young = world->now_ms < world->young_hidden_until_ms;
	if ((!all && !young) || strcmp(request->method, "GET") != 0)
		return;
	bool is_list = strcmp(request->path, list) == 0 && request->query &&
		       strncmp(request->query, selector, strlen(selector)) == 0;
	bool is_look = strncmp(request->path, look, sizeof(look) - 1) == 0;
	if (!is_list && !is_look)
		return;
	int64_t look_id = is_look ? strtoll(request->path + sizeof(look) - 1, NULL, 10) : 0;
	if (young)
		hide_young(world, request, look_id, query);
	if (all)
		hide_all(world, request, look_id);
}
