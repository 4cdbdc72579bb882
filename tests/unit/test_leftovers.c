#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "audit/leftovers.h"
#include "base/memory.h"
#include "base/text.h"

#define OURS 100 /* the server */
#define IPV4 11
#define IPV6 12

static void collect(void *data, const char *what)
{
	struct text *text = data;
	text_addf(text, "%s; ", what);
}

static void check(enum leftover_kind kind, const struct observed *before, const struct observed *after,
		  const char *expected, size_t count)
{
	const struct record record = { .id = "abc123",
				       .server_name = "cc-abc123",
				       .server_id = OURS,
				       .primary_ipv4_id = IPV4,
				       .primary_ipv6_id = IPV6 };
	AUTO_TEXT struct text found = TEXT_INIT(4096);
	assert_int_equal(leftovers_find(kind, &record, 77, before, after, collect, &found), count);
	assert_string_equal(text_string(&found), expected);
}

static void finds_servers_that_are_ours(void **state)
{
	struct cloud_server old[] = { { .id = 1, .name = "cc-abc123" } };
	struct cloud_server now[] = { { .id = 1, .name = "cc-abc123" },
				      { .id = 2, .name = "other", .labels = { .instance = "def456" } },
				      { .id = 3, .name = "renamed", .labels = { .instance = "abc123" } },
				      { .id = OURS, .name = "unlabelled" } };
	struct observed before = { .servers = old, .server_count = 1 };
	struct observed after = { .servers = now, .server_count = 4 };
	(void)state;
	check(LEFTOVER_SERVER, &before, &after, "server 3 (renamed); server 100 (unlabelled); ", 4);
	check(LEFTOVER_SERVER, &after, &before, "", 1);
}

static void finds_addresses_that_were_ours_or_are_nobodys(void **state)
{
	struct cloud_primary_ip old[] = { { .id = 1, .ip = "1.1.1.1" } };
	struct cloud_primary_ip now[] = { { .id = 1, .ip = "1.1.1.1" },
					  { .id = 2, .ip = "2.2.2.2", .assignee = 5 },
					  { .id = 3, .ip = "3.3.3.3" },
					  { .id = 4, .ip = "4.4.4.4", .assignee = OURS },
					  { .id = IPV4, .ip = "5.5.5.5", .assignee = 5 },
					  { .id = IPV6, .ip = "2001:db8::/64" } };
	struct observed before = { .primary_ips = old, .primary_ip_count = 1 };
	struct observed after = { .primary_ips = now, .primary_ip_count = 6 };
	(void)state;
	check(LEFTOVER_PRIMARY_IP, &before, &after,
	      "primary IP 3 (3.3.3.3); primary IP 4 (4.4.4.4); primary IP 11 (5.5.5.5); primary IP 12 "
	      "(2001:db8::/64); ",
	      6);
}

static void finds_what_is_new_of_all_else(void **state)
{
	struct cloud_ssh_key keys[] = { { .id = 1, .name = "old" }, { .id = 2, .name = "new" } };
	struct cloud_firewall firewalls[] = { { .id = 1, .name = "old" },
					      { .id = 77, .name = "isolation" },
					      { .id = 3, .name = "new" } };
	struct cloud_snapshot snapshots[] = { { .id = 1, .description = "old" }, { .id = 2, .description = "new" } };
	struct observed before = { .ssh_keys = keys,
				   .ssh_key_count = 1,
				   .firewalls = firewalls,
				   .firewall_count = 1,
				   .snapshots = snapshots,
				   .snapshot_count = 1 };
	struct observed after = { .ssh_keys = keys,
				  .ssh_key_count = 2,
				  .firewalls = firewalls,
				  .firewall_count = 3,
				  .snapshots = snapshots,
				  .snapshot_count = 2 };
	(void)state;
	check(LEFTOVER_SSH_KEY, &before, &after, "SSH key 2 (new); ", 2);
	check(LEFTOVER_FIREWALL, &before, &after, "firewall 3 (new); ", 3);
	check(LEFTOVER_SNAPSHOT, &before, &after, "snapshot 2 (new); ", 2);
	check(LEFTOVER_SNAPSHOT, &after, &after, "", 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_servers_that_are_ours),
		cmocka_unit_test(finds_addresses_that_were_ours_or_are_nobodys),
		cmocka_unit_test(finds_what_is_new_of_all_else),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
