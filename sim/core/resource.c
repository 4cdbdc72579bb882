#include "core/resource.h"

#include "base/json.h"
#include "base/memory.h"
#include "base/number.h"

#define RENDERED_MAXIMUM 65536

void resource_init(struct resource *resource, int64_t id, const char *name, json_t *labels, int64_t created_ms)
{
	resource->id = id;
	resource->name = memory_copy_string(name);
	resource->labels = NULL;
	resource->shown_labels = NULL;
	resource->created_ms = created_ms;
	resource->kept = NULL;
	resource_relabel(resource, labels);
}

void resource_keep(struct resource *resource)
{
	resource->kept = memory_new(sizeof(*resource->kept));
	text_init(resource->kept, RENDERED_MAXIMUM);
}

void resource_changed(struct resource *resource)
{
	if (resource->kept)
		text_clear(resource->kept);
}

void resource_release(struct resource *resource)
{
	free(resource->name);
	free(resource->shown_labels);
	json_decref(resource->labels);
	if (resource->kept)
		text_release(resource->kept);
	free(resource->kept);
}

void resource_rename(struct resource *resource, const char *name)
{
	char *copy = memory_copy_string(name);
	free(resource->name);
	resource->name = copy;
}

void resource_relabel(struct resource *resource, json_t *labels)
{
	json_incref(labels);
	json_decref(resource->labels);
	resource->labels = labels;
	free(resource->shown_labels);
	resource->shown_labels =
		labels && json_object_size(labels) > 0 ? json_format(labels, false) : memory_copy_string("{}");
}

void resource_list_add(struct resource_list *list, struct resource *resource)
{
	if (list->count == list->capacity) {
		list->capacity = list->capacity ? 2 * list->capacity : 16;
		list->items = memory_grow(list->items, list->capacity, sizeof(struct resource *));
	}
	list->items[list->count++] = resource;
}

/* The index of the first entry whose id is not below `id`. */
static size_t position(const struct resource_list *list, int64_t id)
{
	size_t low = 0, high = list->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (list->items[middle]->id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct resource *resource_find(const struct resource_list *list, int64_t id)
{
	size_t index = position(list, id);

	return index < list->count && list->items[index]->id == id ? list->items[index] : NULL;
}

void resource_list_remove(struct resource_list *list, const struct resource *resource)
{
	size_t index = position(list, resource->id);

	if (index == list->count || list->items[index] != resource)
		return;
	list->count--;
	memmove(list->items + index, list->items + index + 1, (list->count - index) * sizeof(struct resource *));
}

void resource_list_release(struct resource_list *list)
{
	free(list->items);
	*list = (struct resource_list){ 0 };
}

struct resource *resource_find_name(const struct resource_list *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i]->name && strcmp(list->items[i]->name, name) == 0)
			return list->items[i];
	return NULL;
}

struct resource *resource_refer(const struct resource_list *list, const json_t *reference)
{
	struct error ignored = ERROR_INIT;
	const char *string = json_string_value(reference);
	int64_t id;

	if (json_is_integer(reference))
		return resource_find(list, json_integer_value(reference));
	if (!string)
		return NULL;
	if (!string[strspn(string, "0123456789")] && number_parse(string, 1, INT64_MAX, "id", &id, &ignored) == 0)
		return resource_find(list, id);
	return resource_find_name(list, string);
}
