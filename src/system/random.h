#ifndef SYSTEM_RANDOM_H
#define SYSTEM_RANDOM_H
#include <stddef.h>
#include <stdint.h>

#include "system/system.h"

void random_bytes(struct system *system, void *ret, size_t size); /* getrandom(2); aborts if the kernel has none */
void random_hex(struct system *system, char *ret, size_t digits); /* `digits` lower-case digits and a NUL */
uint64_t random_below(struct system *system, uint64_t bound);     /* 0 <= result < bound; bound > 0 */
#endif
