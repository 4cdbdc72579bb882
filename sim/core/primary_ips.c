#include "core/primary_ips.h"

#include "base/memory.h"
#include "base/text.h"
#include "core/destroy.h"
#include "core/listing.h"
#include "core/offers.h"
#include "core/routes.h"

int64_t primary_ip_create(struct call *call, const struct server *server, bool is_ipv6)
{
	struct sim *sim = call->sim;
	struct primary_ip *address = memory_new(sizeof(*address));
	int64_t id = sim_new_id(sim);
	char name[48];

	snprintf(name, sizeof(name), "primary_ip-%lld", (long long)id);
	resource_init(&address->base, id, name, NULL, sim->now_ms);
	address->is_ipv6 = is_ipv6;
	address->location = server->location;
	address->server = server->base.id;
	if (is_ipv6) {
		/* 2001:db8::/32 is for documentation: nobody is reached by mistake. */
		snprintf(address->address, sizeof(address->address), "2001:db8:%x:%x::/64",
			 (unsigned)(id >> 16 & 0xffff), (unsigned)(id & 0xffff));
	} else {
		char ipv4[ADDRESS_SIZE];
		sim_new_address(sim, ipv4);
		text_copy(address->address, sizeof(address->address), ipv4);
		bill_start(&sim->bill, &(struct bill_item){ .kind = "ipv4",
							    .id = id,
							    .project = call->project->number,
							    .name = address->address,
							    .location = server->location->name,
							    .hourly = ipv4_hourly(),
							    .monthly = ipv4_monthly(),
							    .start_ms = sim->now_ms });
	}
	resource_list_add(&call->project->primary_ips, &address->base);
	return id;
}

void primary_ip_remove(struct sim *sim, struct project *project, int64_t id)
{
	struct primary_ip *address = (struct primary_ip *)resource_find(&project->primary_ips, id);

	if (!address)
		return;
	bill_end(&sim->bill, "ipv4", id, sim->now_ms);
	resource_list_remove(&project->primary_ips, &address->base);
	primary_ip_free(address);
}

const struct primary_ip *primary_ip_find(const struct project *project, int64_t id)
{
	return (const struct primary_ip *)resource_find(&project->primary_ips, id);
}

bool primary_ip_set_name(struct project *project, int64_t id, const char *ip, const char *name)
{
	struct primary_ip *address = (struct primary_ip *)resource_find(&project->primary_ips, id);
	size_t network = address ? strcspn(address->address, "/") : 0;

	/* A network is written "2001:db8:1:2::/64": its hosts begin with what stands before the "/". */
	if (!address || strncmp(address->address, ip, network) != 0 || (!address->is_ipv6 && ip[network]))
		return false;
	free(address->reverse_name);
	address->reverse_name = memory_copy_string(name);
	text_copy(address->reverse_address, sizeof(address->reverse_address), ip);
	return true;
}

/* IPv4 has a name from the provider as long as nobody sets one. */
static void ipv4_name(const struct primary_ip *address, char *ret, size_t size)
{
	if (address->reverse_name)
		text_copy(ret, size, address->reverse_name);
	else
		snprintf(ret, size, "static.%s.clients.example", address->address);
}

static void write_names(struct call *call, const struct primary_ip *address)
{
	char name[256];

	if (address->is_ipv6 && !address->reverse_name) {
		write_json(call, "[]");
	} else if (address->is_ipv6) {
		write_json(call, "[{'ip':%s,'dns_ptr':%s}]", address->reverse_address, address->reverse_name);
	} else {
		ipv4_name(address, name, sizeof(name));
		write_json(call, "[{'ip':%s,'dns_ptr':%s}]", address->address, name);
	}
}

void primary_ip_write_net(struct call *call, const struct primary_ip *address)
{
	char name[256];

	if (!address) {
		write_json(call, "null");
		return;
	}
	write_json(call, "{'id':%i,'ip':%s,'blocked':false,'dns_ptr':", address->base.id, address->address);
	if (address->is_ipv6) {
		write_names(call, address);
		write_json(call, "}");
	} else {
		ipv4_name(address, name, sizeof(name));
		write_json(call, "%s}", name);
	}
}

static void render(struct call *call, const struct resource *resource)
{
	const struct primary_ip *address = (const struct primary_ip *)resource;

	write_json(call, "{'id':%i,'name':%s,'labels':%r,'created':%t,'blocked':false,'location':%v,'ip':%s,'dns_ptr':",
		   address->base.id, address->base.name, address->base.shown_labels, address->base.created_ms,
		   location_render, resource_find(&call->sim->locations, address->location->id), address->address);
	write_names(call, address);
	write_json(call,
		   ",'protection':{'delete':false},'type':%s,'auto_delete':true,'assignee_type':'server',"
		   "'assignee_id':%i}",
		   address->is_ipv6 ? "ipv6" : "ipv4", address->server);
}

static bool has_address(struct call *call, const struct resource *resource)
{
	return query_allows(&call->query, "ip", ((const struct primary_ip *)resource)->address);
}

void primary_ips_list(struct call *call)
{
	static const struct list_rules rules = {
		.member = "primary_ips", .render = render, .keeps = has_address, .sorts = { "id", "name", "created" }
	};
	const struct resource_list *lists[] = { &call->project->primary_ips };

	list_answer(call, &rules, lists, 1);
}

void primary_ips_get(struct call *call)
{
	const struct resource *address = call_find(call, &call->project->primary_ips, "primary IP");

	if (address)
		answer(call, 200, "{'primary_ip':%v}", render, address);
}
