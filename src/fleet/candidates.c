#include "fleet/candidates.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/decimal.h"
#include "base/memory.h"
#include "base/text.h"

#define LOCATIONS_MAXIMUM 16

struct ranked {
	const struct cloud_offer *offer;
	size_t location;
	size_t round;      /* in its location: 0 is the first choice there */
	size_t preference; /* smaller is wanted more, whatever it costs */
	double hourly;
};

/* Location by location, the best of each first. */
static int compare_within_location(const void *left, const void *right)
{
	const struct ranked *a = left, *b = right;
	if (a->location != b->location)
		return a->location < b->location ? -1 : 1;
	if (a->offer->available != b->offer->available)
		return a->offer->available ? -1 : 1;
	if (a->preference != b->preference)
		return a->preference < b->preference ? -1 : 1;
	if (a->hourly < b->hourly)
		return -1;
	if (a->hourly > b->hourly)
		return 1;
	return strcmp(a->offer->type, b->offer->type);
}

static int compare(const void *left, const void *right)
{
	const struct ranked *a = left, *b = right;
	if (a->offer->available != b->offer->available)
		return a->offer->available ? -1 : 1;
	if (a->round != b->round)
		return a->round < b->round ? -1 : 1;
	return a->location < b->location ? -1 : 1;
}

static void sort(struct ranked *ranked, size_t count)
{
	if (!count)
		return;
	qsort(ranked, count, sizeof(*ranked), compare_within_location);
	for (size_t i = 1; i < count; i++)
		if (ranked[i].location == ranked[i - 1].location)
			ranked[i].round = ranked[i - 1].round + 1;
	qsort(ranked, count, sizeof(*ranked), compare);
}

static bool is_large_enough(const struct size *size, const struct cloud_offer *offer)
{
	return offer->cores >= size->cores && offer->memory_gb >= (double)size->memory_gb &&
	       offer->disk_gb >= size->disk_gb;
}

/* A price that can't be read is not known to be low enough. */
static bool is_above(const char *price, int64_t ceiling)
{
	int64_t amount;
	return ceiling && (!decimal_parse(price, PRICE_PLACES, &amount) || amount > ceiling);
}

static bool is_affordable(const struct size_terms *terms, const struct cloud_price *price)
{
	return !is_above(price->hourly, terms->hourly_ceiling) && !is_above(price->monthly, terms->monthly_ceiling);
}

/* By the operator's list; without one the type of the size's own name is wanted before any other. */
static bool is_wanted(const struct size *size, const struct size_terms *terms, const char *type, size_t *ret_preference)
{
	*ret_preference = strcmp(type, size->name) != 0;
	for (size_t i = 0; i < terms->types.count; i++)
		if (strcmp(terms->types.items[i], type) == 0) {
			*ret_preference = i;
			return true;
		}
	return terms->types.count == 0;
}

static bool is_fit(const struct size *size, const struct size_terms *terms, const struct cloud_offer *offer,
		   size_t *ret_preference)
{
	return offer->orderable && strcmp(offer->architecture, "x86") == 0 && is_large_enough(size, offer) &&
	       is_wanted(size, terms, offer->type, ret_preference) && is_affordable(terms, &offer->price);
}

size_t candidates_choose(const struct size *size, const struct size_terms *terms, const char *const *locations,
			 size_t location_count, const struct cloud_offer *offers, size_t offer_count,
			 struct candidate ret[CANDIDATES_MAXIMUM])
{
	struct ranked *ranked = NULL;
	size_t count = 0, preference;
	for (size_t i = 0; i < offer_count; i++) {
		const struct cloud_offer *offer = &offers[i];
		if (!is_fit(size, terms, offer, &preference))
			continue;
		for (size_t l = 0; l < location_count; l++) {
			if (strcmp(offer->location, locations[l]) != 0)
				continue;
			ranked = memory_grow(ranked, count + 1, sizeof(*ranked));
			ranked[count++] = (struct ranked){ offer, l, 0, preference, strtod(offer->price.hourly, NULL) };
			break;
		}
	}
	sort(ranked, count);
	if (count > CANDIDATES_MAXIMUM)
		count = CANDIDATES_MAXIMUM;
	for (size_t i = 0; i < count; i++) {
		text_copy(ret[i].type, sizeof(ret[i].type), ranked[i].offer->type);
		text_copy(ret[i].location, sizeof(ret[i].location), ranked[i].offer->location);
		ret[i].available = ranked[i].offer->available;
		ret[i].price = ranked[i].offer->price;
	}
	free(ranked);
	return count;
}

static bool is_location(const char *name, const struct cloud_offer *offers, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(offers[i].location, name) == 0)
			return true;
	return false;
}

struct search {
	const struct size *size;
	const char *locations[LOCATIONS_MAXIMUM];
	size_t location_count;
	const struct cloud_offer *offers;
	size_t offer_count;
};

static size_t choose(const struct search *search, const struct size_terms *terms,
		     struct candidate ret[CANDIDATES_MAXIMUM])
{
	return candidates_choose(search->size, terms, search->locations, search->location_count, search->offers,
				 search->offer_count, ret);
}

/* Nothing is left: whose doing it is says what can be done. */
static int refuse(const struct search *search, const struct size_terms *terms, struct error *err)
{
	struct candidate choices[CANDIDATES_MAXIMUM];
	const struct size_terms any_price = { .types = terms->types }, any = { 0 };
	const char *size = search->size->name;
	for (size_t i = 0; i < search->location_count && search->offer_count; i++)
		if (!is_location(search->locations[i], search->offers, search->offer_count))
			return error_set(err, ERROR_REFUSED, 0,
					 "there is no location '%s' at Hetzner; try others with --location",
					 search->locations[i]);
	if (choose(search, &any_price, choices))
		return error_set(err, ERROR_REFUSED, 0,
				 "all that would do for %s costs more than the ceiling in [size %s] of ccc.ini; the "
				 "first choice would be %s in %s at %s an hour, %s a month",
				 size, size, choices[0].type, choices[0].location, choices[0].price.hourly,
				 choices[0].price.monthly);
	if (terms->types.count && choose(search, &any, choices))
		return error_set(
			err, ERROR_REFUSED, 0,
			"none of the types in [size %s] of ccc.ini is on sale in the locations asked for and as "
			"large as %s; %s in %s would be",
			size, size, choices[0].type, choices[0].location);
	return error_set(err, ERROR_REMOTE, 0,
			 "Hetzner sells nothing as large as %s in the locations asked for; try others with --location",
			 size);
}

int candidates_for(const struct record *request, const struct size_terms *terms, const struct cloud_offer *offers,
		   size_t offer_count, struct candidate ret[CANDIDATES_MAXIMUM], size_t *ret_count, struct error *err)
{
	struct search search = { .size = size_find(request->server_type),
				 .location_count = json_array_size(request->locations),
				 .offers = offers,
				 .offer_count = offer_count };
	if (search.location_count > LOCATIONS_MAXIMUM)
		search.location_count = LOCATIONS_MAXIMUM;
	for (size_t i = 0; i < search.location_count; i++)
		search.locations[i] = json_string_value(json_array_get(request->locations, i));
	*ret_count = choose(&search, terms, ret);
	return *ret_count ? 0 : refuse(&search, terms, err);
}

struct question {
	const struct record *request;
	const struct size_terms *terms;
	struct candidate *ret;
	size_t count;
	bool arrived;
	struct error error;
};

static void on_offers(void *data, const struct cloud_reply *reply)
{
	struct question *question = data;
	question->arrived = true;
	if (reply->error)
		question->error = *reply->error;
	else
		(void)candidates_for(question->request, question->terms, reply->offers, reply->offer_count,
				     question->ret, &question->count, &question->error);
}

int candidates_ask(struct loop *loop, struct cloud *cloud, const struct record *request, const struct size_terms *terms,
		   struct candidate ret[CANDIDATES_MAXIMUM], size_t *ret_count, struct error *err)
{
	struct question question = { .request = request, .terms = terms, .ret = ret, .error = ERROR_INIT };
	cloud_list_offers(cloud, on_offers, &question);
	if (loop_until(loop, &question.arrived, err) < 0)
		return -1;
	if (question.error.kind != ERROR_NONE) {
		*err = question.error;
		return -1;
	}
	*ret_count = question.count;
	return 0;
}
