/* Whose machine had an address, and when. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/tenancy.h"
#include "base/text.h"
#include "base/timestamp.h"

/* One instance: created at `from`, its delete confirmed at `until` (0: not yet). */
static void tell(struct past *past, const char *id, const char *ip, const char *ipv6, int64_t from, int64_t until)
{
	char sent[TIMESTAMP_SIZE], confirmed[TIMESTAMP_SIZE];
	timestamp_format(from, sent);
	timestamp_format(until, confirmed);
	json_t *set = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "instanceId", id, "nonce", id, "email", id,
				"serverIp", ip, "serverIpv6", ipv6, "createSentAt", sent);
	struct history_line line = { from - 10, 1, 0, "", id, "requested", "", set };
	past_add(past, &line);
	json_decref(set);
	if (!until)
		return;
	set = json_pack("{s:s}", "deleteConfirmedAt", confirmed);
	line = (struct history_line){ until + 10, 2, 0, "", id, "deleted", "", set };
	past_add(past, &line);
	json_decref(set);
}

static const char *who(const struct past *past, const char *address, int64_t at)
{
	static char names[256];
	struct tenancy *tenancies;
	struct error error = ERROR_INIT;
	size_t count;
	names[0] = '\0';
	if (tenancy_list(past, address, at, &tenancies, &count, &error) < 0)
		return error.kind == ERROR_REFUSED ? "refused" : "?";
	for (size_t i = 0; i < count; i++)
		snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s%s", i ? " " : "",
			 tenancies[i].life->instance);
	free(tenancies);
	return names;
}

static void test_addresses_and_times(void **state)
{
	(void)state;
	struct past past = PAST_INIT;
	tell(&past, "aaaaaa", "192.0.2.7", "2001:db8:0:1::/64", 1000, 2000);
	tell(&past, "bbbbbb", "192.0.2.8", "2001:db8:0:2::/64", 1000, 0);
	tell(&past, "cccccc", "192.0.2.7", "2001:db8:0:3::/64", 3000, 0);
	tell(&past, "dddddd", "", "", 3000, 0); /* never got one */
	static const struct {
		const char *address;
		int64_t at;
		const char *found;
	} rows[] = {
		{ "192.0.2.7", -1, "aaaaaa cccccc" },
		{ "192.0.2.8", -1, "bbbbbb" },
		{ "192.0.2.9", -1, "" },
		{ "192.0.2.7", 999, "" },
		{ "192.0.2.7", 1000, "aaaaaa" },
		{ "192.0.2.7", 2000, "aaaaaa" },
		{ "192.0.2.7", 2001, "" },
		{ "192.0.2.7", 3000, "cccccc" },
		{ "192.0.2.7", 9999999999, "cccccc" },
		{ "2001:db8:0:2::", -1, "bbbbbb" },
		{ "2001:db8:0:2::1", -1, "bbbbbb" },
		{ "2001:0DB8:0:2:ffff:ffff:ffff:ffff", -1, "bbbbbb" },
		{ "2001:db8:0:4::1", -1, "" },
		{ "2001:db8:0:2::1", 999, "" },
		{ "::ffff:192.0.2.8", -1, "bbbbbb" },
		{ "c000:207::", -1, "" }, /* begins with the bytes of 192.0.2.7 */
		{ "::", -1, "" },
		{ "0.0.0.0", -1, "" },
		{ "192.0.2", -1, "refused" },
		{ "192.0.2.7/32", -1, "refused" },
		{ "2001:db8:0:2::/64", -1, "refused" },
		{ "example.com", -1, "refused" },
		{ "", -1, "refused" },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *found = who(&past, rows[i].address, rows[i].at);
		if (strcmp(found, rows[i].found) != 0)
			fail_msg("'%s' at %lld: '%s' instead of '%s'", rows[i].address, (long long)rows[i].at, found,
				 rows[i].found);
	}
	past_release(&past);
}

/* What the end is taken from: the delete's confirmation, the proof, or the last line. */
static void test_ends(void **state)
{
	(void)state;
	struct past past = PAST_INIT;
	struct error error = ERROR_INIT;
	struct tenancy *tenancies;
	size_t count;
	tell(&past, "aaaaaa", "192.0.2.7", "", 1000, 0);
	json_t *set = json_object();
	struct history_line line = { 5000, 3, 0, "", "aaaaaa", "forgotten", "", set };
	past_add(&past, &line);
	assert_int_equal(tenancy_list(&past, "192.0.2.7", -1, &tenancies, &count, &error), 0);
	assert_int_equal(tenancies[0].from, 1000);
	assert_int_equal(tenancies[0].until, 5000);
	free(tenancies);
	json_object_set_new(set, "deletedAt", json_string("1970-01-01T01:10:00Z"));
	past_add(&past, &line);
	assert_int_equal(tenancy_list(&past, "192.0.2.7", -1, &tenancies, &count, &error), 0);
	assert_int_equal(tenancies[0].until, 4200);
	free(tenancies);
	json_object_set_new(set, "deleteConfirmedAt", json_string("1970-01-01T01:00:00Z"));
	past_add(&past, &line);
	assert_int_equal(tenancy_list(&past, "192.0.2.7", -1, &tenancies, &count, &error), 0);
	assert_int_equal(tenancies[0].until, 3600);
	free(tenancies);
	json_decref(set);
	past_release(&past);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_addresses_and_times), cmocka_unit_test(test_ends) };
	return cmocka_run_group_tests_name("tenancy", tests, NULL, NULL);
}
