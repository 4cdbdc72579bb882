/* JSON from templates: every place, and strings that must be escaped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/text.h"
#include "core/write.h"

static void test_every_place(void **state)
{
	AUTO_JSON json_t *tree = json_pack("{s:[i, i]}", "list", 1, 2);
	AUTO_TEXT struct text out = TEXT_INIT(1000);

	(void)state;
	write_json_to(&out,
		      "{'s':%s,'null':%s,'i':%i,'d':%d,'f':%f,'whole':%f,'b':[%b,%b],'t':%t,'never':%t,'r':%r,'j':%j}",
		      "word", NULL, INT64_C(-9007199254740993), 7, 50.47612, 4.0, true, false, INT64_C(1767225600999),
		      (int64_t)-1, "[]", tree);
	assert_string_equal(text_string(&out),
			    "{\"s\":\"word\",\"null\":null,\"i\":-9007199254740993,\"d\":7,\"f\":50.47612,"
			    "\"whole\":4.0,\"b\":[true,false],\"t\":\"2026-01-01T00:00:00Z\",\"never\":null,\"r\":[],"
			    "\"j\":{\"list\":[1,2]}}");
}

static void test_integers_to_their_ends(void **state)
{
	AUTO_TEXT struct text out = TEXT_INIT(1000);

	(void)state;
	write_json_to(&out, "%i %i %i", INT64_MIN, INT64_MAX, INT64_C(0));
	assert_string_equal(text_string(&out), "-9223372036854775808 9223372036854775807 0");
}

/* What is written in quotes inside a value stays what it is. */
static void test_strings_come_back_as_they_were(void **state)
{
	static const char given[] = "it's \"quoted\" \\ \n\t\x01 %s caf\xc3\xa9";
	struct error err = ERROR_INIT;
	AUTO_TEXT struct text out = TEXT_INIT(1000);

	(void)state;
	write_json_to(&out, "{'a':%s,'b':%s}", given, "");
	AUTO_JSON json_t *read = json_parse(text_string(&out), out.length, &err);
	assert_non_null(read);
	assert_string_equal(json_string_value(json_object_get(read, "a")), given);
	assert_string_equal(json_string_value(json_object_get(read, "b")), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_place),
		cmocka_unit_test(test_integers_to_their_ends),
		cmocka_unit_test(test_strings_come_back_as_they_were),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
