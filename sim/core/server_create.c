#include "base/memory.h"
#include "core/actions.h"
#include "core/firewalls.h"
#include "core/primary_ips.h"
#include "core/routes.h"
#include "core/server_order.h"
#include "core/server_power.h"
#include "core/servers.h"

#define CREATE_MS 2000

static struct server *server_of(const struct project *project, const struct action *action)
{
	return (struct server *)resource_find(&project->servers, action_target(action, "server"));
}

static void created(struct sim *sim, struct project *project, const struct action *action)
{
	struct server *server = server_of(project, action);

	(void)sim;
	if (server && server->status == SERVER_INITIALIZING)
		server->status = action->fails || !server->starts ? SERVER_OFF : SERVER_STARTING;
}

static const struct action_rule create_server = { .command = "create_server",
						  .duration_ms = CREATE_MS,
						  .finish = created };

static struct server *add_server(struct call *call, const struct server_order *order)
{
	struct sim *sim = call->sim;
	struct server *server = memory_new(sizeof(*server));

	resource_init(&server->base, sim_new_id(sim), order->name, order->labels, sim->now_ms);
	server->status = SERVER_INITIALIZING;
	server->starts = order->start;
	server->type = order->type;
	server->location = order->location;
	server->image = order->image->base.id;
	server->image_origin = order->image->origin;
	server->disk_gb = order->type->row->disk_gb;
	server->user_data = memory_copy_string(order->user_data);
	server->ssh_keys = memory_new((order->ssh_key_count + 1) * sizeof(char *));
	for (size_t i = 0; i < order->ssh_key_count; i++)
		server->ssh_keys[server->ssh_key_count++] = memory_copy_string(order->ssh_keys[i]->public_key);
	resource_list_add(&call->project->servers, &server->base);
	if (order->ipv4)
		server->ipv4 = primary_ip_create(call, server, false);
	if (order->ipv6)
		server->ipv6 = primary_ip_create(call, server, true);
	for (size_t i = 0; i < order->firewall_count; i++)
		firewall_attach(order->firewalls[i], server->base.id);
	server_start_bill(sim, call->project, server);
	return server;
}

static void create(struct call *call, const struct server_order *order)
{
	struct sim *sim = call->sim;
	struct server *server = add_server(call, order);
	int64_t boot_ms = sim_duration(sim, sim->options.boot_ms);
	int64_t create_ms = sim_duration(sim, CREATE_MS);
	struct resource_list next = { 0 };
	char password[PASSWORD_SIZE];

	if (create_ms > boot_ms)
		create_ms = boot_ms;
	const struct action *action = action_start_for(call, &create_server, create_ms, "server", server->base.id);
	if (order->start) {
		struct action *start = action_start_for(call, &start_server, boot_ms, "server", server->base.id);
		resource_list_add(&next, &start->base);
		server_boot_host(call, server, start);
	}
	answer(call, 201, "{'server':%v,'action':%v,'next_actions':%l,'root_password':%s}", server_render,
	       &server->base, action_render, &action->base, action_render, &next,
	       server_password(sim, order->ssh_key_count == 0, password));
	resource_list_release(&next);
}

void servers_create(struct call *call)
{
	struct server_order order;

	if (server_order_read(call, &order))
		create(call, &order);
	server_order_release(&order);
}
