#include "core/offers.h"

#include "core/listing.h"
#include "core/money.h"
#include "core/routes.h"

#define TERABYTE INT64_C(1000000000000)

void location_render(struct call *call, const struct resource *resource)
{
	const struct location_row *row = ((const struct location *)resource)->row;

	write_json(call,
		   "{'id':%i,'name':%s,'description':%s,'country':%s,'city':%s,'latitude':%f,'longitude':%f,"
		   "'network_zone':%s}",
		   row->id, row->name, row->description, row->country, row->city, row->latitude, row->longitude,
		   row->zone);
}

static void write_price(struct call *call, int64_t net)
{
	char net_string[MONEY_SIZE], gross_string[MONEY_SIZE];

	money_print(net, net_string);
	money_print(money_gross(net), gross_string);
	write_json(call, "{'net':%s,'gross':%s}", net_string, gross_string);
}

static void write_prices(struct call *call, const struct type_row *type)
{
	for (const struct offer_row *offer = type->offers; offer->location; offer++) {
		bool europe = strcmp(catalogue_location(offer->location)->zone, "eu-central") == 0;
		write_json(call, "%r{'location':%s,'price_hourly':", offer > type->offers ? "," : "", offer->location);
		write_price(call, offer_hourly(offer));
		write_json(call, ",'price_monthly':");
		write_price(call, offer_monthly(offer));
		write_json(call, ",'included_traffic':%i,'price_per_tb_traffic':", europe ? 20 * TERABYTE : TERABYTE);
		write_price(call, europe ? MONEY_EURO : 740 * MONEY_EURO / 100);
		write_json(call, "}");
	}
}

static void write_locations(struct call *call, const struct type_row *type)
{
	for (const struct offer_row *offer = type->offers; offer->location; offer++) {
		const struct location_row *location = catalogue_location(offer->location);
		bool shown = sim_stock(call->sim, type, location).shown && !offer->deprecated;
		write_json(call, "%r{'id':%i,'name':%s,'deprecation':", offer > type->offers ? "," : "", location->id,
			   location->name);
		if (offer->deprecated)
			write_json(call, "{'announced':%s,'unavailable_after':%s}", catalogue_announced,
				   catalogue_unavailable_after);
		else
			write_json(call, "null");
		write_json(call, ",'recommended':%b,'available':%b}", shown, shown);
	}
}

void server_type_render(struct call *call, const struct resource *resource)
{
	const struct type_row *row = ((const struct server_type *)resource)->row;

	write_json(call,
		   "{'id':%i,'name':%s,'description':%s,'cores':%d,'memory':%f,'disk':%d,'deprecated':%b,"
		   "'deprecation':null,'prices':[",
		   row->id, row->name, row->description, row->cores, (double)row->memory_gb, row->disk_gb,
		   row->retired);
	write_prices(call, row);
	write_json(call, "],'storage_type':'local','cpu_type':%s,'category':%s,'architecture':%s,'locations':[",
		   row->cpu, row->category, row->architecture);
	write_locations(call, row);
	write_json(call, "]}");
}

static bool is_listed(struct call *call, const struct resource *resource)
{
	(void)call;
	return !((const struct server_type *)resource)->row->retired;
}

void server_types_list(struct call *call)
{
	static const struct list_rules rules = {
		.member = "server_types", .render = server_type_render, .keeps = is_listed, .sorts = { "id", "name" }
	};
	const struct resource_list *lists[] = { &call->sim->server_types };

	list_answer(call, &rules, lists, 1);
}

void server_types_get(struct call *call)
{
	const struct resource *type = resource_find(&call->sim->server_types, call->ids[0]);

	if (type && is_listed(call, type))
		answer(call, 200, "{'server_type':%v}", server_type_render, type);
	else
		answer_not_found(call, "server type", call->ids[0]);
}

void locations_list(struct call *call)
{
	static const struct list_rules rules = { .member = "locations",
						 .render = location_render,
						 .sorts = { "id", "name" } };
	const struct resource_list *lists[] = { &call->sim->locations };

	list_answer(call, &rules, lists, 1);
}

void locations_get(struct call *call)
{
	const struct resource *location = call_find(call, &call->sim->locations, "location");

	if (location)
		answer(call, 200, "{'location':%v}", location_render, location);
}

static void write_address_prices(struct call *call, const char *type, int64_t hourly, int64_t monthly)
{
	write_json(call, "{'type':%s,'prices':[", type);
	for (size_t i = 0; i < catalogue_location_count; i++) {
		write_json(call, "%r{'location':%s,'price_hourly':", i > 0 ? "," : "", catalogue_locations[i].name);
		write_price(call, hourly);
		write_json(call, ",'price_monthly':");
		write_price(call, monthly);
		write_json(call, "}");
	}
	write_json(call, "]}");
}

static void write_type_prices(struct call *call)
{
	const char *comma = "";

	for (size_t i = 0; i < catalogue_type_count; i++) {
		if (catalogue_types[i].retired)
			continue;
		write_json(call, "%r{'id':%i,'name':%s,'prices':[", comma, catalogue_types[i].id,
			   catalogue_types[i].name);
		write_prices(call, &catalogue_types[i]);
		write_json(call, "]}");
		comma = ",";
	}
}

void pricing_get(struct call *call)
{
	answer(call, 200, "{'pricing':{'currency':'EUR','vat_rate':%s,'primary_ips':[", MONEY_VAT_RATE);
	write_address_prices(call, "ipv4", ipv4_hourly(), ipv4_monthly());
	write_json(call, ",");
	write_address_prices(call, "ipv6", 0, 0);
	write_json(call, "],'floating_ips':[],'image':{'price_per_gb_month':");
	write_price(call, snapshot_gb_monthly());
	write_json(call, "},'volume':{'price_per_gb_month':");
	write_price(call, MONEY_EURO * 572 / 10000);
	write_json(call, "},'server_backup':{'percentage':'20.0000000000'},'server_types':[");
	write_type_prices(call);
	write_json(call, "],'load_balancer_types':[]}}");
}
