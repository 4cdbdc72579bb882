#ifndef DRILL_WORLD_MEMORY_H
#define DRILL_WORLD_MEMORY_H
/* Included by force before the drill's own files that keep memory for the world,
 * although a process is running: the virtual disk. */
#include <stdlib.h>
#include <string.h>

#include "owner.h"

#define malloc(size)                   owner_world_malloc(size)
#define calloc(count, size)            owner_world_calloc(count, size)
#define realloc(old, size)             owner_world_realloc(old, size)
#define reallocarray(old, count, size) owner_world_reallocarray(old, count, size)
#define strdup(string)                 owner_world_strdup(string)
#endif
