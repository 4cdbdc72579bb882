#include "base/memory.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *or_abort(void *pointer)
{
	if (!pointer)
		abort();
	return pointer;
}

void *memory_new(size_t size)
{
	return or_abort(calloc(1, size ? size : 1));
}

void *memory_grow(void *old, size_t count, size_t size)
{
	return or_abort(reallocarray(old, count, size));
}

char *memory_copy_string(const char *string)
{
	return string ? or_abort(strdup(string)) : NULL;
}

void memory_wipe(void *secret, size_t size)
{
	if (secret)
		explicit_bzero(secret, size);
}

void memory_free_pointer(void *pointer_to_pointer)
{
	void *pointer;
	memcpy(&pointer, pointer_to_pointer, sizeof(pointer));
	free(pointer);
}

void memory_close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}
