/* fleet/candidates: what is ordered for a size, in which order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "fleet/candidates.h"

#define OFFER(type, location, cores, memory, disk, hourly)                                                             \
	{ type, location, "x86", cores, memory, disk, true, true, { hourly, "1" } }

static const char *const locations[] = { "fsn1", "nbg1" };
static const struct size_terms no_terms;

/* The choices for cpx21 (3 cores, 4 GB, 80 GB) as "type@location ..." */
static const char *choices_by(const struct size_terms *terms, const struct cloud_offer *offers, size_t count)
{
	static char words[1024];
	struct candidate candidates[CANDIDATES_MAXIMUM];
	size_t length = 0;
	size_t chosen = candidates_choose(size_find("cpx21"), terms, locations, 2, offers, count, candidates);
	words[0] = '\0';
	for (size_t i = 0; i < chosen; i++)
		length += (size_t)snprintf(words + length, sizeof(words) - length, "%s%s@%s", i ? " " : "",
					   candidates[i].type, candidates[i].location);
	return words;
}

static const char *choices(const struct cloud_offer *offers, size_t count)
{
	return choices_by(&no_terms, offers, count);
}

static void test_another_location_before_a_dearer_type(void **state)
{
	static const struct cloud_offer offers[] = {
		OFFER("big", "fsn1", 48, 192, 960, "1.6"),  OFFER("small", "fsn1", 4, 8, 80, "0.01"),
		OFFER("middle", "fsn1", 8, 16, 160, "0.1"), OFFER("small", "nbg1", 4, 8, 80, "0.02"),
		OFFER("big", "nbg1", 48, 192, 960, "1.6"),
	};
	(void)state;
	assert_string_equal(choices(offers, 5), "small@fsn1 small@nbg1 middle@fsn1 big@nbg1 big@fsn1");
}

static void test_the_type_itself_comes_first(void **state)
{
	static const struct cloud_offer offers[] = {
		OFFER("cheaper", "fsn1", 4, 8, 80, "0.01"),
		OFFER("cpx21", "fsn1", 3, 4, 80, "0.05"),
		OFFER("cpx21", "nbg1", 3, 4, 80, "0.04"),
		OFFER("cheaper", "nbg1", 4, 8, 80, "0.01"),
	};
	(void)state;
	assert_string_equal(choices(offers, 4), "cpx21@fsn1 cpx21@nbg1 cheaper@fsn1 cheaper@nbg1");
}

static void test_out_of_stock_comes_last(void **state)
{
	struct cloud_offer offers[] = {
		OFFER("a", "fsn1", 4, 8, 80, "0.01"),
		OFFER("b", "fsn1", 4, 8, 80, "0.02"),
		OFFER("a", "nbg1", 4, 8, 80, "0.01"),
		OFFER("b", "nbg1", 4, 8, 80, "0.02"),
	};
	(void)state;
	offers[0].available = false;
	assert_string_equal(choices(offers, 4), "b@fsn1 a@nbg1 b@nbg1 a@fsn1");
}

static void test_what_is_too_small_or_not_sold(void **state)
{
	struct cloud_offer offers[] = {
		OFFER("cores", "fsn1", 2, 8, 80, "0.01"),   OFFER("memory", "fsn1", 4, 3.5, 80, "0.01"),
		OFFER("disk", "fsn1", 4, 8, 79, "0.01"),    OFFER("arm", "fsn1", 4, 8, 80, "0.01"),
		OFFER("retired", "fsn1", 4, 8, 80, "0.01"), OFFER("far", "hil", 4, 8, 80, "0.01"),
	};
	(void)state;
	text_copy(offers[3].architecture, sizeof(offers[3].architecture), "arm");
	offers[4].orderable = false;
	assert_string_equal(choices(offers, 6), "");
}

static void test_a_request_that_nothing_fits(void **state)
{
	static const struct cloud_offer offers[] = { OFFER("small", "nbg1", 4, 8, 80, "0.01"),
						     OFFER("tiny", "fsn1", 1, 1, 10, "0.01") };
	struct candidate candidates[CANDIDATES_MAXIMUM];
	struct record request;
	struct error error = ERROR_INIT;
	size_t count = 0;
	(void)state;
	record_init(&request);
	text_copy(request.server_type, sizeof(request.server_type), "cpx21");
	request.locations = json_pack("[s]", "fsn1");
	assert_int_equal(candidates_for(&request, &no_terms, offers, 2, candidates, &count, &error), -1);
	assert_int_equal(error.kind, ERROR_REMOTE);
	assert_non_null(strstr(error.message, "--location"));
	json_array_append_new(request.locations, json_string("nbg1"));
	assert_int_equal(candidates_for(&request, &no_terms, offers, 2, candidates, &count, &error), 0);
	assert_int_equal(count, 1);
	assert_string_equal(candidates[0].location, "nbg1");
	json_array_clear(request.locations);
	json_array_append_new(request.locations, json_string("mars"));
	assert_int_equal(candidates_for(&request, &no_terms, offers, 2, candidates, &count, &error), -1);
	assert_int_equal(error.kind, ERROR_REFUSED);
	assert_non_null(strstr(error.message, "'mars'"));
	record_release(&request);
}

static struct size_terms terms_of(const char *types, int64_t hourly, int64_t monthly)
{
	struct size_terms terms = { ARGUMENTS_INIT, hourly, monthly };
	assert_true(!*types || setting_read_names(types, &terms.types));
	return terms;
}

static void test_the_operator_s_types_in_the_operator_s_order(void **state)
{
	static const struct cloud_offer offers[] = {
		OFFER("cpx21", "fsn1", 3, 4, 80, "0.01"), OFFER("dear", "fsn1", 8, 16, 160, "0.9"),
		OFFER("cheap", "fsn1", 4, 8, 80, "0.02"), OFFER("cheap", "nbg1", 4, 8, 80, "0.02"),
		OFFER("small", "fsn1", 2, 4, 80, "0.01"),
	};
	struct size_terms terms = terms_of("small dear cheap", 0, 0);
	(void)state;
	/* what is smaller than the size is never given for it */
	assert_string_equal(choices_by(&terms, offers, 5), "dear@fsn1 cheap@nbg1 cheap@fsn1");
	arguments_release(&terms.types);
}

static void test_nothing_above_a_ceiling(void **state)
{
	struct cloud_offer offers[] = {
		OFFER("cpx21", "fsn1", 3, 4, 80, "0.020000001"),
		OFFER("fits", "fsn1", 4, 8, 80, "0.0200000000"),
		OFFER("cheap", "fsn1", 4, 8, 80, "0.01"),
		OFFER("odd", "fsn1", 4, 8, 80, "none"),
	};
	struct size_terms terms = terms_of("", 20000000, 0);
	(void)state;
	text_copy(offers[2].price.monthly, sizeof(offers[2].price.monthly), "12.51");
	assert_string_equal(choices_by(&terms, offers, 4), "cheap@fsn1 fits@fsn1");
	terms.monthly_ceiling = INT64_C(12500000000);
	assert_string_equal(choices_by(&terms, offers, 4), "fits@fsn1");
	terms.hourly_ceiling = 19999999;
	assert_string_equal(choices_by(&terms, offers, 4), "");
}

/* Whose doing it is that nothing can be ordered. */
static void test_terms_that_leave_nothing(void **state)
{
	static const struct cloud_offer offers[] = { OFFER("cpx21", "fsn1", 3, 4, 80, "0.02"),
						     OFFER("small", "fsn1", 2, 4, 80, "0.01") };
	static const struct {
		const char *types;
		int64_t hourly;
		const char *message;
	} rows[] = {
		{ "", 10000000,
		  "costs more than the ceiling in [size cpx21] of ccc.ini; the first choice would be cpx21 in fsn1 at "
		  "0.02 an hour, 1 a month" },
		{ "cpx21", 10000000, "costs more than the ceiling in [size cpx21]" },
		{ "small other", 0,
		  "none of the types in [size cpx21] of ccc.ini is on sale in the locations asked for and as large as "
		  "cpx21; cpx21 in fsn1 would be" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct size_terms terms = terms_of(rows[i].types, rows[i].hourly, 0);
		struct candidate candidates[CANDIDATES_MAXIMUM];
		struct record request;
		struct error error = ERROR_INIT;
		size_t count;
		record_init(&request);
		text_copy(request.server_type, sizeof(request.server_type), "cpx21");
		request.locations = json_pack("[s]", "fsn1");
		assert_int_equal(candidates_for(&request, &terms, offers, 2, candidates, &count, &error), -1);
		assert_int_equal(error.kind, ERROR_REFUSED);
		assert_non_null(strstr(error.message, rows[i].message));
		record_release(&request);
		arguments_release(&terms.types);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_another_location_before_a_dearer_type),
		cmocka_unit_test(test_the_type_itself_comes_first),
		cmocka_unit_test(test_out_of_stock_comes_last),
		cmocka_unit_test(test_what_is_too_small_or_not_sold),
		cmocka_unit_test(test_a_request_that_nothing_fits),
		cmocka_unit_test(test_the_operator_s_types_in_the_operator_s_order),
		cmocka_unit_test(test_nothing_above_a_ceiling),
		cmocka_unit_test(test_terms_that_leave_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
