/* Label selectors and what labels may be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/memory.h"
#include "core/labels.h"

static json_t *labels(void)
{
	return json_pack("{s:s, s:s, s:s}", "env", "dev", "empty", "", "example.com/team", "blue");
}

static void test_matches(void **state)
{
	static const struct {
		const char *selector;
		bool expected;
	} cases[] = {
		{ "env", true },
		{ "other", false },
		{ "!env", false },
		{ "!other", true },
		{ "env=dev", true },
		{ "env==dev", true },
		{ "env = dev", true },
		{ "env=prod", false },
		{ "env=de", false },
		{ "other=dev", false },
		{ "env!=dev", false },
		{ "env!=prod", true },
		{ "other!=dev", true },
		{ "env in (dev)", true },
		{ "env in (prod, dev)", true },
		{ "env in(prod,test)", false },
		{ "env notin (prod,test)", true },
		{ "env notin (dev)", false },
		{ "other notin (dev)", true },
		{ "empty=", true },
		{ "env=", false },
		{ "empty", true },
		{ "example.com/team=blue", true },
		{ "env=dev,example.com/team", true },
		{ "env=dev, !example.com/team", false },
		{ "env in (dev,prod),empty=", true },
		{ "inside", false },
	};
	AUTO_JSON json_t *object = labels();

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct error err = ERROR_INIT;
		struct selector *selector;
		if (selector_parse(cases[i].selector, &selector, &err))
			fail_msg("'%s': %s", cases[i].selector, err.message);
		if (selector_matches(selector, object) != cases[i].expected)
			fail_msg("'%s' should%s match", cases[i].selector, cases[i].expected ? "" : " not");
		selector_free(selector);
	}
}

static void test_things_without_labels(void **state)
{
	struct error err = ERROR_INIT;
	struct selector *selector;

	(void)state;
	assert_int_equal(selector_parse("!env", &selector, &err), 0);
	assert_true(selector_matches(selector, NULL));
	selector_free(selector);
	assert_int_equal(selector_parse("env", &selector, &err), 0);
	assert_false(selector_matches(selector, NULL));
	selector_free(selector);
}

static void test_bad_selectors(void **state)
{
	static const char *const cases[] = { "",           ",",           "env,",       "=dev",    "env=a=b",
					     "env in dev", "env in (dev", "env in ()x", "env dev", "!env=dev",
					     "-env",       "env=-dev",    "a/b/c",      "/a",      "a/",
					     "env=d*",     "env in (a b)" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct error err = ERROR_INIT;
		struct selector *selector;
		if (selector_parse(cases[i], &selector, &err) == 0)
			fail_msg("'%s' was accepted", cases[i]);
		assert_int_equal(err.kind, ERROR_REFUSED);
	}
}

static int check(const char *key, const char *value)
{
	struct error err = ERROR_INIT;
	AUTO_JSON json_t *object = json_pack("{s:s}", key, value);

	return labels_check(object, &err);
}

static void test_what_labels_may_be(void **state)
{
	char word[65];

	(void)state;
	memset(word, 'a', sizeof(word) - 1);
	word[64] = 0;
	assert_int_equal(check("key", word), -1);
	assert_int_equal(check(word, "value"), -1);
	word[63] = 0;
	assert_int_equal(check("key", word), 0);
	assert_int_equal(check(word, "value"), 0);
	assert_int_equal(check("a.b-c_d", "1.0-x_y"), 0);
	assert_int_equal(check("example.com/x", ""), 0);
	assert_int_equal(check("hetzner.cloud/x", ""), -1);
	assert_int_equal(check("two words", ""), -1);
	assert_int_equal(check("key", "user@example.com"), -1);
	assert_int_equal(check("-key", ""), -1);
	assert_int_equal(check("key", "value-"), -1);
	assert_int_equal(check("", ""), -1);
}

static void test_labels_are_strings(void **state)
{
	struct error err = ERROR_INIT;
	AUTO_JSON json_t *number = json_pack("{s:i}", "key", 1);
	AUTO_JSON json_t *array = json_array();

	(void)state;
	assert_int_equal(labels_check(number, &err), -1);
	assert_int_equal(labels_check(array, &err), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_matches),
		cmocka_unit_test(test_things_without_labels),
		cmocka_unit_test(test_bad_selectors),
		cmocka_unit_test(test_what_labels_may_be),
		cmocka_unit_test(test_labels_are_strings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
