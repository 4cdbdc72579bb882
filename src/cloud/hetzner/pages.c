#include "cloud/hetzner/pages.h"

#include <stdio.h>

#include "base/json.h"
#include "cloud/hetzner/decode.h"

void pages_init(struct pages *pages, const char *name)
{
	*pages = (struct pages){ .name = name, .items = json_array(), .seen = json_object(), .page = 1 };
}

void pages_release(struct pages *pages)
{
	json_decref(pages->items);
	json_decref(pages->seen);
}

static int add_items(struct pages *pages, json_t *page, struct error *err)
{
	size_t index;
	json_t *item;
	json_array_foreach(page, index, item) {
		char key[24];
		int64_t id;
		if (decode_id(item, "id", &id, err) < 0)
			return -1;
		snprintf(key, sizeof(key), "%lld", (long long)id);
		if (json_object_get(pages->seen, key))
			return error_set(err, ERROR_REMOTE, 0, "the list of %s changed while it was read; try again",
					 pages->name);
		json_object_set_new(pages->seen, key, json_true());
		json_array_append(pages->items, item);
	}
	return 0;
}

/* What a page says about itself against what was asked and what the first one said: NULL or what is wrong.
 * A total that changed means that entries slid from one page to another and may have been missed. */
static const char *contradiction(const struct pages *pages, int64_t page, int64_t next, int64_t total)
{
	if (page != pages->page)
		return "another page came than was asked for";
	if (next && (next != pages->page + 1 || next > PAGES_MAXIMUM))
		return "it does not go on with the next page, or has too many";
	if (pages->page > 1 && total != pages->total)
		return "its length changed while it was read";
	return NULL;
}

int pages_take(struct pages *pages, const json_t *document, struct error *err)
{
	json_t *page, *meta, *pagination;
	int64_t number, next, total;
	if (json_get_array(document, pages->name, &page, err) < 0 ||
	    json_get_object(document, "meta", &meta, err) < 0 ||
	    json_get_object(meta, "pagination", &pagination, err) < 0 ||
	    json_get_integer(pagination, "page", &number, err) < 0 ||
	    json_optional_integer(pagination, "next_page", 0, &next, err) < 0 ||
	    json_optional_integer(pagination, "total_entries", -1, &total, err) < 0 ||
	    add_items(pages, page, err) < 0) {
		err->kind = ERROR_REMOTE;
		return -1;
	}
	size_t count = json_array_size(pages->items);
	const char *wrong = contradiction(pages, number, next, total);
	pages->total = total;
	if (wrong)
		return error_set(err, ERROR_REMOTE, 0, "the list of %s is unusable: %s; try again", pages->name, wrong);
	if (!next && total >= 0 && (size_t)total != count)
		return error_set(err, ERROR_REMOTE, 0, "the list of %s has %zu entries and should have %lld; try again",
				 pages->name, count, (long long)total);
	pages->page = next;
	return 0;
}
