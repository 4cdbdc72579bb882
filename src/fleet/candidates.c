#include "fleet/candidates.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

struct ranked {
	const struct cloud_offer *offer;
	size_t location;
	bool exact;
};

static double hourly(const struct cloud_offer *offer)
{
	return strtod(offer->price.hourly, NULL);
}

static int compare(const void *left, const void *right)
{
	const struct ranked *a = left, *b = right;
	if (a->offer->available != b->offer->available)
		return a->offer->available ? -1 : 1;
	if (a->location != b->location)
		return a->location < b->location ? -1 : 1;
	if (a->exact != b->exact)
		return a->exact ? -1 : 1;
	if (hourly(a->offer) < hourly(b->offer))
		return -1;
	if (hourly(a->offer) > hourly(b->offer))
		return 1;
	return strcmp(a->offer->type, b->offer->type);
}

static bool is_large_enough(const struct size *size, const struct cloud_offer *offer)
{
	return offer->cores >= size->cores && offer->memory_gb >= (double)size->memory_gb &&
	       offer->disk_gb >= size->disk_gb;
}

size_t candidates_choose(const struct size *size, const char *const *locations, size_t location_count,
			 const struct cloud_offer *offers, size_t offer_count, struct candidate ret[CANDIDATES_MAXIMUM])
{
	struct ranked *ranked = NULL;
	size_t count = 0;
	for (size_t i = 0; i < offer_count; i++) {
		const struct cloud_offer *offer = &offers[i];
		if (!offer->orderable || strcmp(offer->architecture, "x86") != 0 || !is_large_enough(size, offer))
			continue;
		for (size_t l = 0; l < location_count; l++) {
			if (strcmp(offer->location, locations[l]) != 0)
				continue;
			ranked = memory_grow(ranked, count + 1, sizeof(*ranked));
			ranked[count++] = (struct ranked){ offer, l, strcmp(offer->type, size->name) == 0 };
			break;
		}
	}
	if (count)
		qsort(ranked, count, sizeof(*ranked), compare);
	if (count > CANDIDATES_MAXIMUM)
		count = CANDIDATES_MAXIMUM;
	for (size_t i = 0; i < count; i++) {
		text_copy(ret[i].type, sizeof(ret[i].type), ranked[i].offer->type);
		text_copy(ret[i].location, sizeof(ret[i].location), ranked[i].offer->location);
		ret[i].price = ranked[i].offer->price;
	}
	free(ranked);
	return count;
}
