#ifndef INSTANCE_SIZE_H
#define INSTANCE_SIZE_H
/*
 * The sizes that a user can buy: promises of at least so much, named after the
 * Hetzner types they were first sold as. Which type is ordered in the end is
 * chosen from what is on sale (fleet/candidates.h).
 */
#include <stddef.h>

#include "base/error.h"

#define SIZE_DEFAULT "cpx21"
#define SIZES_COUNT  3

struct size {
	const char *name;
	int cores;
	int memory_gb;
	int disk_gb;
};

const struct size *size_at(size_t index);       /* smallest first; NULL past the end */
const struct size *size_find(const char *name); /* NULL: there is none */

/* The same for what a user typed: ERROR_REFUSED lists the choices. */
int size_parse(const char *name, const struct size **ret, struct error *err);
#endif
