/* What each payment bought: one life, and never another once that one was handed over (P4). */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "oracle_inside.h"
#include "owner.h"

struct purchase {
	struct purchase *next;
	char reference[24];
	const struct known *buyer; /* whose life it bought */
};

void oracle_forgets_payments(struct oracle *oracle)
{
	while (oracle->purchases) {
		struct purchase *purchase = oracle->purchases;
		oracle->purchases = purchase->next;
		free(purchase);
	}
}

static bool has_payment(const struct record *record, const char *reference)
{
	size_t index;
	json_t *payment;
	json_array_foreach(record->payments, index, payment)
		if (strcmp(json_string_value(json_object_get(payment, "reference")), reference) == 0)
			return true;
	return false;
}

/* What a power cut took back was not bought. */
static void take_back(struct oracle *oracle, const struct known *known, const struct record *record)
{
	struct purchase **at = &oracle->purchases;
	while (*at) {
		struct purchase *purchase = *at;
		if (purchase->buyer == known && !has_payment(record, purchase->reference)) {
			*at = purchase->next;
			free(purchase);
		} else {
			at = &purchase->next;
		}
	}
}

static struct purchase *find(const struct oracle *oracle, const char *reference)
{
	struct purchase *purchase = oracle->purchases;
	while (purchase && strcmp(purchase->reference, reference) != 0)
		purchase = purchase->next;
	return purchase;
}

static bool is_recorded(const struct oracle *oracle, const struct known *known)
{
	return json_object_get(json_object_get(oracle->seen, "instances"), known->id) != NULL;
}

/* A payment whose machine nobody ever got is still good, once it was undone. A record that was lost may come back with
 * one that is in use again. */
static void check(struct oracle *oracle, struct purchase *purchase, const struct known *known)
{
	const struct known *first = purchase->buyer;
	bool undone = !first->handed_over && (first->was_lost || !is_recorded(oracle, first));
	if (first != known && !undone)
		oracle_violated(oracle, "P4", "payment %s bought %s, which is %s, and counts for %s too",
				purchase->reference, first->id, is_recorded(oracle, first) ? "there" : "gone",
				known->id);
	purchase->buyer = known;
}

static void learn(struct oracle *oracle, const struct known *known, const char *reference)
{
	struct purchase *purchase = find(oracle, reference);
	if (purchase) {
		check(oracle, purchase, known);
		return;
	}
	purchase = owner_world_calloc(1, sizeof(*purchase));
	purchase->next = oracle->purchases;
	oracle->purchases = purchase;
	text_copy(purchase->reference, sizeof(purchase->reference), reference);
	purchase->buyer = known;
}

void oracle_checks_payments(struct oracle *oracle, struct known *known, const struct record *record)
{
	known->handed_over = record->verified_at != 0;
	if (oracle->fell_back)
		take_back(oracle, known, record);
	for (size_t i = 0; i < json_array_size(record->payments); i++) {
		const json_t *reference = json_object_get(json_array_get(record->payments, i), "reference");
		for (size_t j = 0; j < i; j++)
			if (json_equal(reference, json_object_get(json_array_get(record->payments, j), "reference")))
				oracle_violated(oracle, "P4", "a payment for %s counts twice", record->id);
		learn(oracle, known, json_string_value(reference));
	}
}
