#include "fleet/candidates.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

#define LOCATIONS_MAXIMUM 16

struct ranked {
	const struct cloud_offer *offer;
	size_t location;
	size_t round; /* in its location: 0 is the first choice there */
	bool exact;
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
	if (a->exact != b->exact)
		return a->exact ? -1 : 1;
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
			ranked[count++] = (struct ranked){ offer, l, 0, strcmp(offer->type, size->name) == 0,
							   strtod(offer->price.hourly, NULL) };
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

int candidates_for(const struct record *request, const struct cloud_offer *offers, size_t offer_count,
		   struct candidate ret[CANDIDATES_MAXIMUM], size_t *ret_count, struct error *err)
{
	const struct size *size = size_find(request->server_type);
	const char *locations[LOCATIONS_MAXIMUM];
	size_t count = json_array_size(request->locations);
	if (count > LOCATIONS_MAXIMUM)
		count = LOCATIONS_MAXIMUM;
	for (size_t i = 0; i < count; i++)
		locations[i] = json_string_value(json_array_get(request->locations, i));
	*ret_count = candidates_choose(size, locations, count, offers, offer_count, ret);
	if (*ret_count)
		return 0;
	for (size_t i = 0; i < count && offer_count; i++)
		if (!is_location(locations[i], offers, offer_count))
			return error_set(err, ERROR_REFUSED, 0,
					 "there is no location '%s' at Hetzner; try others with --location",
					 locations[i]);
	return error_set(err, ERROR_REMOTE, 0,
			 "Hetzner sells nothing as large as %s in the locations asked for; try others with --location",
			 request->server_type);
}

struct question {
	const struct record *request;
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
		(void)candidates_for(question->request, reply->offers, reply->offer_count, question->ret,
				     &question->count, &question->error);
}

int candidates_ask(struct loop *loop, struct cloud *cloud, const struct record *request,
		   struct candidate ret[CANDIDATES_MAXIMUM], size_t *ret_count, struct error *err)
{
	struct question question = { .request = request, .ret = ret, .error = ERROR_INIT };
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
