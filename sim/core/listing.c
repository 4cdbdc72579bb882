#include "core/listing.h"

#include "base/memory.h"
#include "base/number.h"
#include "core/labels.h"

#define PER_PAGE         25
#define PER_PAGE_MAXIMUM 50
#define SORTS_MAXIMUM    4

/* The things that can be compared; other names in list_rules.sorts are allowed and change nothing. */
enum sort_field { BY_ID, BY_NAME, BY_CREATED, BY_NOTHING };

struct sort {
	struct {
		enum sort_field field;
		bool descending;
	} keys[SORTS_MAXIMUM + 1];
	size_t count;
};

static enum sort_field field_of(const char *name)
{
	static const struct {
		const char *name;
		enum sort_field field;
	} fields[] = { { "id", BY_ID },
		       { "name", BY_NAME },
		       { "command", BY_NAME },
		       { "created", BY_CREATED },
		       { "started", BY_CREATED } };

	for (size_t i = 0; i < ARRAY_LENGTH(fields); i++)
		if (strcmp(fields[i].name, name) == 0)
			return fields[i].field;
	return BY_NOTHING;
}

static bool read_sort(struct call *call, const struct list_rules *rules, const char *wanted, struct sort *sort)
{
	size_t length = strcspn(wanted, ":");
	const char *order = wanted + length;
	size_t i = 0;

	while (rules->sorts[i] && (strlen(rules->sorts[i]) != length || strncmp(rules->sorts[i], wanted, length) != 0))
		i++;
	bool descending = strcmp(order, ":desc") == 0;
	if (!rules->sorts[i] || (*order && !descending && strcmp(order, ":asc") != 0)) {
		answer_invalid(call, "sort", "'%s' is not a valid sort", wanted);
		return false;
	}
	if (sort->count < SORTS_MAXIMUM) {
		sort->keys[sort->count].field = field_of(rules->sorts[i]);
		sort->keys[sort->count++].descending = descending;
	}
	return true;
}

static int compare_field(enum sort_field field, const struct resource *a, const struct resource *b)
{
	switch (field) {
	case BY_ID:
		return (a->id > b->id) - (a->id < b->id);
	case BY_NAME:
		return strcmp(a->name ? a->name : "", b->name ? b->name : "");
	case BY_CREATED:
		return (a->created_ms > b->created_ms) - (a->created_ms < b->created_ms);
	case BY_NOTHING:
		break;
	}
	return 0;
}

static int compare(const void *first, const void *second, void *data)
{
	const struct resource *a = *(struct resource *const *)first;
	const struct resource *b = *(struct resource *const *)second;
	const struct sort *sort = data;

	for (size_t i = 0; i < sort->count; i++) {
		int order = compare_field(sort->keys[i].field, a, b);
		if (order != 0)
			return sort->keys[i].descending ? -order : order;
	}
	return compare_field(BY_ID, a, b);
}

static bool read_number(struct call *call, const char *name, int64_t otherwise, int64_t *ret)
{
	struct error err = ERROR_INIT;
	const char *string = query_get(&call->query, name);

	*ret = otherwise;
	if (!string || number_parse(string, 1, INT32_MAX, name, ret, &err) == 0)
		return true;
	answer_invalid(call, name, "%s", err.message);
	return false;
}

static void write_page_number(struct call *call, const char *name, int64_t number, bool known)
{
	if (known)
		write_json(call, "'%r':%i,", name, number);
	else
		write_json(call, "'%r':null,", name);
}

/* One page, and where it stands among the others. */
static void answer_page(struct call *call, const struct list_rules *rules, const struct resource_list *found,
			int64_t page, int64_t per_page)
{
	int64_t count = (int64_t)found->count;
	int64_t last = count > 0 ? (count + per_page - 1) / per_page : 1;
	int64_t start = page <= last ? (page - 1) * per_page : count;
	int64_t left = count - start;
	const struct resource_list shown = { .items = found->items ? found->items + start : NULL,
					     .count = (size_t)(left < per_page ? left : per_page) };

	answer(call, 200, "{'%r':%l,'meta':{'pagination':{'page':%i,'per_page':%i,", rules->member, rules->render,
	       &shown, page, per_page);
	write_page_number(call, "previous_page", page - 1, page > 1);
	write_page_number(call, "next_page", page + 1, page < last);
	write_json(call, "'last_page':%i,'total_entries':%i}}}", last, count);
}

static bool keeps(struct call *call, const struct list_rules *rules, const struct selector *selector,
		  const struct resource *resource)
{
	return query_allows(&call->query, "name", resource->name) &&
	       (!selector || selector_matches(selector, resource->labels)) &&
	       (!rules->keeps || rules->keeps(call, resource));
}

static bool read_selector(struct call *call, struct selector **ret)
{
	struct error err = ERROR_INIT;
	const char *string = query_get(&call->query, "label_selector");

	if (!string || !*string || selector_parse(string, ret, &err) == 0)
		return true;
	answer_invalid(call, "label_selector", "%s", err.message);
	return false;
}

void list_answer(struct call *call, const struct list_rules *rules, const struct resource_list *const *lists,
		 size_t list_count)
{
	struct resource_list found = { 0 };
	struct selector *selector = NULL;
	struct sort sort = { 0 };
	size_t position = 0;
	int64_t page, per_page;

	if (!read_number(call, "page", 1, &page) || !read_number(call, "per_page", PER_PAGE, &per_page))
		return;
	for (const char *wanted; (wanted = query_next(&call->query, "sort", &position));)
		if (!read_sort(call, rules, wanted, &sort))
			return;
	if (!read_selector(call, &selector))
		return;
	for (size_t i = 0; i < list_count; i++)
		for (size_t j = 0; j < lists[i]->count; j++)
			if (keeps(call, rules, selector, lists[i]->items[j]))
				resource_list_add(&found, lists[i]->items[j]);
	if (found.count > 1)
		qsort_r(found.items, found.count, sizeof(struct resource *), compare, &sort);
	if (per_page > PER_PAGE_MAXIMUM)
		per_page = PER_PAGE_MAXIMUM;
	answer_page(call, rules, &found, page, per_page);
	resource_list_release(&found);
	selector_free(selector);
}
