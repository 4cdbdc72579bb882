/* A machine adopted from its labels is left alone until the operator's word, and ends like any other then. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/text.h"
#include "instance/adoption.h"
#include "instance/status.h"
#include "lifecycle/steps.h"
#include "lifecycle/sweep.h"

#define MADE   INT64_C(1800000000)
#define LATEST (MADE + 5 * 3600)

static struct record adopted(void)
{
	struct record record;
	record_init(&record);
	text_copy(record.id, sizeof(record.id), "abc123");
	record.created_at = record.create_sent_at = MADE;
	record.server_id = 42;
	record.expires_at = record.label_expires_at = LATEST;
	record.adopted_at = MADE + 3600;
	return record;
}

static void test_time_does_nothing_to_it(void **state)
{
	(void)state;
	struct record record = adopted();
	assert_true(adoption_is_open(&record));
	assert_string_equal(status_of(&record, LATEST + 1), "adopted");
	assert_null(sweep_reason(&record, LATEST + 365 * 86400));
	assert_false(sweep_is_due(&record, LATEST + 365 * 86400));
	assert_true(status_is_settled(&record));
	record.goal = GOAL_GONE; /* the operator may end it at any time */
	assert_string_equal(status_of(&record, MADE), "deleting");
	assert_true(sweep_is_due(&record, MADE));
}

static void test_accepted_it_ends_in_time(void **state)
{
	(void)state;
	struct record record = adopted();
	adoption_accept(&record, MADE + 7200);
	assert_false(adoption_is_open(&record));
	assert_true(record.verified_at <= record.expires_at);
	assert_string_equal(status_of(&record, LATEST - 1), "running");
	assert_null(sweep_reason(&record, LATEST - 1));
	assert_string_equal(sweep_reason(&record, LATEST), "expired");
}

/* Nothing is built or installed on it again: only label and box may have something to learn. */
static void test_accepted_it_is_only_announced(void **state)
{
	(void)state;
	struct record record = adopted();
	adoption_accept(&record, MADE + 7200);
	for (size_t i = 0; i < STEP_COUNT; i++)
		if (steps[i].goal == GOAL_RUNNING)
			assert_true(steps[i].done(&record));
	record.expires_at += 3600;
	for (size_t i = 0; i < STEP_COUNT; i++)
		if (steps[i].goal == GOAL_RUNNING)
			assert_int_equal(steps[i].done(&record), i != STEP_ANNOUNCE);
	record.label_expires_at = record.expires_at; /* the box can't be told: its host key is unknown */
	assert_true(steps[STEP_ANNOUNCE].done(&record));
	text_copy(record.host_key, sizeof(record.host_key), "ssh-ed25519 AAAA");
	assert_false(steps[STEP_ANNOUNCE].done(&record));
}

/* What is unknown is written as such: a state with it can be read again. */
static void test_its_record_can_be_read_again(void **state)
{
	(void)state;
	struct record record = adopted(), again;
	struct error error = ERROR_INIT;
	text_copy(record.nonce, sizeof(record.nonce), "n1");
	json_t *object = record_to_json(&record);
	if (record_from_json("abc123", object, &again, &error) < 0)
		fail_msg("%s", error.message);
	assert_int_equal(again.adopted_at, record.adopted_at);
	assert_int_equal(again.expires_at, LATEST);
	record_release(&again);
	json_decref(object);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_time_does_nothing_to_it),
		cmocka_unit_test(test_accepted_it_ends_in_time),
		cmocka_unit_test(test_accepted_it_is_only_announced),
		cmocka_unit_test(test_its_record_can_be_read_again),
	};
	return cmocka_run_group_tests_name("adoption", tests, NULL, NULL);
}
