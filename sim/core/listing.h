#ifndef SIM_CORE_LISTING_H
#define SIM_CORE_LISTING_H
/*
 * GET of a collection: filters, sorting and pages, the same for all of them.
 * Understood everywhere: name, label_selector, sort, page, per_page.
 */
#include "core/call.h"

typedef bool list_filter(struct call *call, const struct resource *resource);

struct list_rules {
	const char *member; /* of the answer: "servers" */
	renderer *render;
	list_filter *keeps;   /* the collection's own filters; NULL: none */
	const char *sorts[6]; /* what sort= may name: "id", "name", "created", ... */
};

/* Answers with one page of the lists' entries, in ascending order of ids unless the query says otherwise. */
void list_answer(struct call *call, const struct list_rules *rules, const struct resource_list *const *lists,
		 size_t list_count);
#endif
