#include <stdio.h>

#include "audit/tenancy.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/table.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "commands/all.h"
#include "commands/view.h"

static int read_time(const struct session *session, int64_t *ret, struct error *err)
{
	const char *at = session_option(session, "at");
	bool has_zone;
	*ret = -1;
	if (!at)
		return 0;
	if (!timestamp_parse_lenient(at, ret, &has_zone))
		return error_set(
			err, ERROR_REFUSED, 0,
			"'%.60s' is no time; expected for example 2026-01-21T10:00Z or 2026-01-21T10:00:30+01:00", at);
	if (!has_zone)
		fprintf(stderr, "ccc: '%s' has no time zone; UTC is assumed\n", at);
	return 0;
}

static json_t *json_of(const struct tenancy *tenancy)
{
	char from[TIMESTAMP_SIZE], until[TIMESTAMP_SIZE] = "";
	const char *email = life_string(tenancy->life, "email");
	timestamp_format(tenancy->from, from);
	if (tenancy->until)
		timestamp_format(tenancy->until, until);
	return json_pack("{s:s, s:o, s:I, s:s, s:s, s:s, s:o}", "instanceId", tenancy->life->instance, "email",
			 *email ? json_string(email) : json_null(), "serverId",
			 (json_int_t)life_integer(tenancy->life, "serverId"), "serverIp",
			 life_string(tenancy->life, "serverIp"), "serverIpv6", life_string(tenancy->life, "serverIpv6"),
			 "from", from, "until", *until ? json_string(until) : json_null());
}

static void print_table(const struct tenancy *tenancies, size_t count, struct text *ret)
{
	static const char *const headings[] = { "ID", "EMAIL", "SERVER", "FROM", "UNTIL" };
	struct table *table = table_new(ARRAY_LENGTH(headings), headings);
	for (size_t i = 0; i < count; i++) {
		const struct tenancy *tenancy = &tenancies[i];
		const char *email = life_string(tenancy->life, "email");
		char from[TIMESTAMP_SIZE], until[TIMESTAMP_SIZE] = "(still)", server[24];
		timestamp_format(tenancy->from, from);
		if (tenancy->until)
			timestamp_format(tenancy->until, until);
		snprintf(server, sizeof(server), "%lld", (long long)life_integer(tenancy->life, "serverId"));
		const char *cells[] = { tenancy->life->instance, *email ? email : "(unknown)", server, from, until };
		table_add_row(table, cells);
	}
	table_print(table, ret);
	table_free(table);
}

static int print(struct session *session, const struct tenancy *tenancies, size_t count, struct error *err)
{
	AUTO_JSON json_t *list = json_array();
	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, json_of(&tenancies[i]));
	if (session->format == OUTPUT_JSON)
		view_print_json(list, &session->output);
	else if (count)
		print_table(tenancies, count, &session->output);
	return count ? 0
		     : error_set(err, ERROR_NOT_FOUND, 0, "no machine of this fleet had %s%s%s", session->arguments[0],
				 session_option(session, "at") ? " at " : "",
				 session_option(session, "at") ? session_option(session, "at") : "");
}

static int run(struct session *session, struct error *err)
{
	struct past past = PAST_INIT;
	AUTO_FREE struct tenancy *tenancies = NULL;
	size_t count = 0;
	int64_t at;
	int result = -1;
	if (read_time(session, &at, err) == 0 && store_history(session->store, NULL, past_add, &past, err) == 0 &&
	    tenancy_list(&past, session->arguments[0], at, &tenancies, &count, err) == 0)
		result = print(session, tenancies, count, err);
	past_release(&past);
	return result;
}

const struct command command_whois = {
	.name = "whois",
	.summary = "tell whose machine had an address",
	.usage = "IP [--at TIME]",
	.details = "Tells from the history which customers had an IPv4 address, or an IPv6 address of a machine's network,\n"
		   "over time; with --at who had it then. Machines that are gone are answered for too, for ever. From is when\n"
		   "the server was asked for, until is when its delete was confirmed. Exits with 3 when nobody had it.",
	.options = {
		{ "at", 0, "TIME", "like 2026-01-21T10:00Z, with or without seconds and zone (then UTC)" },
	},
	.min_arguments = 1,
	.max_arguments = 1,
	.needs = NEEDS_STATE,
	.run = run,
};
