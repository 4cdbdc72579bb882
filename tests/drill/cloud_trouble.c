#include "cloud_trouble.h"

#include <string.h>

#include "base/text.h"
#include "cloud_hiding.h"
#include "cloud_view.h"
#include "oracle.h"
#include "plan.h"
#include "story.h"

#define DOCUMENT_SIZE 512

/* --- single faults: '$' stands for the number that is drawn -------------------------------- */

enum settling { AT_ONCE, LATE, STALE, HIDDEN };

struct fault_row {
	const char *words;
	const char *method, *route; /* NULL: of any request */
	const char *fault;          /* NULL: none of the simulator's own */
	int64_t least, most;
	enum settling settling;
};

#define CREATE  "POST", "/servers"
#define DELETE  "DELETE", "/servers/{id}"
#define LIST    "GET", "/servers"
#define REBUILD "POST", "/servers/{id}/actions/rebuild"
#define LOOK    "GET", "/servers/{id}"
#define RELABEL "PUT", "/servers/{id}"
#define ACTIONS "GET", "/actions"
#define ANCHOR  "GET", "/firewalls/{id}"
#define ANY     NULL, NULL

/* clang-format off */
static const struct fault_row faults[] = {
	{ "the next create is done and its answer is lost", CREATE, "'lose_answer': true", 0, 0, AT_ONCE },
	{ "the next create is done and half of its answer comes", CREATE, "'cut': true", 0, 0, AT_ONCE },
	{ "the next create is done and its answer never ends", CREATE, "'endless': true", 0, 0, AT_ONCE },
	{ "the answer to the next create comes $ s late", CREATE, "'hang': $", 5, 60, AT_ONCE },
	{ "the next create is held back and done $ s later", CREATE, "'late': $", 5, 540, LATE },
	{ "the next $ creates are held back and done 100 s later", CREATE, "'late': 100, 'times': $", 2, 4, AT_ONCE },
	{ "the next create arrives twice, the first is answered", CREATE, "'repeat': 'first'", 0, 0, AT_ONCE },
	{ "the next create arrives twice, the second is answered", CREATE, "'repeat': 'second'", 0, 0, AT_ONCE },
	{ "the next $ creates are lost on their way", CREATE, "'drop': true, 'times': $", 1, 8, AT_ONCE },
	{ "the actions of the next create fail", CREATE, "'fail_action': true", 0, 0, AT_ONCE },
	{ "the actions of the next create never end", CREATE, "'stall_action': true", 0, 0, AT_ONCE },
	{ "the actions of the next create take $ times as long", CREATE, "'action_factor': $", 2, 200, AT_ONCE },
	{ "the actions of the next create take $ s", CREATE, "'action_seconds': $", 10, 900, AT_ONCE },
	{ "the next machine never comes up", CREATE, "'ssh': 'never'", 0, 0, AT_ONCE },
	{ "the next $ machines have another host key than ordered", CREATE, "'ssh': 'other-host-key', 'times': $", 1, 3, AT_ONCE },
	{ "the next machine takes connections and says nothing", CREATE, "'ssh': 'hangs'", 0, 0, AT_ONCE },
	{ "the next $ creates find no room", CREATE, "'error': 'resource_unavailable', 'times': $", 1, 12, AT_ONCE },
	{ "the next $ creates meet the project's limit", CREATE, "'error': 'resource_limit_exceeded', 'times': $", 1, 3, AT_ONCE },
	{ "the next $ creates are said to be a name too many", CREATE, "'error': 'uniqueness_error', 'times': $", 1, 4, AT_ONCE },
	{ "the next $ creates are answered with 503", CREATE, "'error': 'unavailable', 'times': $", 1, 3, AT_ONCE },

	{ "the next delete is done and its answer is lost", DELETE, "'lose_answer': true", 0, 0, AT_ONCE },
	{ "the next delete is done and its answer never ends", DELETE, "'endless': true", 0, 0, AT_ONCE },
	{ "the next $ deletes are lost on their way", DELETE, "'drop': true, 'times': $", 1, 6, AT_ONCE },
	{ "the next delete is held back and done $ s later", DELETE, "'late': $", 5, 540, AT_ONCE },
	{ "the next delete arrives twice, the first is answered", DELETE, "'repeat': 'first'", 0, 0, AT_ONCE },
	{ "the next delete arrives twice, the second is answered", DELETE, "'repeat': 'second'", 0, 0, AT_ONCE },
	{ "the actions of the next $ deletes fail", DELETE, "'fail_action': true, 'times': $", 1, 3, AT_ONCE },
	{ "the action of the next delete never ends", DELETE, "'stall_action': true", 0, 0, AT_ONCE },
	{ "the action of the next delete takes $ s", DELETE, "'action_seconds': $", 10, 900, AT_ONCE },
	{ "the next $ deletes find the server locked", DELETE, "'error': 'locked', 'times': $", 1, 8, AT_ONCE },
	{ "the next $ deletes are answered with 404", DELETE, "'error': 'not_found', 'times': $", 1, 3, AT_ONCE },

	{ "the next rebuild is done and its answer is lost", REBUILD, "'lose_answer': true", 0, 0, AT_ONCE },
	{ "the next rebuild is lost on its way", REBUILD, "'drop': true", 0, 0, AT_ONCE },
	{ "the next rebuild is held back and done $ s later", REBUILD, "'late': $", 5, 540, LATE },
	{ "the next rebuild arrives twice, the first is answered", REBUILD, "'repeat': 'first'", 0, 0, AT_ONCE },
	{ "the action of the next rebuild fails", REBUILD, "'fail_action': true", 0, 0, AT_ONCE },
	{ "the action of the next rebuild takes $ s", REBUILD, "'action_seconds': $", 10, 900, AT_ONCE },

	{ "lists lack servers younger than $ s", LIST, "'stale': $, 'times': 60", 2, 60, STALE },
	{ "neither lists nor looks show servers younger than $ s, if nobody was there yet", NULL, NULL, NULL, 60, 300, HIDDEN },
	{ "the next $ lists are web pages", LIST, "'html': true, 'times': $", 1, 6, AT_ONCE },
	{ "half of the next $ lists comes", LIST, "'cut': true, 'times': $", 1, 4, AT_ONCE },
	{ "the next $ lists never end", LIST, "'endless': true, 'times': $", 1, 3, AT_ONCE },
	{ "the next $ lists are something else", LIST, "'big': 5000, 'times': $", 1, 4, AT_ONCE },
	{ "the next $ looks at a server are answered with 404", LOOK, "'error': 'not_found', 'times': $", 1, 4, AT_ONCE },
	{ "the next $ looks at a server are answered with 500", LOOK, "'error': 'server_error', 'times': $", 1, 8, AT_ONCE },
	{ "the next $ looks at a server give something else", LOOK, "'big': 3000, 'times': $", 1, 4, AT_ONCE },
	{ "no list and no look shows a server for $ s, if there are several", NULL, NULL, NULL, 1800, 14400, AT_ONCE },
	{ "the next $ looks at the firewall are answered with 401", ANCHOR, "'error': 'unauthorized', 'times': $", 1, 8, AT_ONCE },
	{ "the next $ looks at the firewall are answered with 404", ANCHOR, "'error': 'not_found', 'times': $", 1, 8, AT_ONCE },
	{ "the answers to the next $ looks at actions are lost", ACTIONS, "'lose_answer': true, 'times': $", 1, 6, AT_ONCE },
	{ "the next $ looks at actions show none", ACTIONS, "'big': 300, 'times': $", 1, 6, AT_ONCE },
	{ "the next relabelling is done and its answer is lost", RELABEL, "'lose_answer': true", 0, 0, AT_ONCE },
	{ "the next relabelling is held back and done $ s later", RELABEL, "'late': $", 5, 540, AT_ONCE },

	{ "every request is one too many for $ s", ANY, "'error': 'rate_limit_exceeded', 'seconds': $", 5, 900, AT_ONCE },
	{ "the next $ requests are too many", ANY, "'error': 'rate_limit_exceeded', 'times': $", 1, 20, AT_ONCE },
	{ "the next $ answers are lost", ANY, "'lose_answer': true, 'times': $", 1, 8, AT_ONCE },
	{ "the next $ requests are lost on their way", ANY, "'drop': true, 'times': $", 1, 8, AT_ONCE },
	{ "the next $ answers never end", ANY, "'endless': true, 'times': $", 1, 3, AT_ONCE },
	{ "the next $ answers are web pages", ANY, "'html': true, 'times': $", 1, 8, AT_ONCE },
	{ "the next $ requests are answered with 504", ANY, "'error': 'timeout', 'times': $", 1, 8, AT_ONCE },
	{ "the next 2 answers come $ s late", ANY, "'hang': $, 'times': 2", 5, 60, AT_ONCE },
};

/* --- refusals: any error of the API's table, from any route that the product uses ---------- */

static const char *const codes[] = {
	"json_error", "unauthorized", "token_readonly", "forbidden", "maintenance", "resource_limit_exceeded",
	"not_found", "method_not_allowed", "uniqueness_error", "conflict", "deprecated_api_endpoint",
	"resource_unavailable", "invalid_input", "service_error", "unsupported_error", "locked", "protected",
	"rate_limit_exceeded", "server_error", "bad_gateway", "unavailable", "timeout", "placement_error",
	"primary_ip_assigned", "primary_ip_datacenter_mismatch", "primary_ip_version_mismatch", "invalid_server_type",
	"server_not_stopped", "firewall_already_applied", "firewall_managed_by_label_selector",
	"firewall_resource_not_found", "incompatible_network_type", "private_net_only_server", "resource_in_use",
	"server_already_added",
};

static const struct {
	const char *method, *route;
} routes[] = {
	{ CREATE }, { DELETE }, { LIST }, { LOOK }, { RELABEL }, { REBUILD }, { ACTIONS }, { ANCHOR }, { "GET", "/server_types" }, { ANY },
};

/* --- stock: which types, NULL: all ------------------------------------------------------- */

static const char *const types[] = { "cx33", "cpx32", "cx43", "ccx13", NULL };

/* --- a person with the console ------------------------------------------------------------- */

static const struct {
	const char *words, *deed; /* NULL: not one of the console's own */
	bool takes_away;
	enum tampering tampering;
} tampers[] = {
	{ "deletes", "{'do': 'vanish'}", true, TAMPERING },
	{ "renames", "{'do': 'rename', 'name': 'renamed'}", true, TAMPERING },
	{ "relabels", "{'do': 'relabel', 'labels': {'managed-by': 'somebody'}}", true, TAMPERING },
	{ "protects", "{'do': 'protect'}", true, TAMPERING },
	{ "rebuilds", "{'do': 'rebuild'}", false, TAMPERING },
	{ "switches off", "{'do': 'poweroff'}", false, TAMPERING },
	{ "copies name and labels of", NULL, false, TAMPERING_COPIES },
	{ "sets back the expiry in the label of", NULL, false, TAMPERING_SETS_BACK },
};
/* clang-format on */

#define LENGTH(array) (sizeof(array) / sizeof(*(array)))

/* --- drawing --------------------------------------------------------------------------------- */

void cloud_trouble_draw(struct item *item, struct draw *draw)
{
	if (item->kind == ITEM_CLOUD) {
		item->amount = (int64_t)draw_below(draw, LENGTH(faults));
		item->number = draw_between(draw, faults[item->amount].least, faults[item->amount].most);
	} else if (item->kind == ITEM_REFUSALS) {
		item->amount = (int64_t)draw_below(draw, LENGTH(codes));
		item->route = (size_t)draw_below(draw, LENGTH(routes));
		item->number = draw_between(draw, 5, draw_chance(draw, 500) ? 100 : 20) * 10;
	} else if (item->kind == ITEM_STOCK) {
		item->amount = (int64_t)draw_below(draw, LENGTH(types));
		item->number = draw_chance(draw, 500);
	} else if (item->kind == ITEM_TAMPER) {
		item->amount = (int64_t)draw_below(draw, LENGTH(tampers));
	}
}

static bool is_fault(const struct item *item, enum settling settling)
{
	return item->kind == ITEM_CLOUD && faults[item->amount].settling == settling;
}

int64_t cloud_trouble_late_s(const struct item *item)
{
	return is_fault(item, LATE) ? item->number : 0;
}

int64_t cloud_trouble_stale_s(const struct item *item)
{
	return is_fault(item, STALE) || is_fault(item, HIDDEN) ? item->number : 0;
}

bool cloud_trouble_takes_away(const struct item *item)
{
	return tampers[item->amount].takes_away;
}

enum tampering cloud_trouble_tampering(const struct item *item)
{
	return tampers[item->amount].tampering;
}

/* --- words and documents ---------------------------------------------------------------------- */

/* The template with the number for '$', and JSON's quotes for the table's if asked for. */
static void fill(struct text *ret, const char *template, int64_t number, bool quotes)
{
	for (const char *at = template; *at; at++)
		if (*at == '$')
			text_addf(ret, "%lld", (long long)number);
		else
			text_add(ret, quotes && *at == '\'' ? "\"" : at, 1);
}

static void match(struct text *ret, const char *method, const char *route)
{
	if (method)
		text_addf(ret, "\"match\": {\"method\": \"%s\", \"route\": \"%s\"}, ", method, route);
}

static void describe_refusals(const struct item *item, struct text *words)
{
	if (routes[item->route].method)
		text_addf(words, "%s %s is", routes[item->route].method, routes[item->route].route);
	else
		text_add_string(words, "all requests are");
	text_addf(words, " refused with %s, %lld times in a thousand, for %lld s", codes[item->amount],
		  (long long)item->number, (long long)item->seconds);
}

void cloud_trouble_describe(const struct item *item, char *ret, size_t size)
{
	AUTO_TEXT struct text words = TEXT_INIT(size);
	if (item->kind == ITEM_CLOUD)
		fill(&words, faults[item->amount].words, item->number, false);
	else if (item->kind == ITEM_REFUSALS)
		describe_refusals(item, &words);
	else if (item->kind == ITEM_STOCK)
		text_addf(&words, "%s is sold out everywhere for %lld s%s",
			  types[item->amount] ? types[item->amount] : "every type", (long long)item->seconds,
			  item->number ? " and the catalogue says otherwise" : "");
	else if (item->kind == ITEM_TOKEN)
		text_addf(&words, "the token is revoked for %lld s", (long long)item->seconds);
	else if (item->kind == ITEM_TAMPER)
		text_addf(&words, "somebody %s the server of user%u", tampers[item->amount].words, item->errand.user);
	text_copy(ret, size, text_string(&words));
}

static void control(struct world *world, const char *method, const char *path, const char *body)
{
	int status = cloud_control(world, method, path, body);
	if (status >= 300)
		oracle_violated(world->oracle, "the drill", "the simulator refuses %s: %s (%d)", path, body ? body : "",
				status);
}

static void end_stock(void *data)
{
	control(data, "DELETE", "/_sim/stock", NULL);
}

static void end_token(void *data)
{
	control(data, "POST", "/_sim/tokens", "{\"project\": 0, \"valid\": true}");
}

static void begin_fault(struct world *world, const struct item *item, struct text *body)
{
	const struct fault_row *row = &faults[item->amount];
	if (row->settling == HIDDEN) {
		cloud_hiding_young(world, item->number * 1000);
		return;
	}
	if (!row->fault) {
		cloud_hiding_all(world, item->number * 1000);
		return;
	}
	match(body, row->method, row->route);
	fill(body, row->fault, item->number, true);
	text_add_string(body, "}");
	control(world, "POST", "/_sim/faults", text_string(body));
}

static void begin_refusals(struct world *world, const struct item *item, struct text *body)
{
	match(body, routes[item->route].method, routes[item->route].route);
	text_addf(body, "\"error\": \"%s\", \"probability\": %lld.%03lld, \"seconds\": %lld}", codes[item->amount],
		  (long long)(item->number / 1000), (long long)(item->number % 1000), (long long)item->seconds);
	control(world, "POST", "/_sim/faults", text_string(body));
}

static void begin_stock(struct world *world, const struct item *item, struct text *body)
{
	if (types[item->amount])
		text_addf(body, "\"type\": \"%s\", ", types[item->amount]);
	text_addf(body, "\"available\": false, \"shown\": %s}", item->number ? "true" : "false");
	control(world, "POST", "/_sim/stock", text_string(body));
	world_after(world, item->seconds * 1000, end_stock, world);
}

void cloud_trouble_begin(struct world *world, const struct item *item)
{
	AUTO_TEXT struct text body = TEXT_INIT(DOCUMENT_SIZE);
	text_add_string(&body, "{");
	if (item->kind == ITEM_CLOUD) {
		begin_fault(world, item, &body);
	} else if (item->kind == ITEM_REFUSALS) {
		begin_refusals(world, item, &body);
	} else if (item->kind == ITEM_STOCK) {
		begin_stock(world, item, &body);
	} else if (item->kind == ITEM_TOKEN) {
		control(world, "POST", "/_sim/tokens", "{\"project\": 0, \"valid\": false}");
		world_after(world, item->seconds * 1000, end_token, world);
	}
}

void cloud_trouble_tamper(struct world *world, const struct item *item, int64_t server_id)
{
	char path[64];
	AUTO_TEXT struct text body = TEXT_INIT(DOCUMENT_SIZE);
	fill(&body, tampers[item->amount].deed, 0, true);
	snprintf(path, sizeof(path), "/_sim/servers/%lld", (long long)server_id);
	(void)cloud_control(world, "POST", path, text_string(&body)); /* it may be busy, or gone */
}

void cloud_trouble_relabel(struct world *world, const struct server_view *server, int64_t expires)
{
	char path[64];
	AUTO_TEXT struct text body = TEXT_INIT(DOCUMENT_SIZE);
	snprintf(path, sizeof(path), "/_sim/servers/%lld", (long long)server->id);
	text_addf(&body,
		  "{\"do\": \"relabel\", \"labels\": {\"managed-by\": \"ccc\", \"ccc-fleet\": \"%s\", "
		  "\"ccc-instance\": \"%s\", \"ccc-nonce\": \"%s\", \"ccc-expires\": \"%lld\"}}",
		  server->fleet, server->instance, server->nonce, (long long)expires);
	(void)cloud_control(world, "POST", path, text_string(&body));
}

void cloud_trouble_amend(struct world *world, const struct server_view *server, int64_t expires)
{
	char path[64], body[64];
	snprintf(path, sizeof(path), "/_sim/servers/%lld", (long long)server->id);
	snprintf(body, sizeof(body), "{\"do\": \"rename\", \"name\": \"%s\"}", server->name);
	(void)cloud_control(world, "POST", path, "{\"do\": \"unprotect\"}");
	(void)cloud_control(world, "POST", path, body);
	cloud_trouble_relabel(world, server, expires);
}

void cloud_trouble_heal(struct world *world)
{
	cloud_hiding_ends(world);
	control(world, "DELETE", "/_sim/faults", NULL);
	end_stock(world);
	end_token(world);
}
