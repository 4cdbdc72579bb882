#include "owner.h"

#include <jansson.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Small blocks are cut from chunks, in steps of 16 bytes, and kept for the same owner when they are freed.
 * A sanitizer sees each block on its own. */
#define STEP 16
#ifdef __SANITIZE_ADDRESS__
#define SMALL_MAXIMUM ((size_t)0)
#else
#define SMALL_MAXIMUM ((size_t)4096)
#endif
#define CLASSES     (SMALL_MAXIMUM / STEP + 1)
#define CHUNK_BYTES ((size_t)32 << 10)

/* Before each block. A multiple of 16, so that blocks stay aligned. */
struct block {
	struct owner *owner;
	size_t size;
};

struct free_block {
	struct block block;
	struct free_block *next;
};

struct large_block {
	struct large_block *next, *previous; /* a ring */
	struct block block;
};

struct chunk {
	struct chunk *next;
	size_t unused;
	char bytes[CHUNK_BYTES];
};

struct owner {
	struct large_block large; /* the ring's head */
	struct chunk *chunks;
	char *rest; /* of the first chunk */
	size_t rest_size;
	struct free_block *free[CLASSES];
};

/* What owners gave back, for others. */
static struct chunk *idle_chunks;

static struct owner world = { .large = { .next = &world.large, .previous = &world.large } };

/* Global: malloc() is told nothing but a size. */
static struct owner *current = &world;

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
	*owner = (struct owner){ .large = { .next = &owner->large, .previous = &owner->large } };
	return owner;
}

void owner_free(struct owner *owner)
{
	if (!owner)
		return;
	for (struct large_block *block = owner->large.next, *next; block != &owner->large; block = next) {
		next = block->next;
		__real_free(block);
	}
	for (struct chunk *chunk = owner->chunks, *next; chunk; chunk = next) {
		next = chunk->next;
		chunk->next = idle_chunks;
		idle_chunks = chunk;
	}
	__real_free(owner);
}

struct owner *owner_switch(struct owner *owner)
{
	struct owner *before = current == &world ? NULL : current;
	current = owner ? owner : &world;
	return before;
}

bool owner_is_process(void)
{
	return current != &world;
}

/* --- blocks ------------------------------------------------------------------------ */

static size_t class_of(size_t size)
{
	return (size + STEP - 1) / STEP;
}

static void begin_chunk(struct owner *owner)
{
	struct chunk *chunk = idle_chunks;
	if (chunk)
		idle_chunks = chunk->next;
	else if (!(chunk = __real_malloc(sizeof(*chunk))))
		abort();
	chunk->next = owner->chunks;
	owner->chunks = chunk;
	owner->rest = chunk->bytes;
	owner->rest_size = CHUNK_BYTES;
}

static struct block *take_small(size_t class, struct owner *owner)
{
	struct free_block *free_block = owner->free[class];
	if (free_block) {
		owner->free[class] = free_block->next;
		return &free_block->block;
	}
	size_t needed = sizeof(struct block) + class * STEP;
	if (needed > owner->rest_size)
		begin_chunk(owner);
	struct block *block = (struct block *)(void *)owner->rest;
	owner->rest += needed;
	owner->rest_size -= needed;
	return block;
}

static struct large_block *large_of(struct block *block)
{
	return (struct large_block *)(void *)((char *)block - offsetof(struct large_block, block));
}

static struct block *take_large(struct large_block *old, size_t size, struct owner *owner)
{
	struct large_block *large = __real_realloc(old, sizeof(*large) + size);
	if (!large)
		abort(); /* the product does the same */
	if (!old) {
		large->next = owner->large.next;
		large->previous = &owner->large;
	}
	large->next->previous = large->previous->next = large;
	return &large->block;
}

static bool is_small(size_t size)
{
	return size <= SMALL_MAXIMUM && SMALL_MAXIMUM > 0;
}

static void *take(size_t size, struct owner *owner)
{
	if (size == 0)
		size = 1;
	struct block *block = is_small(size) ? take_small(class_of(size), owner) : take_large(NULL, size, owner);
	block->owner = owner;
	block->size = size;
	return block + 1;
}

static void give_back(struct block *block)
{
	if (is_small(block->size)) {
		struct free_block *free_block = (struct free_block *)(void *)block;
		struct free_block **list = &block->owner->free[class_of(block->size)];
		free_block->next = *list;
		*list = free_block;
		return;
	}
	struct large_block *large = large_of(block);
	large->next->previous = large->previous;
	large->previous->next = large->next;
	__real_free(large);
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
	if (!old)
		return take(size, owner);
	struct block *block = (struct block *)old - 1;
	if (size && !is_small(block->size) && !is_small(size)) {
		block = take_large(large_of(block), size, block->owner);
		block->size = size;
		return block + 1;
	}
	if (size && is_small(block->size) && class_of(size) == class_of(block->size)) {
		block->size = size;
		return old;
	}
	void *new = take(size, block->owner);
	memcpy(new, old, size < block->size ? size : block->size);
	give_back(block);
	return new;
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
	if (pointer)
		give_back((struct block *)pointer - 1);
}

void *owner_world_malloc(size_t size)
{
	return take(size, &world);
}

void *owner_world_calloc(size_t count, size_t size)
{
	return take_zeroed(count, size, &world);
}

void *owner_world_realloc(void *old, size_t size)
{
	return grow(old, size, &world);
}

void *owner_world_reallocarray(void *old, size_t count, size_t size)
{
	return grow_array(old, count, size, &world);
}

char *owner_world_strdup(const char *string)
{
	return copy(string, &world);
}

void owner_teach_jansson(void)
{
	mallopt(M_MMAP_THRESHOLD, 32 << 20); /* pages that are there stay there */
	mallopt(M_TRIM_THRESHOLD, 256 << 20);
	json_set_alloc_funcs(__wrap_malloc, __wrap_free);
	json_object_seed(1); /* the same order of buckets in every run */
}
