#include "system/random.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

void random_bytes(struct system *system, void *ret, size_t size)
{
	unsigned char *cursor = ret;
	(void)system;
	while (size > 0) {
		ssize_t got = getrandom(cursor, size, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			abort();
		cursor += got;
		size -= (size_t)got;
	}
}

void random_hex(struct system *system, char *ret, size_t digits)
{
	static const char alphabet[] = "0123456789abcdef";
	for (size_t i = 0; i < digits; i++) {
		unsigned char byte;
		random_bytes(system, &byte, 1);
		ret[i] = alphabet[byte & 15];
	}
	ret[digits] = '\0';
}

uint64_t random_below(struct system *system, uint64_t bound)
{
	uint64_t value, limit = UINT64_MAX - UINT64_MAX % bound;
	do
		random_bytes(system, &value, sizeof(value));
	while (value >= limit); /* the rest would favour small results */
	return value % bound;
}
