/* The keys of an instance: their fingerprints are those of ssh-keygen, and a change is
 * made whole or not at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "instance/key_list.h"
#include "instance/ssh_fingerprint.h"

static const struct {
	const char *file, *fingerprint;
} fixtures[] = {
	{ "ed25519", "SHA256:Z3mkEM4BXvJG0WqS9mN7buaOQY6f9xD7+lOWeiL1uWo" },
	{ "sk-ed25519", "SHA256:dKIz8SvYhf1FcYo7vMzorOvDEim8bl91Me45fcllKfU" },
	{ "rsa4096", "SHA256:FpnTPIt0ZvIvnqNV8Kxv0UHE5zqdRUoIdZKrFe34OWo" },
};

/* "type base64" of a fixture; caller frees. */
static char *fixture_key(size_t index)
{
	char path[4096], line[4096];
	snprintf(path, sizeof(path), "%s/keys/%s.pub", TEST_FIXTURES, fixtures[index].file);
	FILE *file = fopen(path, "r");
	assert_non_null(file);
	assert_non_null(fgets(line, sizeof(line), file));
	fclose(file);
	size_t type = strcspn(line, " ");
	line[type + 1 + strcspn(line + type + 1, " \n")] = '\0';
	return memory_copy_string(line);
}

/* Keys that decode, each another one: "ssh-ed25519 AAA0", "ssh-ed25519 AAA1", ... */
static json_t *numbered(unsigned first, unsigned count)
{
	json_t *keys = json_array();
	for (unsigned i = first; i < first + count; i++)
		json_array_append_new(keys, json_sprintf("ssh-ed25519 AAA%u", i));
	return keys;
}

static const char *print_of(const json_t *keys, size_t index, char ret[SSH_FINGERPRINT_SIZE])
{
	struct error error = ERROR_INIT;
	assert_int_equal(ssh_fingerprint(json_string_value(json_array_get(keys, index)), ret, &error), 0);
	return ret;
}

static void fingerprints_are_those_of_ssh_keygen(void **state)
{
	struct error error = ERROR_INIT;
	char print[SSH_FINGERPRINT_SIZE];
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(fixtures); i++) {
		AUTO_FREE char *key = fixture_key(i);
		assert_int_equal(ssh_fingerprint(key, print, &error), 0);
		assert_string_equal(print, fixtures[i].fingerprint);
		assert_int_equal(ssh_fingerprint_check(print, &error), 0);
	}
	assert_int_equal(
		ssh_fingerprint_md5("ssh-ed25519 "
				    "AAAAC3NzaC1lZDI1NTE5AAAAIECFyMW8fWLhNWc4iu3aj14etevNLPNPPwFDOR5mPasr a@b\n",
				    print, &error),
		0);
	assert_string_equal(print, "bc:b8:5b:5b:1c:99:c3:f2:35:be:ed:3e:2e:10:80:e2");
	assert_int_equal(ssh_fingerprint("ssh-ed25519 ???", print, &error), -1);
	assert_int_equal(ssh_fingerprint_md5("ssh-ed25519 ???", print, &error), -1);
	assert_int_equal(ssh_fingerprint("ssh-ed25519", print, &error), -1);
}

static void knows_a_fingerprint(void **state)
{
	static const char *const bad[] = {
		"",
		"SHA256:",
		"Z3mkEM4BXvJG0WqS9mN7buaOQY6f9xD7+lOWeiL1uWo",
		"SHA256:Z3mkEM4BXvJG0WqS9mN7buaOQY6f9xD7+lOWeiL1uW",
		"SHA256:Z3mkEM4BXvJG0WqS9mN7buaOQY6f9xD7+lOWeiL1uWo=",
		"SHA256:Z3mkEM4BXvJG0WqS9mN7buaOQY6f9xD7+lOWeiL1uW ",
		"MD5:00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff:01",
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
		struct error error = ERROR_INIT;
		assert_int_equal(ssh_fingerprint_check(bad[i], &error), -1);
		assert_int_equal(error.kind, ERROR_REFUSED);
	}
}

static void adds_and_removes_in_one_change(void **state)
{
	AUTO_JSON json_t *keys = numbered(0, 2), *added = numbered(2, 2), *changed = NULL;
	struct error error = ERROR_INIT;
	char print[SSH_FINGERPRINT_SIZE];
	const char *removed[] = { print_of(keys, 0, print), NULL };
	(void)state;
	assert_int_equal(key_list_change(keys, added, removed, &changed, &error), 0);
	AUTO_JSON json_t *expected = numbered(1, 3);
	assert_true(json_equal(changed, expected));
	assert_int_equal(json_array_size(keys), 2); /* the old list is left alone */
	assert_true(key_list_has(changed, "ssh-ed25519 AAA3"));
	assert_false(key_list_has(changed, "ssh-ed25519 AAA0"));
	assert_false(key_list_has(NULL, "ssh-ed25519 AAA0"));
}

static void replaces_the_only_key(void **state)
{
	AUTO_JSON json_t *keys = numbered(0, 1), *added = numbered(1, 1), *changed = NULL;
	struct error error = ERROR_INIT;
	char print[SSH_FINGERPRINT_SIZE];
	const char *removed[] = { print_of(keys, 0, print), NULL };
	(void)state;
	assert_int_equal(key_list_change(keys, added, removed, &changed, &error), 0);
	assert_true(json_equal(changed, added));
}

static void expect_no_change(const json_t *keys, const json_t *added, const char *const *removed, enum error_kind kind,
			     const char *says)
{
	struct error error = ERROR_INIT;
	json_t *changed = NULL;
	assert_int_equal(key_list_change(keys, added, removed, &changed, &error), -1);
	assert_null(changed);
	assert_int_equal(error.kind, kind);
	if (!strstr(error.message, says))
		fail_msg("'%s' does not say '%s'", error.message, says);
}

static void refuses_what_makes_no_sense(void **state)
{
	AUTO_JSON json_t *one = numbered(0, 1), *two = numbered(0, 2), *full = numbered(0, 8), *more = numbered(8, 1);
	AUTO_JSON json_t *twice = numbered(5, 1);
	char print[SSH_FINGERPRINT_SIZE], other[SSH_FINGERPRINT_SIZE];
	const char *none[] = { NULL };
	const char *first[] = { print_of(one, 0, print), NULL };
	const char *absent[] = { print_of(more, 0, other), NULL };
	const char *first_twice[] = { print, print, NULL };
	(void)state;
	json_array_append(twice, json_array_get(twice, 0));
	expect_no_change(one, NULL, first, ERROR_REFUSED, "can't be entered");
	expect_no_change(one, one, none, ERROR_REFUSED, "is there already");
	expect_no_change(one, twice, none, ERROR_REFUSED, "is there already");
	expect_no_change(two, more, absent, ERROR_NOT_FOUND, other);
	expect_no_change(two, NULL, first_twice, ERROR_NOT_FOUND, print);
	expect_no_change(full, more, none, ERROR_REFUSED, "more than 8");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fingerprints_are_those_of_ssh_keygen), cmocka_unit_test(knows_a_fingerprint),
		cmocka_unit_test(adds_and_removes_in_one_change),       cmocka_unit_test(replaces_the_only_key),
		cmocka_unit_test(refuses_what_makes_no_sense),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
