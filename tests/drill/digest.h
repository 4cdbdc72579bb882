#ifndef DRILL_DIGEST_H
#define DRILL_DIGEST_H
/* A number that tells texts apart, fast and the same in every run; of no use against somebody who means harm. */
#include <stddef.h>
#include <stdint.h>

uint64_t digest_of(const char *bytes, size_t length);
#endif
