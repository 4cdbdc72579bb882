#ifndef CLOUD_HETZNER_PAGES_H
#define CLOUD_HETZNER_PAGES_H
/* The pages of one list put together. An inconsistent list is an error, as half a list proves nothing (P3). */
#include <jansson.h>
#include <stdint.h>

#include "base/error.h"

#define PER_PAGE      50 /* the API's maximum */
#define PAGES_MAXIMUM 200

struct pages {
	const char *name;     /* the member that holds the items: "servers"; borrowed */
	json_t *items, *seen; /* seen: ids as keys */
	int64_t page;         /* the next one; 0: that was the last */
	int64_t total;        /* entries, as the first page says; -1: it does not */
};

void pages_init(struct pages *pages, const char *name);
void pages_release(struct pages *pages);

/* Takes the document of page `pages->page`. After the last one it checks the whole. */
int pages_take(struct pages *pages, const json_t *document, struct error *err);
#endif
