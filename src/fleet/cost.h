#ifndef FLEET_COST_H
#define FLEET_COST_H
/*
 * What a server costs: every started hour at the hourly price, and in a calendar
 * month (UTC) never more than the monthly price. Net, as Hetzner says its prices.
 */
#include <stdint.h>

#include "base/decimal.h"
#include "base/error.h"
#include "cloud/cloud.h"

/* Cost of so many hours from a point in time on, rounded up to 1/10000: "0.6123".
 * ERROR_REMOTE when a price is no decimal number. */
int cost_of_hours(const struct cloud_price *price, int64_t from, int64_t hours, char ret[DECIMAL_SIZE],
		  struct error *err);

/* A price without the zeros at its end: "0.0136000000" is "0.0136". */
int cost_trim(const char *price, char ret[DECIMAL_SIZE], struct error *err);
#endif
