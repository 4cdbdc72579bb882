#include "lifecycle/payment.h"

#include <string.h>

#include "base/json.h"
#include "base/text.h"

struct search {
	const char *reference;
	char instance[INSTANCE_ID_SIZE]; /* that the payment was for */
	json_t *handed_over;             /* ids of those that users got */
	bool found;
};

static bool has_payment(const json_t *payments, const char *reference)
{
	size_t index;
	json_t *payment;
	json_array_foreach(payments, index, payment) {
		const char *known = json_string_value(json_object_get(payment, "reference"));
		if (known && strcmp(known, reference) == 0)
			return true;
	}
	return false;
}

/* The first payment comes before the machine is handed over, an extension's mostly after it. */
static void search_line(void *data, const struct history_line *line)
{
	struct search *search = data;
	if (search->found)
		return;
	if (json_object_get(line->set, "instanceId")) { /* a new life: an earlier one with this id is no more */
		json_object_del(search->handed_over, line->instance);
		if (strcmp(line->instance, search->instance) == 0)
			search->instance[0] = '\0';
	}
	if (json_is_string(json_object_get(line->set, "verifiedAt")))
		json_object_set_new(search->handed_over, line->instance, json_true());
	if (has_payment(json_object_get(line->set, "payments"), search->reference))
		text_copy(search->instance, sizeof(search->instance), line->instance);
	search->found = *search->instance && json_object_get(search->handed_over, search->instance);
}

static int search_history(struct store *store, const char *reference, struct payment_use *ret, struct error *err)
{
	AUTO_JSON json_t *handed_over = json_object();
	struct search search = { .reference = reference, .handed_over = handed_over };
	if (store_history(store, NULL, search_line, &search, err) < 0)
		return -1;
	if (search.found) {
		text_copy(ret->instance, sizeof(ret->instance), search.instance);
		ret->gone = true;
	}
	return 0;
}

int payment_find(struct store *store, const struct snapshot *state, const char *reference, struct payment_use *ret,
		 struct error *err)
{
	struct payment payment;
	*ret = (struct payment_use){ 0 };
	for (size_t i = 0; i < state->count; i++)
		if (record_has_payment(&state->records[i], reference, &payment)) {
			text_copy(ret->instance, sizeof(ret->instance), state->records[i].id);
			return 0;
		}
	return reference ? search_history(store, reference, ret, err) : 0;
}
