#include "core/catalogue.h"

#include "core/money.h"

#define CENT (MONEY_EURO / 100)

const struct location_row *catalogue_location(const char *name)
{
	for (size_t i = 0; i < catalogue_location_count; i++)
		if (strcmp(catalogue_locations[i].name, name) == 0)
			return &catalogue_locations[i];
	return NULL;
}

const struct offer_row *catalogue_offer(const struct type_row *type, const char *location)
{
	for (const struct offer_row *offer = type->offers; offer->location; offer++)
		if (strcmp(offer->location, location) == 0)
			return offer;
	return NULL;
}

int64_t offer_monthly(const struct offer_row *offer)
{
	return offer->monthly_cents * CENT;
}

/* The monthly price is reached after 624 of a month's 720 to 744 hours; four decimals. */
static int64_t hourly(int64_t monthly)
{
	int64_t unit = MONEY_EURO / 10000;

	return (monthly / 624 + unit / 2) / unit * unit;
}

int64_t offer_hourly(const struct offer_row *offer)
{
	return hourly(offer_monthly(offer));
}

int64_t ipv4_monthly(void)
{
	return 50 * CENT;
}

int64_t ipv4_hourly(void)
{
	return hourly(ipv4_monthly());
}

int64_t snapshot_gb_monthly(void)
{
	return 143 * CENT / 100;
}
