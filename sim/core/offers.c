#include "core/offers.h"

#include "core/listing.h"
#include "core/money.h"
#include "core/routes.h"

#define TERABYTE INT64_C(1000000000000)

json_t *location_render_row(const struct location_row *row)
{
	return json_pack("{s:I, s:s, s:s, s:s, s:s, s:f, s:f, s:s}", "id", (json_int_t)row->id, "name", row->name,
			 "description", row->description, "country", row->country, "city", row->city, "latitude",
			 row->latitude, "longitude", row->longitude, "network_zone", row->zone);
}

static json_t *location_render(struct call *call, const struct resource *resource)
{
	(void)call;
	return location_render_row(((const struct location *)resource)->row);
}

static json_t *prices_render(const struct type_row *type)
{
	json_t *prices = json_array();

	for (const struct offer_row *offer = type->offers; offer->location; offer++) {
		bool europe = strcmp(catalogue_location(offer->location)->zone, "eu-central") == 0;
		json_array_append_new(prices,
				      json_pack("{s:s, s:o, s:o, s:I, s:o}", "location", offer->location,
						"price_hourly", money_price(offer_hourly(offer)), "price_monthly",
						money_price(offer_monthly(offer)), "included_traffic",
						(json_int_t)(europe ? 20 * TERABYTE : TERABYTE), "price_per_tb_traffic",
						money_price(europe ? MONEY_EURO : 740 * MONEY_EURO / 100)));
	}
	return prices;
}

static json_t *type_locations_render(const struct sim *sim, const struct type_row *type)
{
	json_t *locations = json_array();

	for (const struct offer_row *offer = type->offers; offer->location; offer++) {
		const struct location_row *location = catalogue_location(offer->location);
		bool shown = sim_stock(sim, type, location).shown && !offer->deprecated;
		json_t *deprecation = json_null();
		if (offer->deprecated)
			deprecation = json_pack("{s:s, s:s}", "announced", catalogue_announced, "unavailable_after",
						catalogue_unavailable_after);
		json_array_append_new(locations, json_pack("{s:I, s:s, s:o, s:b, s:b}", "id", (json_int_t)location->id,
							   "name", location->name, "deprecation", deprecation,
							   "recommended", shown, "available", shown));
	}
	return locations;
}

json_t *server_type_render(struct call *call, const struct resource *resource)
{
	const struct type_row *row = ((const struct server_type *)resource)->row;

	return json_pack("{s:I, s:s, s:s, s:i, s:f, s:i, s:b, s:n, s:o, s:s, s:s, s:s, s:s, s:o}", "id",
			 (json_int_t)row->id, "name", row->name, "description", row->description, "cores", row->cores,
			 "memory", (double)row->memory_gb, "disk", row->disk_gb, "deprecated", row->retired,
			 "deprecation", "prices", prices_render(row), "storage_type", "local", "cpu_type", row->cpu,
			 "category", row->category, "architecture", row->architecture, "locations",
			 type_locations_render(call->sim, row));
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
		answer(call, 200, json_pack("{s:o}", "server_type", server_type_render(call, type)));
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
		answer(call, 200, json_pack("{s:o}", "location", location_render(call, location)));
}

static json_t *address_prices(int64_t hourly, int64_t monthly)
{
	json_t *prices = json_array();

	for (size_t i = 0; i < catalogue_location_count; i++)
		json_array_append_new(prices, json_pack("{s:s, s:o, s:o}", "location", catalogue_locations[i].name,
							"price_hourly", money_price(hourly), "price_monthly",
							money_price(monthly)));
	return prices;
}

void pricing_get(struct call *call)
{
	json_t *types = json_array();

	for (size_t i = 0; i < catalogue_type_count; i++)
		if (!catalogue_types[i].retired)
			json_array_append_new(types,
					      json_pack("{s:I, s:s, s:o}", "id", (json_int_t)catalogue_types[i].id,
							"name", catalogue_types[i].name, "prices",
							prices_render(&catalogue_types[i])));
	json_t *addresses = json_pack("[{s:s, s:o}, {s:s, s:o}]", "type", "ipv4", "prices",
				      address_prices(ipv4_hourly(), ipv4_monthly()), "type", "ipv6", "prices",
				      address_prices(0, 0));
	answer(call, 200,
	       json_pack("{s:{s:s, s:s, s:o, s:[], s:{s:o}, s:{s:o}, s:{s:s}, s:o, s:[]}}", "pricing", "currency",
			 "EUR", "vat_rate", MONEY_VAT_RATE, "primary_ips", addresses, "floating_ips", "image",
			 "price_per_gb_month", money_price(snapshot_gb_monthly()), "volume", "price_per_gb_month",
			 money_price(MONEY_EURO * 572 / 10000), "server_backup", "percentage", "20.0000000000",
			 "server_types", types, "load_balancer_types"));
}
