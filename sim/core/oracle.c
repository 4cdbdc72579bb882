/* The world as an all-seeing judge wants it: straight, without JSON. */
#include "base/json.h"
#include "core/servers.h"
#include "core/world.h"

int sim_add_faults(struct sim *sim, const char *json, size_t length, struct error *err)
{
	AUTO_JSON json_t *document = json_parse(json, length, err);

	return document ? faults_add(&sim->faults, document, err) : -1;
}

static void show_server(const struct project *project, const struct server *server, sim_server_fn *fn, void *data)
{
	const struct primary_ip *ipv4 = server_ipv4(project, server);
	const struct sim_server shown = { .id = server->base.id,
					  .created_ms = server->base.created_ms,
					  .project = project->number,
					  .name = server->base.name,
					  .status = server_status_name(server->status),
					  .type = server->type->row->name,
					  .location = server->location->name,
					  .address = ipv4 ? ipv4->address : NULL,
					  .labels = server->base.labels,
					  .delete_protected = server->delete_protected };

	fn(data, &shown);
}

void sim_each_server(const struct sim *sim, sim_server_fn *fn, void *data)
{
	for (size_t i = 0; i < sim->options.projects; i++) {
		const struct project *project = &sim->projects[i];
		for (size_t j = 0; j < project->servers.count; j++)
			show_server(project, (const struct server *)project->servers.items[j], fn, data);
	}
}

void sim_each_cost(const struct sim *sim, sim_cost_fn *fn, void *data)
{
	for (size_t i = 0; i < sim->bill.count; i++) {
		const struct bill_item *item = &sim->bill.items[i];
		const struct sim_cost cost = { .kind = item->kind,
					       .name = item->name,
					       .id = item->id,
					       .project = item->project,
					       .start_ms = item->start_ms,
					       .end_ms = item->end_ms,
					       .amount = bill_amount(item, sim->now_ms) };
		fn(data, &cost);
	}
}
