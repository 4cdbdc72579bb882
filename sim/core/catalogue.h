#ifndef SIM_CORE_CATALOGUE_H
#define SIM_CORE_CATALOGUE_H
/*
 * What is sold, where and for how much: static tables (catalogue_data.c) with the
 * state of autumn 2026. Prices have the right order of magnitude and are no more
 * than that: they change, and an account has its own currency and VAT.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct location_row {
	int64_t id;
	const char *name, *description, *country, *city, *zone;
	double latitude, longitude;
};

/* One server type in one location. */
struct offer_row {
	const char *location;
	int monthly_cents;
	bool deprecated; /* still listed and priced, no longer to be ordered */
};

#define OFFERS_MAXIMUM 6

struct type_row {
	int64_t id;
	const char *name, *description;
	int cores, memory_gb, disk_gb;
	const char *architecture, *cpu, *category;
	bool retired;                                /* not listed any more; only its refusal still knows it */
	struct offer_row offers[OFFERS_MAXIMUM + 1]; /* ends at location NULL */
};

struct image_row {
	int64_t id;
	const char *name, *description, *flavor, *version, *architecture;
	int64_t deprecated, unavailable; /* unix seconds, 0: not deprecated */
};

extern const struct location_row catalogue_locations[];
extern const size_t catalogue_location_count;
extern const struct type_row catalogue_types[];
extern const size_t catalogue_type_count;
extern const struct image_row catalogue_images[];
extern const size_t catalogue_image_count;

/* When deprecated offers were announced and ended, RFC 3339. */
extern const char catalogue_announced[], catalogue_unavailable_after[];

const struct location_row *catalogue_location(const char *name);
const struct offer_row *catalogue_offer(const struct type_row *type, const char *location); /* NULL: not listed there */

/* Net, in 1e-8 EUR (money.h). */
int64_t offer_monthly(const struct offer_row *offer);
int64_t offer_hourly(const struct offer_row *offer);
int64_t ipv4_monthly(void);
int64_t ipv4_hourly(void);
int64_t snapshot_gb_monthly(void);
#endif
