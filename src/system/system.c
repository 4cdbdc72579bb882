#include "system/system.h"

#include <stdlib.h>

#include "base/memory.h"

/* The real machine needs no memory of its own; virtual ones do. */
struct system {
	char unused;
};

struct system *system_new(void)
{
	return memory_new(sizeof(struct system));
}

void system_free(struct system *system)
{
	free(system);
}
