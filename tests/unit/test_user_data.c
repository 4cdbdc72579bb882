/* What a fresh server gets: readable as JSON behind one line, and only from a key that is text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "lifecycle/user_data.h"

#define HEAD   "#cloud-config\n"
#define PUBLIC "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIECFyMW8fWLhNWc4iu3aj14etevNLPNPPwFDOR5mPasr"

static int compose(const char *key, size_t length, struct text *ret, struct error *err)
{
	AUTO_TEXT struct text private_half = TEXT_INIT(length);
	text_add(&private_half, key, length);
	AUTO_JSON json_t *parameters = json_pack("{s:s, s:[s]}", "instanceId", "abc123", "sshKeys", PUBLIC);
	return user_data_compose(&private_half, PUBLIC, parameters, ret, err);
}

static void test_the_keys_and_the_parameters(void **state)
{
	static const char key[] = "-----BEGIN OPENSSH PRIVATE KEY-----\n\"\\\n";
	struct error error = ERROR_INIT;
	AUTO_TEXT struct text data = TEXT_INIT(USER_DATA_MAXIMUM);
	(void)state;
	assert_int_equal(compose(key, strlen(key), &data, &error), 0);
	assert_int_equal(strncmp(text_string(&data), HEAD, strlen(HEAD)), 0);
	const char *json = text_string(&data) + strlen(HEAD);
	AUTO_JSON json_t *object = json_parse(json, strlen(json), &error);
	assert_non_null(object);
	const json_t *keys = json_object_get(object, "ssh_keys");
	assert_string_equal(json_string_value(json_object_get(keys, "ed25519_private")), key);
	assert_string_equal(json_string_value(json_object_get(keys, "ed25519_public")), PUBLIC);
	assert_true(json_is_true(json_object_get(object, "ssh_deletekeys")));
	assert_true(json_is_false(json_object_get(object, "ssh_pwauth")));
	const json_t *ours = json_object_get(object, "ccc");
	assert_string_equal(json_string_value(json_object_get(ours, "instanceId")), "abc123");
	assert_string_equal(json_string_value(json_array_get(json_object_get(ours, "sshKeys"), 0)), PUBLIC);
	assert_int_equal(json_object_size(ours), 2);
	assert_int_equal(json_object_size(object), 5);
}

static void test_a_key_that_is_no_text_is_refused(void **state)
{
	static const struct {
		const char *key;
		size_t length;
	} cases[] = { { "\xff\xfe", 2 }, { "key\0more", 8 }, { "", 0 } };
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct error error = ERROR_INIT;
		AUTO_TEXT struct text data = TEXT_INIT(USER_DATA_MAXIMUM);
		assert_int_equal(compose(cases[i].key, cases[i].length, &data, &error), -1);
		assert_int_equal(error.kind, ERROR_STATE);
		assert_int_equal(data.length, 0);
	}
}

static void test_more_than_the_api_takes_is_refused(void **state)
{
	AUTO_FREE char *key = memory_new(USER_DATA_MAXIMUM);
	struct error error = ERROR_INIT;
	AUTO_TEXT struct text data = TEXT_INIT(USER_DATA_MAXIMUM);
	(void)state;
	memset(key, 'k', USER_DATA_MAXIMUM - 1);
	assert_int_equal(compose(key, USER_DATA_MAXIMUM - 1, &data, &error), -1);
	assert_int_equal(error.kind, ERROR_REFUSED);
	assert_non_null(strstr(error.message, "a server takes 32768 at most; give fewer or shorter SSH keys"));
	assert_int_equal(data.length, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_keys_and_the_parameters),
		cmocka_unit_test(test_a_key_that_is_no_text_is_refused),
		cmocka_unit_test(test_more_than_the_api_takes_is_refused),
	};
	return cmocka_run_group_tests_name("user_data", tests, NULL, NULL);
}
