#ifndef FUZZ_PROPERTY_H
#define FUZZ_PROPERTY_H
/* What the targets share. A property that does not hold ends the run, and libFuzzer
 * keeps the bytes that broke it. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void property_check(int holds, const char *property, const char *file, int line)
{
	if (holds)
		return;
	fprintf(stderr, "%s:%d: this does not hold: %s\n", file, line, property);
	abort();
}

#define require(property) property_check((property) ? 1 : 0, #property, __FILE__, __LINE__)
#endif
