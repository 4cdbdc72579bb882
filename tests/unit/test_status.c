/* What the facts of a record mean: the word for people, and whether something is left to do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/text.h"
#include "instance/status.h"

#define NOW INT64_C(1800000000)

/* A machine that was handed over and lacks nothing. */
static struct record running(void)
{
	struct record record;
	record_init(&record);
	record.server_id = 1;
	text_copy(record.host_key, sizeof(record.host_key), "ssh-ed25519 HOST");
	record.verified_at = NOW - 100;
	record.expires_at = record.box_expires_at = record.label_expires_at = NOW + 3600;
	record.ssh_keys = json_pack("[s, s]", "ssh-ed25519 AAAA", "ssh-ed25519 BBBB");
	record.box_ssh_keys = json_deep_copy(record.ssh_keys);
	return record;
}

static void a_machine_that_lacks_nothing_is_settled(void **state)
{
	struct record record = running();
	(void)state;
	assert_true(status_is_settled(&record));
	assert_string_equal(status_of(&record, NOW), "running");
	record.verified_at = 0;
	assert_false(status_is_settled(&record));
	record_release(&record);
}

static void an_expiry_that_was_not_told_is_left_to_do(void **state)
{
	struct record record = running();
	(void)state;
	record.expires_at += 60;
	assert_false(status_is_announced(&record));
	record.label_expires_at = record.expires_at;
	assert_false(status_is_settled(&record));
	record.box_expires_at = record.expires_at;
	assert_true(status_is_settled(&record));
	record_release(&record);
}

static void keys_that_were_not_told_are_left_to_do(void **state)
{
	struct record record = running();
	(void)state;
	json_array_remove(record.ssh_keys, 0);
	assert_false(status_keys_are_told(&record));
	assert_false(status_is_settled(&record));
	json_array_remove(record.box_ssh_keys, 0);
	assert_true(status_is_settled(&record));
	json_decref(record.box_ssh_keys);
	record.box_ssh_keys = NULL; /* nobody knows what the box takes */
	assert_false(status_is_settled(&record));
	json_decref(record.ssh_keys);
	record.ssh_keys = NULL; /* nor what it should take: a record made anew after a loss */
	assert_true(status_is_settled(&record));
	record_release(&record);
}

static void a_suspension_is_done_when_it_was_seen(void **state)
{
	struct record record = running();
	(void)state;
	record.suspended_at = record.isolation_began_at = NOW;
	assert_string_equal(status_of(&record, NOW), "suspending");
	assert_false(status_is_settled(&record));
	record.isolated_at = NOW;
	assert_string_equal(status_of(&record, NOW), "suspended");
	assert_true(status_is_settled(&record));
	record.suspended_at = record.isolated_at = 0; /* as unsuspend leaves it */
	assert_false(status_is_settled(&record));
	assert_string_equal(status_of(&record, NOW), "unsuspending");
	record.isolation_began_at = 0;
	assert_true(status_is_settled(&record));
	assert_string_equal(status_of(&record, NOW), "running");
	record_release(&record);
}

/* What can't get through must not keep sweeps busy; it comes after the suspension. The label is no secret of
 * the machine: it is raised all the same. */
static void what_a_cut_off_machine_is_to_be_told_waits(void **state)
{
	struct record record = running();
	(void)state;
	record.suspended_at = record.isolation_began_at = record.isolated_at = NOW;
	record.expires_at += 3600;
	json_array_clear(record.box_ssh_keys);
	assert_false(status_is_settled(&record));
	record.label_expires_at = record.expires_at;
	assert_true(status_is_settled(&record));
	record.suspended_at = record.isolated_at = record.isolation_began_at = 0;
	assert_false(status_is_announced(&record));
	assert_false(status_keys_are_told(&record));
	record_release(&record);
}

/* Its host key is not known, so nothing of ours may connect to it: for ever. */
static void a_machine_that_was_adopted_is_told_nothing(void **state)
{
	struct record record = running();
	(void)state;
	record.host_key[0] = '\0';
	record.expires_at = record.label_expires_at += 3600;
	json_array_clear(record.box_ssh_keys);
	assert_true(status_is_announced(&record));
	assert_true(status_keys_are_told(&record));
	record_release(&record);
}

static void what_is_over_or_ends_says_so_first(void **state)
{
	struct record record = running();
	(void)state;
	record.suspended_at = record.isolation_began_at = record.isolated_at = NOW;
	assert_string_equal(status_of(&record, NOW + 3600), "expired");
	record.goal = GOAL_GONE;
	assert_string_equal(status_of(&record, NOW), "deleting");
	assert_false(status_is_settled(&record));
	record_release(&record);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_machine_that_lacks_nothing_is_settled),
		cmocka_unit_test(an_expiry_that_was_not_told_is_left_to_do),
		cmocka_unit_test(keys_that_were_not_told_are_left_to_do),
		cmocka_unit_test(a_suspension_is_done_when_it_was_seen),
		cmocka_unit_test(what_a_cut_off_machine_is_to_be_told_waits),
		cmocka_unit_test(a_machine_that_was_adopted_is_told_nothing),
		cmocka_unit_test(what_is_over_or_ends_says_so_first),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
