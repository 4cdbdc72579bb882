#include "system/clock.h"

#include <time.h>

int64_t clock_now(struct system *system)
{
	struct timespec now;
	(void)system;
	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec;
}

int64_t clock_monotonic_ms(struct system *system)
{
	struct timespec now;
	(void)system;
	clock_gettime(CLOCK_BOOTTIME, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}
