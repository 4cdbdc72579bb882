#include "core/rate_limit.h"

#define REQUEST INT64_C(3600000)
#define AN_HOUR INT64_C(3600000)

void rate_limit_init(struct rate_limit *bucket, int64_t limit, int64_t now_ms)
{
	*bucket = (struct rate_limit){ .limit = limit, .level = limit * REQUEST, .updated_ms = now_ms };
}

static void refill(struct rate_limit *bucket, int64_t now_ms)
{
	int64_t elapsed = now_ms - bucket->updated_ms;

	if (elapsed < 0)
		return; /* a clock that was set back gives nothing and takes nothing */
	bucket->updated_ms = now_ms;
	bucket->level += (elapsed < AN_HOUR ? elapsed : AN_HOUR) * bucket->limit;
	if (bucket->level > bucket->limit * REQUEST)
		bucket->level = bucket->limit * REQUEST;
}

bool rate_limit_take(struct rate_limit *bucket, int64_t now_ms)
{
	refill(bucket, now_ms);
	if (bucket->level < REQUEST)
		return false;
	bucket->level -= REQUEST;
	return true;
}

int64_t rate_limit_remaining(const struct rate_limit *bucket)
{
	return bucket->level / REQUEST;
}

int64_t rate_limit_reset(const struct rate_limit *bucket)
{
	int64_t missing = bucket->limit * REQUEST - bucket->level;
	int64_t wait_ms = (missing + bucket->limit - 1) / bucket->limit;

	return (bucket->updated_ms + wait_ms + 999) / 1000;
}
