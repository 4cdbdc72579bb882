#ifndef SIM_CORE_RATE_LIMIT_H
#define SIM_CORE_RATE_LIMIT_H
/* A bucket of `limit` requests that fills again evenly within an hour. */
#include <stdbool.h>
#include <stdint.h>

struct rate_limit {
	int64_t limit;
	int64_t level; /* in 1/3,600,000 of a request, so that a millisecond refills exactly `limit` */
	int64_t updated_ms;
};

void rate_limit_init(struct rate_limit *bucket, int64_t limit, int64_t now_ms); /* full */
bool rate_limit_take(struct rate_limit *bucket, int64_t now_ms);                /* false: empty */
int64_t rate_limit_remaining(const struct rate_limit *bucket);                  /* whole requests */
int64_t rate_limit_reset(const struct rate_limit *bucket); /* unix seconds at which it is full again */
#endif
