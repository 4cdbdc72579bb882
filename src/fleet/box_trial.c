#include "fleet/box_trial.h"

#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "fleet/run_program.h"
#include "programs/nix_build.h"
#include "system/clock.h"
#include "system/durable_file.h"
#include "system/random.h"

#define TRIAL_MS (120 * INT64_C(60000)) /* the first one fetches all of NixOS */
/* Of the right form; nobody has the other half. */
#define NO_KEY "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static char *example(struct system *system)
{
	AUTO_JSON json_t *object =
		json_pack("{s:s, s:I, s:[s], s:[s]}", "instanceId", "0a1b2c", "expiresAt",
			  (json_int_t)clock_now(system) + 86400, "sshKeys", NO_KEY, "operatorKeys", NO_KEY);
	return json_format(object, true);
}

static int build(struct loop *loop, const struct settings *settings, const char *instance_file, struct error *err)
{
	char toplevel[256], disko[256];
	AUTO_ARGUMENTS struct arguments argv = ARGUMENTS_INIT;
	AUTO_TEXT struct text output = TEXT_INIT(65536);
	nix_build_trial_command(settings->box, instance_file, &argv);
	if (run_long_program(loop, settings, arguments_list(&argv), TRIAL_MS, &output, err) < 0)
		return -1;
	return nix_build_read_paths(text_string(&output), toplevel, sizeof(toplevel), disko, sizeof(disko), err);
}

int box_trial(struct loop *loop, const struct settings *settings, int64_t *ret_ms, struct error *err)
{
	struct system *system = loop_system(loop);
	struct error ignored = ERROR_INIT;
	char digits[17];
	AUTO_TEXT struct text folder = TEXT_INIT(64);
	AUTO_TEXT struct text file = TEXT_INIT(96);
	AUTO_FREE char *content = example(system);
	random_hex(system, digits, sizeof(digits) - 1);
	text_addf(&folder, "/tmp/ccc-doctor-%s", digits);
	text_addf(&file, "%s/instance.json", text_string(&folder));
	if (directory_make(system, text_string(&folder), 0700, err) < 0)
		return -1;
	int64_t began = clock_monotonic_ms(system);
	int result = file_replace(system, text_string(&file), content, strlen(content), 0600, err);
	if (result == 0)
		result = build(loop, settings, text_string(&file), err);
	*ret_ms = clock_monotonic_ms(system) - began;
	(void)directory_remove_tree(system, text_string(&folder), &ignored);
	return result;
}
