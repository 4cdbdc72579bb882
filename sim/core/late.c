#include "core/late.h"

#include "base/memory.h"
#include "core/sim.h"

void late_add(struct late_requests *late, const struct sim_request *request, int64_t due_ms, bool counts)
{
	struct late_request *copy;

	late->items = memory_grow(late->items, late->count + 1, sizeof(struct late_request));
	copy = &late->items[late->count++];
	*copy = (struct late_request){ .due_ms = due_ms,
				       .counts = counts,
				       .method = memory_copy_string(request->method),
				       .path = memory_copy_string(request->path),
				       .query = memory_copy_string(request->query),
				       .bearer = memory_copy_string(request->bearer),
				       .body = memory_new(request->body_length + 1),
				       .body_length = request->body_length };
	if (request->body_length > 0)
		memcpy(copy->body, request->body, request->body_length);
}

/* Of those due at the same time the one that was sent first. */
static size_t first(const struct late_requests *late)
{
	size_t found = 0;

	for (size_t i = 1; i < late->count; i++)
		if (late->items[i].due_ms < late->items[found].due_ms)
			found = i;
	return found;
}

const struct late_request *late_next(const struct late_requests *late)
{
	return late->count > 0 ? &late->items[first(late)] : NULL;
}

struct late_request late_take_next(struct late_requests *late)
{
	size_t index = first(late);
	struct late_request taken = late->items[index];

	late->count--;
	memmove(&late->items[index], &late->items[index + 1], (late->count - index) * sizeof(struct late_request));
	return taken;
}

void late_release(struct late_request *request)
{
	free(request->method);
	free(request->path);
	free(request->query);
	free(request->bearer);
	free(request->body);
	*request = (struct late_request){ 0 };
}

void late_clear(struct late_requests *late)
{
	for (size_t i = 0; i < late->count; i++)
		late_release(&late->items[i]);
	free(late->items);
	*late = (struct late_requests){ 0 };
}
