#ifndef FLEET_CANDIDATES_H
#define FLEET_CANDIDATES_H
/*
 * A size is a promise of at least so many cores, so much memory and disk. What
 * Hetzner sells changes, so what is really ordered is chosen from the live
 * catalogue. In each location the first choice is the type of that name, else the
 * cheapest x86 type at least as large in every figure; then the next cheapest. All
 * first choices come in the order of the locations, then all second ones, so that
 * another location is tried before a server of many times the price. Types marked
 * as out of stock come last: the mark is a hint, the create call decides. The
 * operator's terms may name the types that are tried instead, in their order, and
 * the most that one may cost.
 */
#include <stddef.h>

#include "cloud/cloud.h"
#include "fleet/settings.h"
#include "instance/record.h"
#include "instance/size.h"
#include "system/loop.h"

#define CANDIDATES_MAXIMUM 12

struct candidate {
	char type[32], location[32];
	bool available; /* a hint */
	struct cloud_price price;
};

/* Gives how many of ret[] were filled; 0: nothing on sale fits. */
size_t candidates_choose(const struct size *size, const struct size_terms *terms, const char *const *locations,
			 size_t location_count, const struct cloud_offer *offers, size_t offer_count,
			 struct candidate ret[CANDIDATES_MAXIMUM]);

/* The same for what a record asks for; that nothing fits is ERROR_REMOTE, or
 * ERROR_REFUSED when it asks for a location that nothing is sold in, or the terms leave nothing. */
int candidates_for(const struct record *request, const struct size_terms *terms, const struct cloud_offer *offers,
		   size_t offer_count, struct candidate ret[CANDIDATES_MAXIMUM], size_t *ret_count, struct error *err);

/* The same from the catalogue of this moment, turning the loop until it has come. */
int candidates_ask(struct loop *loop, struct cloud *cloud, const struct record *request, const struct size_terms *terms,
		   struct candidate ret[CANDIDATES_MAXIMUM], size_t *ret_count, struct error *err);
#endif
