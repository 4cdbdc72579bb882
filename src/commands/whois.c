#include <stdio.h>

#include "audit/tenancy.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/table.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "commands/all.h"
#include "commands/view.h"
#include "system/clock.h"

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
	if (*ret > clock_now(session->system))
		return error_set(err, ERROR_REFUSED, 0,
				 "'%.60s'%s is in the future; who has the address then nobody knows", at,
				 has_zone ? "" : " (UTC, as it has no time zone)");
	if (!has_zone)
		fprintf(stderr, "ccc: '%s' has no time zone; UTC is assumed\n", at);
	return 0;
}

/* A state that is damaged, lost or an old copy keeps nobody from answering an abuse mail. It says which of the newest
 * lines are of a change that came to its end; the others are told as if all were. */
static int read_past(struct session *session, struct past *ret, struct error *err)
{
	struct error damage = ERROR_INIT;
	if (store_check_age(session->store, &damage) == 0)
		return store_history(session->store, NULL, past_add, ret, err);
	fprintf(stderr,
		"ccc: warning: %s. Until then the history answers alone, and its newest lines may never have taken "
		"effect\n",
		damage.message);
	return store_whole_history(session->store, past_add, ret, err);
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

/* Nobody is found, and that is no more than what the history goes back to. */
static int nobody(const struct session *session, const struct past *past, int64_t at, struct error *err)
{
	const char *address = session->arguments[0], *given = session_option(session, "at");
	char when[TIMESTAMP_SIZE];
	int64_t begin = past_began_at(past);
	timestamp_format(begin, when);
	if (past->count == 0)
		return error_set(err, ERROR_NOT_FOUND, 0,
				 "the history is empty, so nobody can be told from it: who had %s is not known",
				 address);
	if (at >= 0 && at < begin)
		return error_set(err, ERROR_NOT_FOUND, 0, "the history begins at %s: who had %s before is not known",
				 when, address);
	return error_set(err, ERROR_NOT_FOUND, 0,
			 "no machine of this fleet had %s%s%s, as far as the history goes back (to %s)", address,
			 given ? " at " : "", given ? given : "", when);
}

static void print(struct session *session, const struct tenancy *tenancies, size_t count)
{
	AUTO_JSON json_t *list = json_array();
	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, json_of(&tenancies[i]));
	if (session->format == OUTPUT_JSON)
		view_print_json(list, &session->output);
	else if (count)
		print_table(tenancies, count, &session->output);
}

static int run(struct session *session, struct error *err)
{
	struct past past = PAST_INIT;
	AUTO_FREE struct tenancy *tenancies = NULL;
	size_t count = 0;
	int64_t at;
	int result = -1;
	if (read_time(session, &at, err) == 0 &&
	    store_open_history(session->system, session->settings.state_directory, &session->store, err) == 0 &&
	    read_past(session, &past, err) == 0 &&
	    tenancy_list(&past, session->arguments[0], at, &tenancies, &count, err) == 0) {
		print(session, tenancies, count);
		result = count ? 0 : nobody(session, &past, at, err);
	}
	past_release(&past);
	return result;
}

const struct command command_whois = {
	.name = "whois",
	.summary = "tell whose machine had an address",
	.usage = "IP [--at TIME]",
	.details = "Tells from the history which customers had an IPv4 address, or an IPv6 address of a machine's network,\n"
		   "over time; with --at who had it then. Machines that are gone are answered for too, for ever. From is when\n"
		   "the server was asked for, until is when its delete was confirmed. Exits with 3 when nobody had it, as far as the\n"
		   "history goes back, and says how far that is. When the state is damaged, lost or an old copy the history answers alone.",
	.options = {
		{ "at", 0, "TIME", "like 2026-01-21T10:00Z, with or without seconds and zone (then UTC)" },
	},
	.min_arguments = 1,
	.max_arguments = 1,
	.needs = 0, /* of the state no more than its history */
	.run = run,
};
