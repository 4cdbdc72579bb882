#ifndef SYSTEM_CLOCK_H
#define SYSTEM_CLOCK_H
#include <stdint.h>

#include "system/system.h"

int64_t clock_now(struct system *system); /* seconds since 1970, UTC; may step */
int64_t
clock_monotonic_ms(struct system *system); /* never steps, goes on in suspend; only differences mean something */
#endif
