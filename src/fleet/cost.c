#include "fleet/cost.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* Amounts are whole numbers of 10^-9: doubles would not add up. */
#define UNIT   INT64_C(1000000000)
#define DIGITS 9
#define SHOWN  (UNIT / 10000)

#define PRICE_MAXIMUM 1000000 /* an hour or a month; far from any overflow below */

static int refuse(const char *price, struct error *err)
{
	return error_set(err, ERROR_REMOTE, 0, "Hetzner's price '%s' is no decimal number", price);
}

static int parse(const char *price, int64_t *ret, struct error *err)
{
	int64_t whole = 0, fraction = 0, place = UNIT;
	const char *digit = price;
	for (; *digit >= '0' && *digit <= '9' && whole <= PRICE_MAXIMUM; digit++)
		whole = whole * 10 + (*digit - '0');
	if (digit == price || whole > PRICE_MAXIMUM)
		return refuse(price, err);
	if (*digit == '.')
		for (digit++; *digit >= '0' && *digit <= '9'; digit++) {
			place /= 10;
			fraction += place * (*digit - '0');
		}
	if (*digit)
		return refuse(price, err);
	*ret = whole * UNIT + fraction;
	return 0;
}

/* When the calendar month of a point in time is over. */
static int64_t end_of_month(int64_t at)
{
	time_t seconds = at;
	struct tm parts;
	gmtime_r(&seconds, &parts);
	struct tm next = { .tm_year = parts.tm_year, .tm_mon = parts.tm_mon + 1, .tm_mday = 1 };
	return timegm(&next);
}

int cost_of_hours(const struct cloud_price *price, int64_t from, int64_t hours, char ret[COST_SIZE], struct error *err)
{
	int64_t hourly, monthly, total = 0, end = from + hours * 3600;
	if (parse(price->hourly, &hourly, err) < 0 || parse(price->monthly, &monthly, err) < 0)
		return -1;
	while (from < end) {
		int64_t month = end_of_month(from), until = month < end ? month : end;
		int64_t started = (until - from + 3599) / 3600, cost = started * hourly;
		total += cost < monthly ? cost : monthly;
		from += started * 3600; /* an hour counts where it began */
	}
	total = (total + SHOWN - 1) / SHOWN;
	snprintf(ret, COST_SIZE, "%lld.%04lld", (long long)(total / 10000), (long long)(total % 10000));
	return 0;
}

int cost_trim(const char *price, char ret[COST_SIZE], struct error *err)
{
	int64_t amount;
	if (parse(price, &amount, err) < 0)
		return -1;
	int length =
		snprintf(ret, COST_SIZE, "%lld.%0*lld", (long long)(amount / UNIT), DIGITS, (long long)(amount % UNIT));
	while (ret[length - 1] == '0' && ret[length - 3] != '.')
		ret[--length] = '\0';
	return 0;
}
