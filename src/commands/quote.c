#include "commands/quote.h"

#include <stdio.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/table.h"
#include "base/text.h"
#include "commands/view.h"
#include "commands/would.h"
#include "fleet/candidates.h"
#include "fleet/cost.h"
#include "system/clock.h"

/* The server runs before the paid hours begin, while it is installed, and started hours are billed. */
#define INSTALL_HOURS 1

struct quote {
	struct candidate candidates[CANDIDATES_MAXIMUM];
	size_t count;
	char currency[8];
	bool arrived;
	struct error error;
};

struct priced {
	char hourly[DECIMAL_SIZE], monthly[DECIMAL_SIZE], cost[DECIMAL_SIZE];
};

/* The prices of offers come without their currency. */
static void on_prices(void *data, const struct cloud_reply *reply)
{
	struct quote *quote = data;
	quote->arrived = true;
	if (reply->error)
		quote->error = *reply->error;
	else
		text_copy(quote->currency, sizeof(quote->currency), reply->currency);
}

static int ask(struct session *session, const struct record *request, struct quote *quote, struct error *err)
{
	if (candidates_ask(session->loop, session->cloud, request,
			   settings_terms(&session->settings, request->server_type), quote->candidates, &quote->count,
			   err) < 0)
		return -1;
	cloud_list_prices(session->cloud, on_prices, quote);
	if (loop_until(session->loop, &quote->arrived, err) < 0)
		return -1;
	if (quote->error.kind == ERROR_NONE)
		return 0;
	*err = quote->error;
	return -1;
}

static int price(const struct candidate *candidate, int64_t now, int64_t hours, struct priced *ret, struct error *err)
{
	if (cost_trim(candidate->price.hourly, ret->hourly, err) < 0 ||
	    cost_trim(candidate->price.monthly, ret->monthly, err) < 0)
		return -1;
	return cost_of_hours(&candidate->price, now, hours, ret->cost, err);
}

static void add_row(struct table *table, size_t number, const struct candidate *candidate, const struct priced *priced)
{
	char choice[24];
	snprintf(choice, sizeof(choice), "%zu", number);
	const char *cells[] = { choice,
				candidate->type,
				candidate->location,
				priced->hourly,
				priced->monthly,
				priced->cost,
				candidate->available ? "yes" : "out of stock, they say" };
	table_add_row(table, cells);
}

static json_t *row_json(const struct candidate *candidate, const struct priced *priced)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:b}", "type", candidate->type, "location", candidate->location,
			 "priceHourly", priced->hourly, "priceMonthly", priced->monthly, "cost", priced->cost,
			 "available", candidate->available);
}

static int print(struct session *session, const struct admission *admission, const struct quote *quote,
		 struct error *err)
{
	char hourly[24], monthly[24], cost[24];
	const char *const headings[] = { "CHOICE", "TYPE", "LOCATION", hourly, monthly, cost, "AVAILABLE" };
	const struct record *request = &admission->request;
	int64_t now = clock_now(session->system), billed = admission->hours + INSTALL_HOURS;
	snprintf(hourly, sizeof(hourly), "%s/HOUR", quote->currency);
	snprintf(monthly, sizeof(monthly), "%s/MONTH", quote->currency);
	snprintf(cost, sizeof(cost), "COST %s", quote->currency);
	struct table *table = table_new(ARRAY_LENGTH(headings), headings);
	AUTO_JSON json_t *rows = json_array();
	int result = 0;
	for (size_t i = 0; i < quote->count && result == 0; i++) {
		struct priced priced;
		result = price(&quote->candidates[i], now, billed, &priced, err);
		if (result == 0) {
			add_row(table, i + 1, &quote->candidates[i], &priced);
			json_array_append_new(rows, row_json(&quote->candidates[i], &priced));
		}
	}
	if (result == 0 && session->format == OUTPUT_JSON) {
		AUTO_JSON json_t *object = json_pack(
			"{s:s, s:s, s:s, s:I, s:I, s:s, s:O, s:O}", "would", "provision", "email", request->email,
			"serverType", request->server_type, "hours", (json_int_t)admission->hours, "billedHours",
			(json_int_t)billed, "currency", quote->currency, "sshKeys", request->ssh_keys, "choices", rows);
		view_print_json(object, &session->output);
	} else if (result == 0) {
		text_addf(&session->output,
			  "would order a server as large as %s for %s, %lld h, with %zu SSH key%s; nothing was "
			  "created\n\n",
			  request->server_type, request->email, (long long)admission->hours,
			  json_array_size(request->ssh_keys), text_plural(json_array_size(request->ssh_keys)));
		table_print(table, &session->output);
		text_addf(&session->output,
			  "\nThe first that can be had is taken. COST is of %lld started hours, one of them for the "
			  "install.\nPrices are Hetzner's of this moment: net, without the IPv4 address.\n",
			  (long long)billed);
	}
	table_free(table);
	return result;
}

int quote_print(struct session *session, struct admission *admission, struct error *err)
{
	struct quote quote = { .error = ERROR_INIT };
	if (admission_check(session->loop, session->store, admission, err) < 0)
		return -1;
	if (*admission->existing) {
		would_say(session,
			  json_pack("{s:n, s:s, s:s}", "would", "instanceId", admission->existing, "countedAt",
				    admission->counted_at),
			  "payment '%s' was counted before, at %s, for instance '%s'; nothing would be ordered",
			  admission->reference, admission->counted_at, admission->existing);
		return 0;
	}
	if (ask(session, &admission->request, &quote, err) < 0)
		return -1;
	return print(session, admission, &quote, err);
}
