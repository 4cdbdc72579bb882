/* fleet/configuration and its table: what a ccc.ini says, and what is wrong with it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "fleet/configuration.h"

#define TOKEN "LRK9DAWQ1ZAEFSrCNEEzLCUwhYX1U3g7wMg4dTlkkDC96fyDuyJ39nVbVjCKSDfj"

static void take(struct configuration *configuration, const char *text)
{
	configuration_init(configuration);
	configuration_take_text(configuration, "/c.ini", text, strlen(text));
	configuration_compare(configuration);
}

/* Each is one problem, said with its line and what was expected. */
static void names_line_and_expectation(void **state)
{
	static const struct {
		const char *text, *message;
	} rows[] = {
		{ "[orders]\n\nmax-servers = x\n",
		  "/c.ini:3: max-servers is 'x'; expected a whole number from 1 to 100000" },
		{ "[orders]\nmax-servers = 0\n", "/c.ini:2: max-servers is '0'; expected a whole number from 1" },
		{ "[orders]\nmax-servers =\n", "/c.ini:2: max-servers is ''; expected a whole number" },
		{ "[orders]\nmax-servers = 3 # three\n", "/c.ini:2: max-servers is '3 # three'; expected" },
		{ "[orders]\nminimum-hours = 8761\n", "expected a whole number from 1 to 8760" },
		{ "[orders]\nminimum-hours = 5\nmaximum-hours = 4\n",
		  "/c.ini:3: minimum-hours is 5 and maximum-hours 4;" },
		{ "[orders]\nmaximum-hours = 4\nminimum-hours = 5\n",
		  "/c.ini:2: minimum-hours is 5 and maximum-hours 4;" },
		{ "[orders]\nlocations = fsn1, mars!\n",
		  "/c.ini:2: locations is 'fsn1, mars!'; expected different names of letters" },
		{ "[orders]\nlocations = fsn1 FSN1\n", "expected different names of letters" },
		{ "[orders]\nlocations = ,\n", "expected different names of letters" },
		{ "[orders]\nlocations = a b c d e f g h i j k l m n o p q\n", "expected different names of letters" },
		{ "[orders]\nlocations = abcdefghijklmnopqrstuvwxyz123456\n", "expected different names of letters" },
		{ "[orders]\nlocations = fsn1\nlocations = nbg1\n",
		  "/c.ini:3: locations stands in line 2 already; expected once" },
		{ "[orders]\nlocations = !\nlocations = nbg1\n", "/c.ini:2: locations is '!'" },
		{ "[orders]\nlocation = fsn1\n",
		  "/c.ini:2: there is no setting 'location' in [orders]; 'ccc config sample'" },
		{ "[orders]\nbox = /b\n", "/c.ini:2: box stands in the wrong section; it belongs below [machines]" },
		{ "[order]\nlocations = fsn1\n",
		  "/c.ini:1: there is no section [order]; 'ccc config sample' shows them" },
		{ "[size cx23]\n", "/c.ini:1: there is no section [size cx23];" },
		{ "x = y\n", "/c.ini:1: 'x' stands before the first [section];" },
		{ "[size cpx21]\nhourly-ceiling = 0.00\n",
		  "/c.ini:2: hourly-ceiling is '0.00'; expected an amount above 0, as 12.50" },
		{ "[size cpx21]\nmonthly-ceiling = 1,5\n", "expected an amount above 0" },
		{ "[size cpx21]\nmonthly-ceiling = EUR 5\n", "expected an amount above 0" },
		{ "[machines]\nbox = nix\n", "/c.ini:2: box is 'nix'; expected an absolute path" },
		{ "[machines]\nkexec = ~/k\n", "/c.ini:2: kexec is '~/k'; expected an absolute path" },
		{ "[machines]\nkexec-sha256 = 12\n",
		  "/c.ini:2: kexec-sha256 is '12'; expected 64 hex digits, as sha256sum" },
		{ "[machines]\nimage = debian 12\n", "/c.ini:2: image is 'debian 12'; expected a name of letters" },
		{ "[machines]\noperator-access = sudo\n",
		  "/c.ini:2: operator-access is 'sudo'; expected 'root' or 'commands'" },
		{ "[api]\ncloud = aws\n", "/c.ini:2: cloud is 'aws'; expected 'hetzner'" },
		{ "[api]\nhttp-timeout = 601\n",
		  "/c.ini:2: http-timeout is '601'; expected a whole number from 1 to 600" },
		{ "[api]\nendpoint = http://x\n", "/c.ini:2: there is no setting 'endpoint' in [api]" },
		{ "[api]\nhttp-timeout\n", "/c.ini:2: expected 'name = value', '[section]', or a comment" },
		{ "[api\n", "/c.ini:1: expected 'name = value'" },
		{ "[api] cloud = hetzner\n", "/c.ini:1: something follows the ']'; it needs a line of its own" },
		{ "[api]\nx\x1b[2J = 1\n", "/c.ini:2: there is no setting 'x\\x1b[2J' in [api]" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		struct configuration configuration;
		struct error error = ERROR_INIT;
		take(&configuration, rows[i].text);
		assert_true(configuration.problem_count >= 1);
		assert_non_null(strstr(configuration.problems[0].message, rows[i].message));
		assert_int_equal(configuration_check(&configuration, &error), -1);
		assert_int_equal(error.kind, ERROR_USAGE);
		configuration_release(&configuration);
	}
}

/* A token in the wrong place is refused, and in no message (P5). */
static void keeps_secrets(void **state)
{
	static const char *const texts[] = {
		"[api]\ntoken = " TOKEN "\n",
		"[api]\nhcloud-token = x\n",
		"[api]\nHCLOUD_TOKEN = " TOKEN "\n",
		"[api]\nclient-secret = x\n",
		"[api]\nhttp-timeout = " TOKEN "\n",
		"[api]\n" TOKEN " = x\n",
		"[" TOKEN "]\n",
		"[machines]\nkexec-sha256 = " TOKEN "\n",
		"[machines]\nimage = " TOKEN "\n",
		"[api]\ncloud = x-" TOKEN "\n",
		"[machines]\n" TOKEN "\n",
		TOKEN " = 1\n",
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
		struct configuration configuration;
		take(&configuration, texts[i]);
		assert_int_equal(configuration.problem_count, 1);
		assert_null(strstr(configuration.problems[0].message, "LRK9"));
		if (i < 4)
			assert_non_null(strstr(configuration.problems[0].message, "export HCLOUD_TOKEN"));
		configuration_release(&configuration);
	}
}

static void environment_beats_file_beats_default(void **state)
{
	static const struct {
		enum setting setting;
		const char *text, *of_file, *variable, *standard;
	} rows[] = {
		{ SETTING_LOCATIONS, "[orders]\nlocations = HEL1 nbg1\n", "HEL1 nbg1", "fsn1", "fsn1, nbg1, hel1" },
		{ SETTING_MAX_SERVERS, "[orders]\nmax-servers = 3\n", "3", "4", NULL },
		{ SETTING_MINIMUM_HOURS, "[orders]\nminimum-hours: 3\n", "3", "4", "1" },
		{ SETTING_MAXIMUM_HOURS, "[orders]\nmaximum-hours = 3\n", "3", "4", "8760" },
		{ SETTING_SIZES, "[size cpx11]\ntypes = a\n", "a", NULL, NULL },
		{ SETTING_SIZES + 4, "[size cpx21]\nhourly-ceiling = 0.5\n", "0.5", NULL, NULL },
		{ SETTING_SIZES + 8, "[size cpx31]\nmonthly-ceiling = 7\n", "7", NULL, NULL },
		{ SETTING_BOX, "[machines]\nbox = /b\n", "/b", "here", NULL },
		{ SETTING_KEXEC, "[machines]\nkexec = /k\n", "/k", "/l", NULL },
		{ SETTING_IMAGE, "[machines]\nimage = debian-13\n", "debian-13", "ubuntu-24.04", "debian-12" },
		{ SETTING_OPERATOR_ACCESS, "[machines]\noperator-access = commands\n", "commands", "root", "root" },
		{ SETTING_CLOUD, "[api]\ncloud = hetzner\n", "hetzner", "hetzner", "hetzner" },
		{ SETTING_HTTP_TIMEOUT, "[api]\nhttp-timeout = 7\n", "7", "8", "30" },
		{ SETTING_ENDPOINT, "", "https://api.hetzner.cloud/v1", "http://e", "https://api.hetzner.cloud/v1" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		struct configuration configuration;
		const enum setting setting = rows[i].setting;
		take(&configuration, "");
		if (setting == SETTING_BOX) /* where it was installed */
			assert_non_null(strstr(configuration_value(&configuration, setting), "/ccc/nix"));
		else if (rows[i].standard)
			assert_string_equal(configuration_value(&configuration, setting), rows[i].standard);
		else
			assert_null(configuration_value(&configuration, setting));
		configuration_release(&configuration);
		take(&configuration, rows[i].text);
		assert_string_equal(configuration_value(&configuration, setting), rows[i].of_file);
		assert_int_equal(configuration.values[setting].line, *rows[i].text ? 2 : 0);
		assert_int_equal(rows[i].variable != NULL, settings_table[setting].variable != NULL);
		if (rows[i].variable) {
			configuration_take_variable(&configuration, setting, rows[i].variable);
			assert_string_equal(configuration_value(&configuration, setting), rows[i].variable);
			assert_int_equal(configuration.values[setting].source, SOURCE_ENVIRONMENT);
		}
		assert_int_equal(configuration.problem_count, 0);
		configuration_release(&configuration);
	}
}

/* What is wrong is left out, and what is right stays: a sweep goes on with it. */
static void goes_on_with_what_is_right(void **state)
{
	struct configuration configuration;
	struct error error = ERROR_INIT;
	(void)state;
	take(&configuration,
	     "[orders]\nmax-servers = many\n[api]\nhttp-timeout = 5\nnonsense\n[machines]\nimage = x y\n");
	configuration_take_variable(&configuration, SETTING_OPERATOR_ACCESS, "sudo");
	assert_null(configuration_value(&configuration, SETTING_MAX_SERVERS));
	assert_string_equal(configuration_value(&configuration, SETTING_HTTP_TIMEOUT), "5");
	assert_string_equal(configuration_value(&configuration, SETTING_IMAGE), "debian-12");
	assert_string_equal(configuration_value(&configuration, SETTING_OPERATOR_ACCESS), "root");
	/* in the order of the file, then of the environment */
	assert_int_equal(configuration.problem_count, 4);
	assert_int_equal(configuration.problems[0].line, 2);
	assert_int_equal(configuration.problems[1].line, 5);
	assert_int_equal(configuration.problems[2].line, 7);
	assert_int_equal(configuration.problems[3].line, -1);
	assert_string_equal(configuration.problems[3].message,
			    "CCC_OPERATOR_ACCESS is 'sudo'; expected 'root' or 'commands'");
	assert_int_equal(configuration_check(&configuration, &error), -1);
	assert_non_null(strstr(error.message, "(and 3 more; 'ccc config check' shows them)"));
	configuration_release(&configuration);
}

static void the_table_is_whole(void **state)
{
	(void)state;
	for (enum setting i = 0; i < SETTINGS_COUNT; i++) {
		const struct setting_spec *spec = &settings_table[i];
		const char *value = spec->standard ? spec->standard : spec->example;
		assert_non_null(spec->help);
		assert_non_null(value);
		assert_true(setting_is_valid(spec, value));
		assert_true(spec->name || spec->variable);
		if (spec->name)
			assert_int_equal(setting_find(spec->section, spec->name), i);
	}
	for (size_t i = 0; i < SIZES_COUNT; i++) {
		char section[64];
		snprintf(section, sizeof(section), "size %s", size_at(i)->name);
		assert_string_equal(settings_table[SETTING_SIZES + SETTINGS_OF_A_SIZE * i].section, section);
	}
	assert_null(size_at(SIZES_COUNT));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_line_and_expectation),
		cmocka_unit_test(keeps_secrets),
		cmocka_unit_test(environment_beats_file_beats_default),
		cmocka_unit_test(goes_on_with_what_is_right),
		cmocka_unit_test(the_table_is_whole),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
