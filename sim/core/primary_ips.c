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

static json_t *names_render(const struct primary_ip *address)
{
	char name[256];

	if (address->is_ipv6 && !address->reverse_name)
		return json_array();
	if (address->is_ipv6)
		return json_pack("[{s:s, s:s}]", "ip", address->reverse_address, "dns_ptr", address->reverse_name);
	ipv4_name(address, name, sizeof(name));
	return json_pack("[{s:s, s:s}]", "ip", address->address, "dns_ptr", name);
}

json_t *primary_ip_net(const struct primary_ip *address)
{
	char name[256];

	if (!address)
		return json_null();
	if (address->is_ipv6)
		return json_pack("{s:I, s:s, s:b, s:o}", "id", (json_int_t)address->base.id, "ip", address->address,
				 "blocked", 0, "dns_ptr", names_render(address));
	ipv4_name(address, name, sizeof(name));
	return json_pack("{s:I, s:s, s:b, s:s}", "id", (json_int_t)address->base.id, "ip", address->address, "blocked",
			 0, "dns_ptr", name);
}

static json_t *render(struct call *call, const struct resource *resource)
{
	const struct primary_ip *address = (const struct primary_ip *)resource;

	(void)call;
	return json_pack("{s:I, s:s, s:o, s:o, s:b, s:o, s:s, s:o, s:{s:b}, s:s, s:b, s:s, s:I}", "id",
			 (json_int_t)address->base.id, "name", address->base.name, "labels",
			 labels_or_empty(&address->base), "created", call_time(address->base.created_ms), "blocked", 0,
			 "location", location_render_row(address->location), "ip", address->address, "dns_ptr",
			 names_render(address), "protection", "delete", 0, "type", address->is_ipv6 ? "ipv6" : "ipv4",
			 "auto_delete", 1, "assignee_type", "server", "assignee_id", (json_int_t)address->server);
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
		answer(call, 200, json_pack("{s:o}", "primary_ip", render(call, address)));
}
