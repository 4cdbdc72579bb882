#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H
/*
 * Allocation that aborts when memory is gone (every state change is atomic, so
 * dying there loses nothing), and the few clean-up attributes of this code.
 */
#include <stddef.h>

void *memory_new(size_t size);                           /* zeroed */
void *memory_grow(void *old, size_t count, size_t size); /* realloc, overflow checked */
char *memory_copy_string(const char *string);            /* NULL gives NULL */
void memory_wipe(void *secret, size_t size);             /* explicit_bzero */

void memory_free_pointer(void *pointer_to_pointer); /* for AUTO_FREE */
void memory_close_fd(int *fd);                      /* for AUTO_CLOSE; -1 is ignored */

#define AUTO_FREE           __attribute__((cleanup(memory_free_pointer)))
#define AUTO_CLOSE          __attribute__((cleanup(memory_close_fd)))
#define ARRAY_LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#endif
