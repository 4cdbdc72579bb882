#ifndef DRILL_READ_ONCE_H
#define DRILL_READ_ONCE_H
/*
 * JSON that was read before in a life is not read again: each sweep finds nearly the state and
 * the answers of the one before, and to parse them takes most of the time of a drill. The
 * linker sends json_loadb() here. Trees that come back while a process runs are shared and
 * live as long as the life; nobody changes a tree that was read.
 */
#include <jansson.h>
#include <stddef.h>

/* As json_parse(), from the world: the tree is not to be released, and is the same for the same bytes. NULL: it is no
 * JSON. */
const json_t *read_once(const char *bytes, size_t length);

struct world;
/* The state as it lies on the disk. NULL: there is none that can be read. */
const json_t *read_state(const struct world *world);

/* The end of a life. */
void read_once_forget(void);
#endif
