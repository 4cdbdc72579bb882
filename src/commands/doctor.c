#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/text.h"
#include "commands/all.h"
#include "commands/view.h"
#include "fleet/anchor.h"
#include "system/durable_file.h"
#include "system/program.h"

struct checkup {
	struct session *session;
	json_t *lines;
	size_t failures;
	bool arrived; /* the anchor's answer */
	struct error anchor_error;
	struct fleet_identity fleet;
};

static void say(struct checkup *checkup, const char *verdict, const char *what, const char *detail)
{
	if (*verdict == 'f')
		checkup->failures++;
	json_array_append_new(checkup->lines,
			      json_pack("{s:s, s:s, s:s}", "verdict", verdict, "check", what, "detail", detail));
	if (checkup->session->format == OUTPUT_TABLE)
		text_addf(&checkup->session->output, "%-8s %-16s %s\n", verdict, what, detail);
}

static void check_programs(struct checkup *checkup)
{
	static const struct {
		const char *name, *mend;
	} programs[] = {
		{ "ssh", "install the OpenSSH client" },
		{ "ssh-keygen", "install the OpenSSH client" },
		{ "nix-build", "install Nix, see nixos.org" },
		{ "nixos-anywhere", "install nixos-anywhere, see its repository nix-community/nixos-anywhere" },
	};
	for (size_t i = 0; i < ARRAY_LENGTH(programs); i++) {
		AUTO_FREE char *path = program_find(checkup->session->settings.path, programs[i].name);
		say(checkup, path ? "ok" : "failure", programs[i].name, path ? path : programs[i].mend);
	}
}

static void check_box(struct checkup *checkup)
{
	struct file_facts facts;
	struct error error = ERROR_INIT;
	AUTO_TEXT struct text path;
	text_init(&path, 4200);
	text_addf(&path, "%s/default.nix", checkup->session->settings.box);
	if (file_look(checkup->session->system, text_string(&path), &facts, &error) < 0 || !facts.exists)
		say(checkup, "failure", "box", "there is no default.nix in the folder of the box; set CCC_BOX");
	else
		say(checkup, "ok", "box", text_string(&path));
}

static void on_anchor(void *data, const struct cloud_reply *reply)
{
	struct checkup *checkup = data;
	checkup->arrived = true;
	(void)anchor_check(&checkup->fleet, reply, &checkup->anchor_error);
}

static int check_cloud(struct checkup *checkup, struct error *err)
{
	struct session *session = checkup->session;
	struct snapshot snapshot;
	int64_t offset;
	char detail[128];
	if (store_read(session->store, &snapshot, err) < 0)
		return -1;
	checkup->fleet = snapshot.fleet;
	snapshot_release(&snapshot);
	say(checkup, "ok", "state", session->settings.state_directory);
	cloud_get_firewall(session->cloud, checkup->fleet.anchor, on_anchor, checkup);
	if (loop_until(session->loop, &checkup->arrived, err) < 0)
		return -1;
	if (checkup->anchor_error.kind == ERROR_NONE)
		say(checkup, "ok", "token", "it is accepted, and its project holds this fleet's firewall");
	else
		say(checkup, "failure", "token", checkup->anchor_error.message);
	if (!cloud_clock_offset(session->cloud, &offset)) {
		say(checkup, "warning", "clock", "it could not be compared with Hetzner's");
		return 0;
	}
	snprintf(detail, sizeof(detail), "%lld s from Hetzner's; at most 60 s are allowed", (long long)llabs(offset));
	say(checkup, llabs(offset) <= 60 ? "ok" : "failure", "clock", detail);
	return 0;
}

static int run(struct session *session, struct error *err)
{
	struct checkup checkup = { .session = session, .lines = json_array() };
	check_programs(&checkup);
	check_box(&checkup);
	int result = check_cloud(&checkup, err);
	if (session->format == OUTPUT_JSON)
		view_print_json(checkup.lines, &session->output);
	json_decref(checkup.lines);
	if (result == 0 && checkup.failures)
		return error_set(err, ERROR_FAILED, 0, "%zu checks failed", checkup.failures);
	return result;
}

const struct command command_doctor = {
	.name = "doctor",
	.summary = "check what ccc needs, changing nothing",
	.usage = "",
	.details = "Checks programs, box, state, token, project and clock, and says how to mend what is wrong.",
	.needs = NEEDS_STATE | NEEDS_CLOUD,
	.run = run,
};
