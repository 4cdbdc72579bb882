/* Started hours, and never more than the monthly price in a calendar month. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/timestamp.h"
#include "core/bill.h"
#include "core/money.h"

#define SECOND INT64_C(1000)
#define HOUR   (3600 * SECOND)
#define DAY    (24 * HOUR)

static int64_t at(const char *time)
{
	int64_t seconds = 0;

	assert_true(timestamp_parse(time, &seconds));
	return seconds * SECOND;
}

static struct bill_item item_at(int64_t start_ms)
{
	return (struct bill_item){
		.kind = "server", .id = 7, .hourly = 100, .monthly = 62400, .start_ms = start_ms, .end_ms = -1
	};
}

static void test_started_hours(void **state)
{
	struct bill_item item = item_at(at("2026-01-10T12:00:00Z"));

	(void)state;
	assert_int_equal(bill_hours(&item, item.start_ms), 1);
	assert_int_equal(bill_hours(&item, item.start_ms + HOUR), 1);
	assert_int_equal(bill_hours(&item, item.start_ms + HOUR + 1), 2);
	assert_int_equal(bill_hours(&item, item.start_ms + 48 * HOUR), 48);
	assert_int_equal(bill_amount(&item, item.start_ms + 48 * HOUR), 4800);
}

static void test_what_has_ended_costs_no_more(void **state)
{
	struct bill_item item = item_at(at("2026-01-10T12:00:00Z"));

	(void)state;
	item.end_ms = item.start_ms + 90 * 60 * SECOND;
	assert_int_equal(bill_hours(&item, item.start_ms + 100 * DAY), 2);
	assert_int_equal(bill_amount(&item, item.start_ms + 100 * DAY), 200);
}

static void test_a_month_is_capped(void **state)
{
	struct bill_item item = item_at(at("2026-01-01T00:00:00Z"));

	(void)state;
	assert_int_equal(bill_amount(&item, item.start_ms + 624 * HOUR), 62400);
	assert_int_equal(bill_amount(&item, item.start_ms + 625 * HOUR), 62400);
	assert_int_equal(bill_amount(&item, at("2026-02-01T00:00:00Z")), 62400);
	assert_int_equal(bill_amount(&item, at("2026-02-01T00:00:00Z") + 1), 62500);
	assert_int_equal(bill_amount(&item, at("2027-01-01T00:00:00Z")), 12 * 62400);
}

static void test_an_hour_over_midnight_belongs_to_the_old_month(void **state)
{
	struct bill_item item = item_at(at("2026-01-31T23:30:00Z"));

	(void)state;
	item.monthly = 100; /* each month is capped after its first hour */
	assert_int_equal(bill_amount(&item, at("2026-02-01T00:30:00Z")), 100);
	assert_int_equal(bill_amount(&item, at("2026-02-01T00:31:00Z")), 200);
	assert_int_equal(bill_amount(&item, at("2026-02-28T23:30:00Z")), 200);
	assert_int_equal(bill_amount(&item, at("2026-03-01T00:31:00Z")), 300);
}

static void test_the_report(void **state)
{
	struct bill bill = { 0 };
	struct bill_item item = item_at(at("2026-01-10T12:00:00Z"));
	const char *total;
	int64_t running;
	struct error err = ERROR_INIT;

	(void)state;
	item.hourly = MONEY_EURO / 4;
	item.monthly = 100 * MONEY_EURO;
	bill_start(&bill, &item);
	item.id = 8;
	bill_start(&bill, &item);
	bill_end(&bill, "ipv4", 7, item.start_ms + 5 * HOUR);
	bill_end(&bill, "server", 7, item.start_ms + HOUR);
	AUTO_JSON json_t *report = bill_report(&bill, item.start_ms + 3 * HOUR);
	assert_int_equal(json_get_string(report, "total", &total, &err), 0);
	assert_string_equal(total, "1.00000000");
	assert_int_equal(json_get_integer(report, "running", &running, &err), 0);
	assert_int_equal(running, 1);
	bill_release(&bill);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_started_hours),
		cmocka_unit_test(test_what_has_ended_costs_no_more),
		cmocka_unit_test(test_a_month_is_capped),
		cmocka_unit_test(test_an_hour_over_midnight_belongs_to_the_old_month),
		cmocka_unit_test(test_the_report),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
