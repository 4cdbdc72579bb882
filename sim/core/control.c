/*
 * The control interface, for tests and demonstrations. It needs no token and is not
 * counted; errors look like the API's. What each request does: docs/hetzner-sim.md.
 */
#include "base/json.h"
#include "base/memory.h"
#include "core/routes.h"
#include "core/servers.h"

static void requests_get(struct call *call)
{
	answer_tree(call, 200, request_log_report(&call->sim->log));
}

static void requests_reset(struct call *call)
{
	request_log_reset(&call->sim->log);
	answer(call, 204, NULL);
}

static void servers_get_all(struct call *call)
{
	json_t *list = json_array();

	for (size_t i = 0; i < call->sim->options.projects; i++) {
		struct project *project = &call->sim->projects[i];
		for (size_t j = 0; j < project->servers.count; j++)
			json_array_append_new(list,
					      server_summary(project, (struct server *)project->servers.items[j]));
	}
	answer_tree(call, 200, json_pack("{s:o}", "servers", list));
}

static void bill_get(struct call *call)
{
	answer_tree(call, 200, bill_report(&call->sim->bill, call->sim->now_ms));
}

static void tokens_get(struct call *call)
{
	json_t *tokens = json_array(), *valid = json_array();

	for (size_t i = 0; i < call->sim->options.projects; i++) {
		json_array_append_new(tokens, json_string(call->sim->projects[i].token));
		json_array_append_new(valid, json_boolean(!call->sim->projects[i].revoked));
	}
	answer_tree(call, 200, json_pack("{s:o, s:o}", "tokens", tokens, "valid", valid));
}

static void tokens_post(struct call *call)
{
	static const char *const members[] = { "project", "valid", NULL };
	struct error err = ERROR_INIT;
	int64_t project;
	bool valid;

	if (!call_only(call, members))
		return;
	if (json_get_integer(call->body, "project", &project, &err) ||
	    json_get_boolean(call->body, "valid", &valid, &err)) {
		answer_invalid(call, "token", "%s", err.message);
		return;
	}
	if (project < 0 || (size_t)project >= call->sim->options.projects) {
		answer_invalid(call, "project", "no such project");
		return;
	}
	call->sim->projects[project].revoked = !valid;
	tokens_get(call);
}

static json_t *clock_report(const struct sim *sim, int64_t now_ms)
{
	return json_pack("{s:o, s:I, s:I}", "now", call_time(now_ms), "unix", (json_int_t)(now_ms / 1000), "advanced",
			 (json_int_t)(sim->offset_ms / 1000));
}

static void clock_get(struct call *call)
{
	answer_tree(call, 200, clock_report(call->sim, call->sim->now_ms));
}

static void clock_step(struct call *call)
{
	static const char *const members[] = { "advance", NULL };
	struct sim *sim = call->sim;
	struct error err = ERROR_INIT;
	int64_t seconds;

	if (!call_only(call, members))
		return;
	if (json_get_integer(call->body, "advance", &seconds, &err)) {
		answer_invalid(call, "advance", "%s", err.message);
		return;
	}
	if (seconds < 0 || seconds > INT64_C(100) * 365 * 86400) {
		answer_invalid(call, "advance", "the clock goes forward only, by at most a hundred years");
		return;
	}
	sim->offset_ms += seconds * 1000;
	answer_tree(call, 200, clock_report(sim, sim->now_ms + seconds * 1000));
}

static void faults_get(struct call *call)
{
	answer_tree(call, 200, faults_report(call->sim));
}

static void faults_forget(struct call *call)
{
	faults_clear(&call->sim->faults);
	answer(call, 204, NULL);
}

static void faults_post(struct call *call)
{
	struct error err = ERROR_INIT;

	if (faults_add(&call->sim->faults, call->body, &err))
		answer_invalid(call, "fault", "%s", err.message);
	else
		answer_tree(call, 201, faults_report(call->sim));
}

static void stock_get(struct call *call)
{
	json_t *list = json_array();

	for (size_t i = 0; i < call->sim->stock_count; i++) {
		const struct stock_row *row = &call->sim->stock[i];
		json_array_append_new(list,
				      json_pack("{s:s, s:s, s:b, s:b}", "type", row->type->name, "location",
						row->location->name, "available", row->available, "shown", row->shown));
	}
	answer_tree(call, 200, json_pack("{s:o}", "stock", list));
}

static void set_stock(struct sim *sim, const struct stock_row *wanted)
{
	for (size_t i = 0; i < sim->stock_count; i++)
		if (sim->stock[i].type == wanted->type && sim->stock[i].location == wanted->location) {
			sim->stock[i] = *wanted;
			return;
		}
	sim->stock = memory_grow(sim->stock, sim->stock_count + 1, sizeof(struct stock_row));
	sim->stock[sim->stock_count++] = *wanted;
}

/* The one that a member of the body names, or all when it is missing; false after a 422. */
static bool read_selection(struct call *call, const char *key, const struct resource_list *all,
			   struct resource_list *ret)
{
	const json_t *wanted = json_object_get(call->body, key);
	struct resource *one = wanted ? resource_refer(all, wanted) : NULL;

	if (wanted && !one) {
		answer_invalid(call, key, "no such %s", key);
		return false;
	}
	for (size_t i = 0; i < all->count; i++)
		if (!wanted || all->items[i] == one)
			resource_list_add(ret, all->items[i]);
	return true;
}

static void set_stocks(struct sim *sim, const struct resource_list *types, const struct resource_list *locations,
		       struct stock_row row)
{
	for (size_t i = 0; i < types->count; i++) {
		row.type = ((const struct server_type *)types->items[i])->row;
		resource_changed(types->items[i]);
		for (size_t j = 0; j < locations->count; j++) {
			row.location = ((const struct location *)locations->items[j])->row;
			if (catalogue_offer(row.type, row.location->name))
				set_stock(sim, &row);
		}
	}
}

static void stock_post(struct call *call)
{
	static const char *const members[] = { "type", "location", "available", "shown", NULL };
	struct resource_list types = { 0 }, locations = { 0 };
	struct stock_row row = { .available = true };

	if (call_only(call, members) && call_flag(call, "available", &row.available)) {
		row.shown = row.available;
		if (call_flag(call, "shown", &row.shown) &&
		    read_selection(call, "type", &call->sim->server_types, &types) &&
		    read_selection(call, "location", &call->sim->locations, &locations)) {
			set_stocks(call->sim, &types, &locations, row);
			stock_get(call);
		}
	}
	resource_list_release(&types);
	resource_list_release(&locations);
}

static void stock_reset(struct call *call)
{
	call->sim->stock_count = 0;
	for (size_t i = 0; i < call->sim->server_types.count; i++)
		resource_changed(call->sim->server_types.items[i]);
	answer(call, 204, NULL);
}

const struct route control_routes[] = {
	{ "GET", "/requests", requests_get },    { "DELETE", "/requests", requests_reset },
	{ "GET", "/servers", servers_get_all },  { "GET", "/bill", bill_get },
	{ "POST", "/servers/{id}", console_do }, { "GET", "/tokens", tokens_get },
	{ "POST", "/tokens", tokens_post },      { "GET", "/clock", clock_get },
	{ "POST", "/clock", clock_step },        { "GET", "/faults", faults_get },
	{ "DELETE", "/faults", faults_forget },  { "POST", "/faults", faults_post },
	{ "GET", "/stock", stock_get },          { "POST", "/stock", stock_post },
	{ "DELETE", "/stock", stock_reset },     { NULL, NULL, NULL },
};
