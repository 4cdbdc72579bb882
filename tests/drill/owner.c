#include "owner.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Before each block. A multiple of 16, so that blocks stay aligned. */
struct block {
	struct block *next, *previous; /* NULL, NULL: the world's */
	size_t size;
	size_t unused;
};

struct owner {
	struct block head; /* of a ring */
};

/* The one thing that is global here: malloc() is told nothing but a size. */
static struct owner *current;

void *__real_malloc(size_t size);
void *__real_realloc(void *old, size_t size);
void __real_free(void *pointer);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_reallocarray(void *old, size_t count, size_t size);
void __wrap_free(void *pointer);
char *__wrap_strdup(const char *string);

struct owner *owner_new(void)
{
	struct owner *owner = __real_malloc(sizeof(*owner));
	if (!owner)
		abort();
	owner->head.next = owner->head.previous = &owner->head;
	return owner;
}

void owner_free(struct owner *owner)
{
	if (!owner)
		return;
	for (struct block *block = owner->head.next, *next; block != &owner->head; block = next) {
		next = block->next;
		__real_free(block);
	}
	__real_free(owner);
}

struct owner *owner_switch(struct owner *owner)
{
	struct owner *before = current;
	current = owner;
	return before;
}

bool owner_is_process(void)
{
	return current != NULL;
}

static void take_off(struct block *block)
{
	if (!block->next)
		return;
	block->next->previous = block->previous;
	block->previous->next = block->next;
}

static void put_on(struct block *block, struct owner *owner)
{
	block->next = block->previous = NULL;
	if (!owner)
		return;
	block->next = owner->head.next;
	block->previous = &owner->head;
	block->next->previous = block;
	owner->head.next = block;
}

static void *take(size_t size, struct owner *owner)
{
	struct block *block = __real_malloc(sizeof(*block) + size);
	if (!block)
		abort(); /* the product does the same */
	block->size = size;
	put_on(block, owner);
	return block + 1;
}

static void *take_zeroed(size_t count, size_t size, struct owner *owner)
{
	if (size && count > SIZE_MAX / size)
		abort();
	return memset(take(count * size, owner), 0, count * size);
}

/* A block that grows stays with whom it belongs to. */
static void *grow(void *old, size_t size, struct owner *owner)
{
	struct block *block = (struct block *)old - 1;
	if (!old)
		return take(size, owner);
	bool owned = block->next != NULL;
	struct block *next = block->next, *previous = block->previous;
	block = __real_realloc(block, sizeof(*block) + size);
	if (!block)
		abort();
	block->size = size;
	if (owned) {
		next->previous = block;
		previous->next = block;
	}
	return block + 1;
}

static void *grow_array(void *old, size_t count, size_t size, struct owner *owner)
{
	if (size && count > SIZE_MAX / size)
		abort();
	return grow(old, count * size, owner);
}

static char *copy(const char *string, struct owner *owner)
{
	size_t size = strlen(string) + 1;
	return memcpy(take(size, owner), string, size);
}

void *__wrap_malloc(size_t size)
{
	return take(size, current);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return take_zeroed(count, size, current);
}

void *__wrap_realloc(void *old, size_t size)
{
	return grow(old, size, current);
}

void *__wrap_reallocarray(void *old, size_t count, size_t size)
{
	return grow_array(old, count, size, current);
}

char *__wrap_strdup(const char *string)
{
	return copy(string, current);
}

void __wrap_free(void *pointer)
{
	if (!pointer)
		return;
	struct block *block = (struct block *)pointer - 1;
	take_off(block);
	__real_free(block);
}

void *owner_world_malloc(size_t size)
{
	return take(size, NULL);
}

void *owner_world_calloc(size_t count, size_t size)
{
	return take_zeroed(count, size, NULL);
}

void *owner_world_realloc(void *old, size_t size)
{
	return grow(old, size, NULL);
}

void *owner_world_reallocarray(void *old, size_t count, size_t size)
{
	return grow_array(old, count, size, NULL);
}

char *owner_world_strdup(const char *string)
{
	return copy(string, NULL);
}

void owner_teach_jansson(void)
{
	json_set_alloc_funcs(__wrap_malloc, __wrap_free);
	json_object_seed(1); /* the same order of buckets in every run */
}
