#ifndef DRILL_OWNER_H
#define DRILL_OWNER_H
/*
 * Whose memory is whose. A virtual process that is killed frees nothing itself, so
 * every block that the product's code allocates is kept in the list of the process
 * that runs, and goes with it. The linker sends malloc and its kin here (--wrap);
 * blocks that belong to the world (the disk, the cloud, messages under way) are
 * taken while no process owns.
 */
#include <stdbool.h>
#include <stddef.h>

struct owner;

struct owner *owner_new(void);
void owner_free(struct owner *owner); /* and every block that it still has */

/* From now on blocks belong to this one (NULL: the world's). Gives the one before. */
struct owner *owner_switch(struct owner *owner);
bool owner_is_process(void); /* they don't belong to the world */

/* For code that belongs to the world whoever calls it: see world_memory.h. */
void *owner_world_malloc(size_t size);
void *owner_world_calloc(size_t count, size_t size);
void *owner_world_realloc(void *old, size_t size);
void *owner_world_reallocarray(void *old, size_t count, size_t size);
char *owner_world_strdup(const char *string);

/* jansson is a shared library, out of the linker's reach: it is told. */
void owner_teach_jansson(void);
#endif
