#include "core/servers.h"

#include "base/memory.h"
#include "core/actions.h"
#include "core/destroy.h"
#include "core/firewalls.h"
#include "core/images.h"
#include "core/listing.h"
#include "core/offers.h"
#include "core/primary_ips.h"
#include "core/routes.h"
#include "core/server_order.h"

static const struct action_rule delete_server = { .command = "delete_server", .duration_ms = 500 };

const char *server_status_name(enum server_status status)
{
	static const char *const names[] = {
		[SERVER_INITIALIZING] = "initializing",
		[SERVER_STARTING] = "starting",
		[SERVER_RUNNING] = "running",
		[SERVER_STOPPING] = "stopping",
		[SERVER_OFF] = "off",
		[SERVER_REBUILDING] = "rebuilding",
	};

	return names[status];
}

static void write_public_net(struct call *call, const struct server *server)
{
	write_json(call, "{'ipv4':");
	primary_ip_write_net(call, primary_ip_find(call->project, server->ipv4));
	write_json(call, ",'ipv6':");
	primary_ip_write_net(call, primary_ip_find(call->project, server->ipv6));
	write_json(call, ",'floating_ips':[],'firewalls':");
	firewalls_write_of_server(call, server);
	write_json(call, "}");
}

static void write_image(struct call *call, int64_t id)
{
	const struct image *image = image_find(call->sim, call->project, id);

	if (image)
		write_json(call, "%v", image_render, &image->base);
	else
		write_json(call, "null");
}

static int64_t included_traffic(const struct server *server)
{
	bool europe = strcmp(server->location->zone, "eu-central") == 0;

	return (europe ? 20 : 1) * INT64_C(1000000000000);
}

void server_render(struct call *call, const struct resource *resource)
{
	const struct server *server = (const struct server *)resource;

	write_json(call, "{'id':%i,'name':%s,'status':%s,'created':%t,'public_net':", server->base.id,
		   server->base.name, server_status_name(server->status), server->base.created_ms);
	write_public_net(call, server);
	write_json(call, ",'private_net':[],'server_type':%v,'location':%v,'image':", server_type_render,
		   &server->type->base, location_render, resource_find(&call->sim->locations, server->location->id));
	write_image(call, server->image);
	write_json(call, ",'iso':null,'rescue_enabled':%b,'locked':%b,'backup_window':%s,", server->rescue,
		   server->locks > 0, server->backup ? "22-02" : NULL);
	write_json(call,
		   "'outgoing_traffic':0,'ingoing_traffic':0,'included_traffic':%i,"
		   "'protection':{'delete':%b,'rebuild':%b},'labels':%r,'volumes':[],'load_balancers':[],"
		   "'primary_disk_size':%d,'placement_group':null}",
		   included_traffic(server), server->delete_protected, server->rebuild_protected,
		   server->base.shown_labels, server->disk_gb);
}

const struct primary_ip *server_ipv4(const struct project *project, const struct server *server)
{
	return primary_ip_find(project, server->ipv4);
}

json_t *server_summary(const struct project *project, const struct server *server)
{
	const struct primary_ip *ipv4 = server_ipv4(project, server);

	return json_pack("{s:I, s:s, s:s, s:s?, s:I, s:s, s:s, s:o, s:o, s:s?}", "id", (json_int_t)server->base.id,
			 "name", server->base.name, "status", server_status_name(server->status), "address",
			 ipv4 ? ipv4->address : NULL, "project", (json_int_t)project->number, "type",
			 server->type->row->name, "location", server->location->name, "labels",
			 server->base.labels ? json_incref(server->base.labels) : json_object(), "created",
			 call_time(server->base.created_ms), "user_data", server->user_data);
}

/* A fault lets this answer be from before it was made. */
static bool is_hidden(const struct call *call, const struct resource *resource)
{
	return call->fault->stale_ms && resource->created_ms > call->sim->now_ms - call->fault->stale_ms;
}

static bool is_listed(struct call *call, const struct resource *resource)
{
	if (is_hidden(call, resource))
		return false;
	return query_allows(&call->query, "status", server_status_name(((const struct server *)resource)->status));
}

void servers_list(struct call *call)
{
	static const struct list_rules rules = {
		.member = "servers", .render = server_render, .keeps = is_listed, .sorts = { "id", "name", "created" }
	};
	const struct resource_list *lists[] = { &call->project->servers };

	list_answer(call, &rules, lists, 1);
}

struct server *server_of_path(struct call *call)
{
	return (struct server *)call_find(call, &call->project->servers, "server");
}

void servers_get(struct call *call)
{
	const struct server *server = server_of_path(call);

	if (server && is_hidden(call, &server->base))
		answer_not_found(call, "server", server->base.id);
	else if (server)
		answer(call, 200, "{'server':%v}", server_render, &server->base);
}

void servers_update(struct call *call)
{
	struct server *server = server_of_path(call);
	const char *name = NULL;
	json_t *labels = NULL;

	if (!server || !call_string(call, "name", &name) || !call_labels(call, &labels) ||
	    (name && !server_name_check(call, name, &server->base)))
		return;
	if (name)
		resource_rename(&server->base, name);
	if (labels)
		resource_relabel(&server->base, labels);
	answer(call, 200, "{'server':%v}", server_render, &server->base);
}

/* What belongs to it alone goes with it: addresses, backups, its places in firewalls. */
static void remove_server(struct sim *sim, struct project *project, struct server *server)
{
	primary_ip_remove(sim, project, server->ipv4);
	primary_ip_remove(sim, project, server->ipv6);
	image_remove_backups(sim, project, server->base.id);
	for (size_t i = 0; i < project->firewalls.count; i++)
		firewall_detach((struct firewall *)project->firewalls.items[i], server->base.id);
	bill_end(&sim->bill, "server", server->base.id, sim->now_ms);
	if (server->host_exists)
		sim_add_event(sim, SIM_HOST_REMOVE, server->base.id);
	resource_list_remove(&project->servers, &server->base);
	server_free(server);
}

void servers_delete(struct call *call)
{
	struct server *server = server_of_path(call);

	if (!server)
		return;
	if (server->delete_protected) {
		answer_error(call, 423, "protected", NULL, "server deletion is protected");
		return;
	}
	if (server->locks > 0) {
		answer_error(call, 423, "locked", NULL, "server is locked");
		return;
	}
	/* It is gone from all answers at once; only the action takes its time. */
	const struct action *action = action_start(call, &delete_server, "server", server->base.id);
	if (!action->fails)
		remove_server(call->sim, call->project, server);
	answer(call, 200, "{'action':%v}", action_render, &action->base);
}

void server_boot_host(struct call *call, struct server *server, const struct action *start)
{
	const struct primary_ip *ipv4 = server_ipv4(call->project, server);

	if (!ipv4 || start->fails || start->finish_ms == ACTION_NEVER_ENDS)
		return;
	struct sim_host_event *event = sim_add_event(call->sim, SIM_HOST_BOOT, server->base.id);
	event->ssh = (enum sim_host_ssh)call->fault->ssh;
	event->name = memory_copy_string(server->base.name);
	event->address = memory_copy_string(ipv4->address);
	event->user_data = memory_copy_string(server->user_data);
	event->boot_ms = start->finish_ms - call->sim->now_ms;
	event->ssh_keys = server->ssh_key_count ? memory_new(server->ssh_key_count * sizeof(char *)) : NULL;
	for (size_t i = 0; i < server->ssh_key_count; i++)
		event->ssh_keys[event->ssh_key_count++] = memory_copy_string(server->ssh_keys[i]);
	server->host_exists = true;
}

void server_start_bill(struct sim *sim, const struct project *project, const struct server *server)
{
	const struct offer_row *offer = catalogue_offer(server->type->row, server->location->name);

	bill_start(&sim->bill, &(struct bill_item){ .kind = "server",
						    .id = server->base.id,
						    .project = project->number,
						    .name = server->base.name,
						    .type = server->type->row->name,
						    .location = server->location->name,
						    .hourly = offer_hourly(offer),
						    .monthly = offer_monthly(offer),
						    .start_ms = sim->now_ms });
}

const char *server_password(struct sim *sim, bool wanted, char ret[PASSWORD_SIZE])
{
	if (!wanted)
		return NULL;
	sim_random_word(sim, ret, PASSWORD_SIZE - 1);
	return ret;
}
