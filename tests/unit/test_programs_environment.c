#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "programs/environment.h"

static const char *find(const struct arguments *environment, const char *name)
{
	const char *found = NULL;
	size_t length = strlen(name);
	for (size_t i = 0; i < environment->count; i++)
		if (strncmp(environment->items[i], name, length) == 0 && environment->items[i][length] == '=') {
			assert_null(found); /* once only */
			found = environment->items[i] + length + 1;
		}
	return found;
}

static void hands_on_what_is_allowed_and_nothing_else(void **state)
{
	static char path[] = "PATH=/bin", home[] = "HOME=/root", lc[] = "LC_ALL=C", nix[] = "NIX_CONFIG=a\nb",
		    sim[] = "HETZNER_SIM_DIR=/x", proxy[] = "https_proxy=http://p", token[] = "HCLOUD_TOKEN=secret",
		    endpoint[] = "HCLOUD_ENDPOINT=http://e", agent[] = "SSH_AUTH_SOCK=/agent",
		    preload[] = "LD_PRELOAD=/lib.so", fake[] = "FAKETIME=+1d", options[] = "NIX_SSHOPTS=-F x",
		    prefix[] = "PATHS=/x", shorter[] = "PAT=/x", bare[] = "PATH", term[] = "TERM=xterm",
		    box[] = "CCC_BOX=/box";
	char *const environment[] = { token,   path, home,    lc,     nix,     sim,  proxy, endpoint, agent,
				      preload, fake, options, prefix, shorter, bare, term,  box,      NULL };
	static const char *const allowed[] = {
		"PATH", "HOME", "LC_ALL", "NIX_CONFIG", "HETZNER_SIM_DIR", "https_proxy"
	};
	AUTO_ARGUMENTS struct arguments children = ARGUMENTS_INIT;
	(void)state;
	environment_for_children(environment, &children);
	assert_int_equal(children.count, ARRAY_LENGTH(allowed));
	for (size_t i = 0; i < ARRAY_LENGTH(allowed); i++)
		assert_non_null(find(&children, allowed[i]));
	assert_string_equal(find(&children, "NIX_CONFIG"), "a\nb");
}

static void hcloud_gets_its_context_and_no_token(void **state)
{
	static char home[] = "HOME=/root", token[] = "HCLOUD_TOKEN=secret", context[] = "HCLOUD_CONTEXT=fleet",
		    config[] = "HCLOUD_CONFIG=/x", debug[] = "HCLOUD_DEBUG=1", bare[] = "HCLOUD_CONTEXT",
		    longer[] = "HCLOUD_CONTEXTS=x";
	char *const environment[] = { token, home, context, config, debug, bare, longer, NULL };
	AUTO_ARGUMENTS struct arguments hcloud = ARGUMENTS_INIT;
	(void)state;
	environment_for_hcloud(environment, &hcloud);
	assert_int_equal(hcloud.count, 3);
	assert_string_equal(find(&hcloud, "HOME"), "/root");
	assert_string_equal(find(&hcloud, "HCLOUD_CONTEXT"), "fleet");
	assert_string_equal(find(&hcloud, "HCLOUD_CONFIG"), "/x");
}

static void sets_a_value_in_place_of_another(void **state)
{
	AUTO_ARGUMENTS struct arguments environment = ARGUMENTS_INIT;
	(void)state;
	environment_set(&environment, "PATH", "/first");
	arguments_add(&environment, "PATHS=/other");
	arguments_add(&environment, "HOME=/root");
	environment_set(&environment, "PATH", "/second:/third");
	assert_int_equal(environment.count, 3);
	assert_string_equal(find(&environment, "PATH"), "/second:/third");
	assert_string_equal(find(&environment, "PATHS"), "/other");
	assert_string_equal(find(&environment, "HOME"), "/root");
	assert_null(arguments_list(&environment)[3]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hands_on_what_is_allowed_and_nothing_else),
		cmocka_unit_test(hcloud_gets_its_context_and_no_token),
		cmocka_unit_test(sets_a_value_in_place_of_another),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
