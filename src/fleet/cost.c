#include "fleet/cost.h"

#include <stdio.h>
#include <time.h>

#define PLACES 9      /* of the amounts below: doubles would not add up */
#define SHOWN  100000 /* a 1/10000 of them */

static int parse(const char *price, int64_t *ret, struct error *err)
{
	if (decimal_parse(price, PLACES, ret))
		return 0;
	return error_set(err, ERROR_REMOTE, 0, "Hetzner's price '%s' is no decimal number", price);
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

int cost_of_hours(const struct cloud_price *price, int64_t from, int64_t hours, char ret[DECIMAL_SIZE],
		  struct error *err)
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
	snprintf(ret, DECIMAL_SIZE, "%lld.%04lld", (long long)(total / 10000), (long long)(total % 10000));
	return 0;
}

int cost_trim(const char *price, char ret[DECIMAL_SIZE], struct error *err)
{
	int64_t amount;
	if (parse(price, &amount, err) < 0)
		return -1;
	decimal_format(amount, PLACES, ret);
	return 0;
}
