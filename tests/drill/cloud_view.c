#include "cloud_view.h"

#include <stdlib.h>
#include <string.h>

#include "cloud_fault.h"
#include "core/servers.h"
#include "core/world.h"
#include "oracle.h"
#include "story.h"

int64_t cloud_fault_delay(struct world *world)
{
	if (!world->slow_until_ms || world->now_ms >= world->slow_until_ms)
		return 0;
	return (int64_t)draw_below(&world->timing, 90000);
}

static const char *label(const struct resource *resource, const char *key)
{
	const char *value = json_string_value(json_object_get(resource->labels, key));
	return value ? value : "";
}

static struct server_view view(const struct server *server, size_t project)
{
	return (struct server_view){
		.id = server->base.id,
		.project = project,
		.name = server->base.name,
		.managed_by = label(&server->base, "managed-by"),
		.fleet = label(&server->base, "ccc-fleet"),
		.instance = label(&server->base, "ccc-instance"),
		.nonce = label(&server->base, "ccc-nonce"),
		.expires = strtoll(label(&server->base, "ccc-expires"), NULL, 10),
		.created_ms = server->base.created_ms,
		.protected_ = server->delete_protected,
	};
}

void cloud_each_server(const struct world *world, void (*each)(void *data, const struct server_view *server),
		       void *data)
{
	for (size_t p = 0; p < world->sim->options.projects; p++) {
		const struct resource_list *servers = &world->sim->projects[p].servers;
		for (size_t i = 0; i < servers->count; i++) {
			struct server_view seen = view((const struct server *)servers->items[i], p);
			each(data, &seen);
		}
	}
}

bool cloud_find(const struct world *world, int64_t id, struct server_view *ret)
{
	for (size_t p = 0; p < world->sim->options.projects; p++) {
		const struct resource *found = resource_find(&world->sim->projects[p].servers, id);
		if (!found)
			continue;
		*ret = view((const struct server *)found, p);
		return true;
	}
	return false;
}

static int ask(struct world *world, const char *bearer, const char *method, const char *path, const char *body)
{
	struct sim_request request = { method, path, NULL, bearer, body, body ? strlen(body) : 0 };
	struct sim_reply reply = { 0 };
	sim_answer(world->sim, &request, world->now_ms, &reply);
	int status = reply.status;
	sim_reply_release(&reply);
	world_pass_on_host_events(world);
	return status;
}

int cloud_ask(struct world *world, size_t project, const char *method, const char *path, const char *body)
{
	return ask(world, sim_token(world->sim, project), method, path, body);
}

int cloud_control(struct world *world, const char *method, const char *path, const char *body)
{
	return ask(world, NULL, method, path, body);
}

static void on_late(void *data)
{
	struct world *world = data;
	const struct late_request *late = late_next(&world->sim->late);
	if (late && late->due_ms <= world->now_ms) {
		story_tell(world, "  %s %s that was held back is done", late->method, late->path);
		oracle_sees_late(world->oracle, late->method, late->path);
	}
	sim_advance(world->sim, world->now_ms);
	oracle_sees_effect(world->oracle);
	world_pass_on_host_events(world);
}

void cloud_awaits_late(struct world *world)
{
	const struct late_requests *late = &world->sim->late;
	if (!late->count)
		return;
	const struct late_request *newest = &late->items[late->count - 1];
	oracle_sees_held_back(world->oracle, newest->method, newest->path);
	world_after(world, newest->due_ms - world->now_ms, on_late, world);
}

static const struct server *find(const struct world *world, int64_t id, const struct project **ret_project)
{
	for (size_t p = 0; p < world->sim->options.projects; p++) {
		const struct resource *found = resource_find(&world->sim->projects[p].servers, id);
		*ret_project = &world->sim->projects[p];
		if (found)
			return (const struct server *)found;
	}
	return NULL;
}

const char *cloud_address(const struct world *world, int64_t id)
{
	const struct project *project;
	const struct server *server = find(world, id, &project);
	const struct primary_ip *address = server ? server_ipv4(project, server) : NULL;
	return address ? address->address : "";
}

const char *cloud_user_data(const struct world *world, int64_t id)
{
	const struct project *project;
	const struct server *server = find(world, id, &project);
	return server && server->user_data ? server->user_data : "";
}
