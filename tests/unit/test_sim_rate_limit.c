/* The bucket of requests: size, refill, and what the headers say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/rate_limit.h"

#define START_MS INT64_C(1767225600000)

static void take(struct rate_limit *bucket, int count, int64_t now_ms)
{
	for (int i = 0; i < count; i++)
		assert_true(rate_limit_take(bucket, now_ms));
}

static void test_it_is_as_large_as_its_limit(void **state)
{
	struct rate_limit bucket;

	(void)state;
	rate_limit_init(&bucket, 3600, START_MS);
	assert_int_equal(rate_limit_remaining(&bucket), 3600);
	assert_int_equal(rate_limit_reset(&bucket), START_MS / 1000);
	take(&bucket, 3600, START_MS);
	assert_int_equal(rate_limit_remaining(&bucket), 0);
	assert_false(rate_limit_take(&bucket, START_MS));
	assert_int_equal(rate_limit_reset(&bucket), START_MS / 1000 + 3600);
}

static void test_one_more_each_second(void **state)
{
	struct rate_limit bucket;

	(void)state;
	rate_limit_init(&bucket, 3600, START_MS);
	take(&bucket, 3600, START_MS);
	assert_false(rate_limit_take(&bucket, START_MS + 999));
	assert_true(rate_limit_take(&bucket, START_MS + 1000));
	assert_false(rate_limit_take(&bucket, START_MS + 1000));
	take(&bucket, 10, START_MS + 11000);
	assert_false(rate_limit_take(&bucket, START_MS + 11000));
}

static void test_a_small_limit_refills_without_losing_parts(void **state)
{
	struct rate_limit bucket;
	int64_t now = START_MS;

	(void)state;
	rate_limit_init(&bucket, 7, START_MS);
	take(&bucket, 7, now);
	/* 7 an hour is one in 514,285.7 ms; asked every millisecond near that. */
	assert_false(rate_limit_take(&bucket, now += 514285));
	assert_true(rate_limit_take(&bucket, now + 1));
}

static void test_it_never_holds_more(void **state)
{
	struct rate_limit bucket;

	(void)state;
	rate_limit_init(&bucket, 5, START_MS);
	take(&bucket, 1, START_MS + INT64_C(100) * 365 * 86400000);
	assert_int_equal(rate_limit_remaining(&bucket), 4);
}

static void test_a_clock_set_back_gives_and_takes_nothing(void **state)
{
	struct rate_limit bucket;

	(void)state;
	rate_limit_init(&bucket, 2, START_MS);
	take(&bucket, 1, START_MS);
	take(&bucket, 1, START_MS - 3600000);
	assert_false(rate_limit_take(&bucket, START_MS - 3600000));
	assert_false(rate_limit_take(&bucket, START_MS));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_is_as_large_as_its_limit),
		cmocka_unit_test(test_one_more_each_second),
		cmocka_unit_test(test_a_small_limit_refills_without_losing_parts),
		cmocka_unit_test(test_it_never_holds_more),
		cmocka_unit_test(test_a_clock_set_back_gives_and_takes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
