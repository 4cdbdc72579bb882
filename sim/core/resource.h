#ifndef SIM_CORE_RESOURCE_H
#define SIM_CORE_RESOURCE_H
/*
 * What all things of the API have in common, as the first member of each, so that
 * finding, filtering, sorting and paging are written once.
 */
#include <jansson.h>
#include <stdint.h>

#include "base/text.h"

struct resource {
	int64_t id;
	char *name;         /* NULL: has none (snapshots) */
	json_t *labels;     /* object; NULL: knows no labels */
	char *shown_labels; /* as answers show them */
	int64_t created_ms;
	struct text *kept; /* the thing as it was last rendered, empty: not yet; NULL: is rendered each time */
};

/* In the order of their ids. Holds pointers only: who adds also frees. */
struct resource_list {
	struct resource **items;
	size_t count, capacity;
};

void resource_init(struct resource *resource, int64_t id, const char *name, json_t *labels, int64_t created_ms);
void resource_keep(struct resource *resource);    /* from now on it is rendered once only */
void resource_changed(struct resource *resource); /* what was kept is no longer true */
void resource_release(struct resource *resource);
void resource_rename(struct resource *resource, const char *name);
void resource_relabel(struct resource *resource, json_t *labels); /* takes a reference of its own */

void resource_list_add(struct resource_list *list, struct resource *resource); /* its id is the highest so far */
void resource_list_remove(struct resource_list *list, const struct resource *resource);
void resource_list_release(struct resource_list *list); /* the list, not what is in it */

struct resource *resource_find(const struct resource_list *list, int64_t id);
struct resource *resource_find_name(const struct resource_list *list, const char *name);

/* By id or name, as requests may give either: 7, "7" or "name". NULL: no such thing. */
struct resource *resource_refer(const struct resource_list *list, const json_t *reference);
#endif
