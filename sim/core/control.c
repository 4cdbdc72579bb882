/*
 * The control interface, for tests and demonstrations. It needs no token and is not
 * counted; errors look like the API's.
 *
 *   GET    /_sim/requests   {"total": N, "routes": {"GET /servers/{id}": 3, ...}}: exact counts
 *   DELETE /_sim/requests   counts from 0 again
 *   GET    /_sim/servers    every server of every project, with its user data
 *   GET    /_sim/bill       what everything has cost so far, item by item
 *   GET    /_sim/tokens     {"tokens": [...]}: one for each project
 *   GET    /_sim/clock      {"now": "...", "unix": N, "advanced": SECONDS}
 *   POST   /_sim/clock      {"advance": SECONDS}: steps the simulator's clock; what falls due happens
 *   GET    /_sim/faults     the faults that still wait
 *   DELETE /_sim/faults     forgets them
 *   POST   /_sim/faults     a fault, see faults.h:
 *            {"match": {"method": "POST", "route": "/servers"}, "times": 1, "skip": 0, ...} and any of
 *            "answer": {"status": 503, "code": "unavailable", "message": "..."}   this error, no effect
 *            "html": true            a web page with status 502 (or answer.status), no effect
 *            "big": BYTES            that much JSON with status 200 (or answer.status), no effect
 *            "lose_answer": true     the effect happens, the connection is cut
 *            "cut": true             the effect happens, half of the JSON comes
 *            "fail_action": true     the effect happens, its actions end with an error
 *            "hang": SECONDS         of real time before the answer
 *   GET    /_sim/stock      the offers that differ from the catalogue
 *   POST   /_sim/stock      {"type": "cpx22", "location": "fsn1", "available": false, "shown": true}: sold
 *            out or not; "shown" is what /server_types says about it (the truth if it is missing)
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
	json_t *list = json_array();

	for (size_t i = 0; i < call->sim->options.projects; i++)
		json_array_append_new(list, json_string(call->sim->projects[i].token));
	answer_tree(call, 200, json_pack("{s:o}", "tokens", list));
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
	struct sim *sim = call->sim;
	struct error err = ERROR_INIT;
	int64_t seconds;

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

static void stock_post(struct call *call)
{
	struct server_type *type =
		(struct server_type *)resource_refer(&call->sim->server_types, json_object_get(call->body, "type"));
	const struct location *location =
		(const struct location *)resource_refer(&call->sim->locations, json_object_get(call->body, "location"));
	struct stock_row row = { .available = true };

	if (!type || !location) {
		answer_invalid(call, type ? "location" : "type", "no such %s", type ? "location" : "type");
		return;
	}
	if (!call_flag(call, "available", &row.available))
		return;
	row.shown = row.available;
	if (!call_flag(call, "shown", &row.shown))
		return;
	row.type = type->row;
	row.location = location->row;
	set_stock(call->sim, &row);
	resource_changed(&type->base);
	stock_get(call);
}

const struct route control_routes[] = {
	{ "GET", "/requests", requests_get },
	{ "DELETE", "/requests", requests_reset },
	{ "GET", "/servers", servers_get_all },
	{ "GET", "/bill", bill_get },
	{ "GET", "/tokens", tokens_get },
	{ "GET", "/clock", clock_get },
	{ "POST", "/clock", clock_step },
	{ "GET", "/faults", faults_get },
	{ "DELETE", "/faults", faults_forget },
	{ "POST", "/faults", faults_post },
	{ "GET", "/stock", stock_get },
	{ "POST", "/stock", stock_post },
	{ NULL, NULL, NULL },
};
