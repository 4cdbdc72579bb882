/* The history added up, amounts, and records that come back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "audit/past.h"
#include "audit/rebuild.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "instance/status.h"

static void tell(struct past *past, int64_t at, int64_t revision, const char *event, const char *set)
{
	json_t *members = json_loads(set, 0, NULL);
	assert_non_null(members);
	const struct history_line line = { at, revision, 0, "", "abc123", event, "", members };
	past_add(past, &line);
	json_decref(members);
}

#define FIRST                                                                                                          \
	"{\"instanceId\": \"abc123\", \"email\": \"a@example.com\", \"serverName\": \"cc-abc123\", \"serverIp\": "     \
	"\"\", \"serverType\": \"cpx21\", \"createdAt\": \"2026-01-21T10:00:00Z\", \"goal\": \"running\", "            \
	"\"nonce\": \"n1\", \"paidSeconds\": 3600, \"expiresAt\": \"\", \"status\": \"requested\"}"

static void tell_a_life(struct past *past)
{
	tell(past, 100, 1, "requested", FIRST);
	tell(past, 110, 2, "create-sent", "{\"createSentAt\": \"1970-01-01T00:01:50Z\", \"missingAt\": \"x\"}");
	tell(past, 120, 3, "create-sent", "{\"createSentAt\": \"1970-01-01T00:02:00Z\", \"missingAt\": null}");
	tell(past, 130, 4, "created", "{\"serverId\": 42, \"serverIp\": \"192.0.2.7\"}");
	tell(past, 140, 5, "deleting",
	     "{\"goal\": \"gone\", \"reason\": \"expired\", \"deletingAt\": \"1970-01-01T00:02:20Z\"}");
	tell(past, 150, 6, "deleted",
	     "{\"deleteConfirmedAt\": \"1970-01-01T00:02:30Z\", \"deletedAt\": \"1970-01-01T00:02:30Z\", \"attempts\": "
	     "3, "
	     "\"lastError\": \"e\", \"retryAt\": \"1970-01-01T00:02:30Z\", \"missingAt\": \"1970-01-01T00:02:30Z\"}");
	tell(past, 160, 7, "forgotten", "{}");
}

static void test_lines_add_up(void **state)
{
	(void)state;
	struct past past = PAST_INIT;
	assert_null(past_find_instance(&past, "abc123"));
	tell(&past, 100, 1, "requested", FIRST);
	assert_false(past_find_instance(&past, "abc123")->ended);
	past_release(&past);
	tell_a_life(&past);
	assert_int_equal(past.count, 1);
	const struct life *life = past_find_nonce(&past, "n1");
	assert_ptr_equal(life, past_find_instance(&past, "abc123"));
	assert_true(life->ended);
	assert_int_equal(life->revision, 7);
	assert_int_equal(life->began_at, 100);
	assert_int_equal(life->changed_at, 160);
	assert_int_equal(life->sent_at, 110); /* the first time: the server may be as old */
	assert_int_equal(life_integer(life, "serverId"), 42);
	assert_string_equal(life_string(life, "goal"), "gone");
	assert_string_equal(life_string(life, "builtType"), "");
	assert_null(past_find_nonce(&past, ""));
	assert_null(past_find_nonce(&past, "n2"));
	past_release(&past);
}

/* The same six digits again, years later, are another instance; the same nonce is the same one. */
static void test_lives_of_one_id(void **state)
{
	(void)state;
	struct past past = PAST_INIT;
	tell_a_life(&past);
	tell(&past, 900, 8, "leaked", FIRST);
	assert_int_equal(past.count, 1);
	assert_false(past.lives[0].ended);
	assert_string_equal(life_string(&past.lives[0], "goal"), "running"); /* nothing stays of the old members */
	assert_int_equal(life_integer(&past.lives[0], "serverId"), 0);
	assert_int_equal(past.lives[0].began_at, 100);
	AUTO_JSON json_t *other = json_loads(FIRST, 0, NULL);
	json_object_set_new(other, "nonce", json_string("n2"));
	AUTO_FREE char *text = json_format(other, false);
	tell(&past, 1000, 1, "requested", text);
	assert_int_equal(past.count, 2);
	assert_ptr_equal(past_find_nonce(&past, "n1"), &past.lives[0]);
	assert_ptr_equal(past_find_nonce(&past, "n2"), &past.lives[1]);
	assert_ptr_equal(past_find_instance(&past, "abc123"), &past.lives[1]);
	past_release(&past);
}

static struct cloud_server server(void)
{
	return (struct cloud_server){ .id = 42,
				      .name = "cc-abc123",
				      .ipv4 = "192.0.2.7",
				      .ipv6 = "2001:db8::/64",
				      .ipv4_id = 11,
				      .ipv6_id = 12,
				      .type = "cx33",
				      .location = "fsn1",
				      .created = 115,
				      .labels = { "ccc", "0123abcd", "abc123", "n1", "1800018000" } };
}

static void test_adopted(void **state)
{
	(void)state;
	struct cloud_server seen = server();
	struct past past = PAST_INIT;
	struct record record;
	rebuild_adopted(&seen, NULL, false, 1000, &record);
	assert_string_equal(record.id, "abc123");
	assert_string_equal(record.nonce, "n1");
	assert_string_equal(record.server_name, "cc-abc123");
	assert_string_equal(record.server_ip, "192.0.2.7");
	assert_string_equal(record.server_ipv6, "2001:db8::/64");
	assert_int_equal(record.primary_ipv4_id, 11);
	assert_int_equal(record.server_id, 42);
	assert_int_equal(record.created_at, 115);
	assert_int_equal(record.expires_at, 1800018000);
	assert_int_equal(record.label_expires_at, 1800018000);
	assert_int_equal(record.adopted_at, 1000);
	assert_int_equal(record.accepted_at, 0);
	assert_int_equal(record.verified_at, 0);
	assert_int_equal(record.goal, GOAL_RUNNING);
	assert_int_equal(record.revision, 0);
	static const char *const bad[] = { "", "soon", "-1", "0", "253402300800", "99999999999999999999" };
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		text_copy(seen.labels.expires, sizeof(seen.labels.expires), bad[i]);
		rebuild_adopted(&seen, NULL, false, 1000, &record);
		assert_int_equal(record.expires_at, 0);
	}
	tell_a_life(&past); /* of an earlier instance with this id: its lines keep their revisions */
	rebuild_adopted(&seen, &past.lives[0], false, 1000, &record);
	assert_int_equal(record.revision, 7);
	assert_int_equal(record.suspended_at, 0);
	rebuild_adopted(&seen, NULL, true, 1000, &record); /* it was suspended, and stays so */
	assert_int_equal(record.suspended_at, 1000);
	assert_int_equal(record.isolation_began_at, 1000);
	assert_int_equal(record.isolated_at, 1000);
	assert_string_equal(status_of(&record, 1001), "suspended");
	past_release(&past);
}

static void test_leaked(void **state)
{
	(void)state;
	struct cloud_server seen = server();
	struct past past = PAST_INIT;
	struct record record;
	struct error error = ERROR_INIT;
	tell_a_life(&past);
	seen.id = 43;
	assert_int_equal(rebuild_leaked(&past.lives[0], &seen, &record, &error), 0);
	assert_string_equal(record.email, "a@example.com");
	assert_int_equal(record.server_id, 43);
	assert_int_equal(record.revision, 7);
	assert_int_equal(record.goal, GOAL_GONE);
	assert_string_equal(record.reason, "leaked");
	/* nothing counts as done: it is decided, deleted and proven all over */
	assert_int_equal(record.deleting_at, 0);
	assert_int_equal(record.missing_at, 0);
	assert_int_equal(record.delete_confirmed_at, 0);
	assert_int_equal(record.deleted_at, 0);
	assert_int_equal(record.attempts, 0);
	assert_int_equal(record.retry_at, 0);
	assert_true(record.create_sent_at != 0);
	record_release(&record);
	past_release(&past);
}

static void test_a_life_that_is_no_record(void **state)
{
	(void)state;
	struct past past = PAST_INIT;
	struct record record;
	struct error error = ERROR_INIT;
	tell(&past, 100, 1, "requested", "{\"instanceId\": \"abc123\", \"nonce\": \"n1\"}");
	assert_int_equal(life_record(&past.lives[0], &record, &error), -1);
	assert_non_null(strstr(error.message, "the history: instance 'abc123'"));
	past_release(&past);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines_add_up),
		cmocka_unit_test(test_lives_of_one_id),
		cmocka_unit_test(test_adopted),
		cmocka_unit_test(test_leaked),
		cmocka_unit_test(test_a_life_that_is_no_record),
	};
	return cmocka_run_group_tests_name("past", tests, NULL, NULL);
}
