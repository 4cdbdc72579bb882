/* fleet/server_limit: how many servers a fleet may have, and what could be ended. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "fleet/server_limit.h"

static void counts_what_is_not_proven_gone(void **state)
{
	struct record records[] = {
		{ .id = "aaaaa1", .expires_at = 1800003600 },
		{ .id = "aaaaa2", .expires_at = 1800000000 },
		{ .id = "aaaaa3", .goal = GOAL_GONE, .expires_at = 1 },
		{ .id = "aaaaa4", .goal = GOAL_GONE, .deleted_at = 1800000000 },
	};
	struct snapshot snapshot = { .records = records, .count = ARRAY_LENGTH(records) };
	struct error error = ERROR_INIT;
	(void)state;
	assert_int_equal(server_limit_check(&snapshot, 0, &error), 0);
	assert_int_equal(server_limit_check(&snapshot, 4, &error), 0);
	for (int64_t maximum = 1; maximum <= 3; maximum++)
		assert_int_equal(server_limit_check(&snapshot, maximum, &error), -1);
	assert_int_equal(error.kind, ERROR_REFUSED);
	assert_non_null(strstr(error.message, "the fleet has 3 servers and max-servers is 3: 'aaaaa3' is being ended, "
					      "'aaaaa2' is paid until 2027-01-15T08:00:00Z, 'aaaaa1' is paid until "
					      "2027-01-15T09:00:00Z; end one with 'ccc deprovision ID'"));
}

static void names_three(void **state)
{
	struct record records[] = {
		{ .id = "aaaaa1" },
		{ .id = "aaaaa2", .expires_at = 9 },
		{ .id = "aaaaa3", .failed_at = 7 },
		{ .id = "aaaaa4", .expires_at = 8 },
	};
	struct snapshot snapshot = { .records = records, .count = ARRAY_LENGTH(records) };
	struct error error = ERROR_INIT;
	(void)state;
	assert_int_equal(server_limit_check(&snapshot, 4, &error), -1);
	assert_non_null(strstr(error.message,
			       ": 'aaaaa3' failed and is kept for a look, 'aaaaa4' is paid until "
			       "1970-01-01T00:00:08Z, 'aaaaa2' is paid until 1970-01-01T00:00:09Z; end"));
	snapshot.count = 1;
	assert_int_equal(server_limit_check(&snapshot, 1, &error), -1);
	assert_non_null(
		strstr(error.message, "has 1 server and max-servers is 1: 'aaaaa1' is not handed over yet; end"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_what_is_not_proven_gone),
		cmocka_unit_test(names_three),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
