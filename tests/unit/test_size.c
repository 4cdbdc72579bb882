#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "instance/size.h"

static void knows_three_sizes(void **state)
{
	size_t count = 0;
	(void)state;
	for (const struct size *size; (size = size_at(count)); count++)
		assert_ptr_equal(size_find(size->name), size);
	assert_int_equal(count, 3);
	const struct size *size = size_find("cpx21");
	assert_non_null(size);
	assert_int_equal(size->cores, 3);
	assert_int_equal(size->memory_gb, 4);
	assert_int_equal(size->disk_gb, 80);
	assert_non_null(size_find(SIZE_DEFAULT));
}

/* Larger in every figure, so that one is never a worse bargain than the one before. */
static void lists_them_smallest_first(void **state)
{
	const struct size *previous = size_at(0);
	(void)state;
	for (size_t i = 1; size_at(i); previous = size_at(i++)) {
		assert_true(size_at(i)->cores > previous->cores);
		assert_true(size_at(i)->memory_gb > previous->memory_gb);
		assert_true(size_at(i)->disk_gb > previous->disk_gb);
	}
}

static void refuses_others_and_lists_the_choices(void **state)
{
	static const char *const bad[] = { "", "cpx", "cpx41", "CPX21", "cpx21 ", "large" };
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct error error = ERROR_INIT;
		const struct size *size = NULL;
		assert_null(size_find(bad[i]));
		assert_int_equal(size_parse(bad[i], &size, &error), -1);
		assert_null(size);
		assert_int_equal(error.kind, ERROR_REFUSED);
		for (size_t s = 0; size_at(s); s++)
			assert_non_null(strstr(error.message, size_at(s)->name));
	}
}

static void parses_what_there_is(void **state)
{
	struct error error = ERROR_INIT;
	const struct size *size = NULL;
	(void)state;
	assert_int_equal(size_parse("cpx31", &size, &error), 0);
	assert_string_equal(size->name, "cpx31");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_three_sizes),
		cmocka_unit_test(lists_them_smallest_first),
		cmocka_unit_test(refuses_others_and_lists_the_choices),
		cmocka_unit_test(parses_what_there_is),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
