#ifndef FLEET_CANDIDATES_H
#define FLEET_CANDIDATES_H
/*
 * A size is a promise of at least so many cores, so much memory and disk. What
 * Hetzner sells changes, so what is really ordered is chosen from the live
 * catalogue: location by location in the order given, first the type of that
 * name, then x86 types at least as large in every figure, cheapest first. Types
 * marked as out of stock come last: the mark is a hint, the create call decides.
 */
#include <stddef.h>

#include "cloud/cloud.h"
#include "instance/size.h"

#define CANDIDATES_MAXIMUM 12

struct candidate {
	char type[32], location[32];
	struct cloud_price price;
};

/* Gives how many of ret[] were filled; 0: nothing on sale fits. */
size_t candidates_choose(const struct size *size, const char *const *locations, size_t location_count,
			 const struct cloud_offer *offers, size_t offer_count,
			 struct candidate ret[CANDIDATES_MAXIMUM]);
#endif
