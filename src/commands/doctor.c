#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/audit.h"
#include "base/memory.h"
#include "base/text.h"
#include "commands/all.h"
#include "commands/view.h"
#include "fleet/anchor.h"
#include "fleet/box_needs.h"
#include "fleet/box_trial.h"
#include "fleet/driver.h"
#include "fleet/names.h"
#include "fleet/registration.h"
#include "fleet/tools.h"
#include "instance/status.h"
#include "system/durable_file.h"
#include "system/file_digest.h"

struct checkup {
	struct session *session;
	json_t *lines;
	size_t failures;
	enum error_kind first; /* kind of the first failure: the exit code */
	bool arrived;          /* Hetzner's answer */
	struct error error;    /* what it was */
	struct fleet_identity fleet;
	bool is_stale; /* that is of an old copy of the state */
};

static void say(struct checkup *checkup, const char *verdict, const char *what, const char *detail)
{
	json_array_append_new(checkup->lines,
			      json_pack("{s:s, s:s, s:s}", "verdict", verdict, "check", what, "detail", detail));
	if (checkup->session->format == OUTPUT_TABLE)
		text_addf(&checkup->session->output, "%-8s %-16s %s\n", verdict, what, detail);
}

static void fail(struct checkup *checkup, const char *what, enum error_kind kind, const char *detail)
{
	if (checkup->failures++ == 0)
		checkup->first = kind;
	say(checkup, "failure", what, detail);
}

static void check_settings(struct checkup *checkup)
{
	const struct configuration *configuration = &checkup->session->settings.configuration;
	for (size_t i = 0; i < configuration->problem_count; i++)
		fail(checkup, "settings", ERROR_USAGE, configuration->problems[i].message);
	if (!configuration->problem_count)
		say(checkup, "ok", "settings",
		    configuration->file ? configuration->file : "there is no ccc.ini, so the defaults hold");
}

static void check_nix(struct checkup *checkup)
{
	static const struct {
		const char *name;
		box_need_fn *check;
	} rows[] = {
		{ "nix", box_needs_version },
		{ "system", box_needs_system },
		{ "substituter", box_needs_substituter },
		{ "parameters", box_needs_parameters },
	};
	struct session *session = checkup->session;
	struct error error = ERROR_INIT;
	struct box_needs needs;
	struct nix_facts facts = { 0 };
	if (box_needs_read(session->system, &session->settings, &needs, &error) < 0 ||
	    nix_facts_read(session->loop, &session->settings, &facts, &error) < 0) {
		fail(checkup, "nix", error.kind, error.message);
		return;
	}
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		char detail[1100];
		if (rows[i].check(&needs, &facts, detail, sizeof(detail), &error) < 0)
			fail(checkup, rows[i].name, error.kind, error.message);
		else
			say(checkup, "ok", rows[i].name, detail);
	}
}

static void try_box(struct checkup *checkup)
{
	struct session *session = checkup->session;
	struct error error = ERROR_INIT;
	char detail[96];
	int64_t milliseconds;
	fprintf(stderr, "building the box; the first time that takes minutes\n");
	if (box_trial(session->loop, &session->settings, &milliseconds, &error) < 0) {
		fail(checkup, "build", error.kind, error.message);
		return;
	}
	snprintf(detail, sizeof(detail), "the box was evaluated and built in %lld.%lld s",
		 (long long)milliseconds / 1000, (long long)milliseconds % 1000 / 100);
	say(checkup, "ok", "build", detail);
}

static void check_kexec(struct checkup *checkup)
{
	const struct settings *settings = &checkup->session->settings;
	struct error error = ERROR_INIT;
	char digest[FILE_DIGEST_SIZE], detail[FILE_DIGEST_SIZE + 128];
	if (tools_check_kexec(checkup->session->system, settings, &error) < 0) {
		fail(checkup, "kexec", error.kind, error.message);
	} else if (!settings->kexec) {
		say(checkup, "warning", "kexec",
		    "none is set, so each machine fetches its installer from the net and nobody checks it; fetch "
		    "nixos-kexec-installer-noninteractive-x86_64-linux.tar.gz of a release of "
		    "github.com/nix-community/nixos-images and export CCC_KEXEC=FILE and CCC_KEXEC_SHA256");
	} else if (settings->kexec_sha256) {
		say(checkup, "ok", "kexec", settings->kexec);
	} else if (file_digest(checkup->session->system, settings->kexec, digest, &error) < 0) {
		fail(checkup, "kexec", ERROR_FAILED, error.message);
	} else {
		snprintf(detail, sizeof(detail),
			 "nobody would see that the file was changed; export CCC_KEXEC_SHA256=%s", digest);
		say(checkup, "warning", "kexec", detail);
	}
}

static void check_tools(struct checkup *checkup)
{
	const struct settings *settings = &checkup->session->settings;
	struct error error = ERROR_INIT;
	bool has_nix = true;
	for (size_t i = 0; i < TOOLS_COUNT; i++) {
		AUTO_FREE char *path = tools_find(settings, tools_names[i], &error);
		if (path) {
			say(checkup, "ok", tools_names[i], path);
			continue;
		}
		fail(checkup, tools_names[i], error.kind, error.message);
		has_nix = has_nix && strncmp(tools_names[i], "nix-", 4) != 0;
	}
	if (tools_check_box(checkup->session->system, settings, &error) < 0) {
		fail(checkup, "box", error.kind, error.message);
		return;
	}
	say(checkup, "ok", "box", settings->box);
	if (has_nix)
		check_nix(checkup);
	if (has_nix && session_flag(checkup->session, "build"))
		try_box(checkup);
}

/* False when there is no fleet to go on with. */
static bool check_state(struct checkup *checkup)
{
	struct session *session = checkup->session;
	const char *directory = session->settings.state_directory;
	struct error error = ERROR_INIT;
	struct snapshot snapshot;
	if (store_open(session->system, directory, &session->store, &error) < 0 ||
	    store_read(session->store, &snapshot, &error) < 0) {
		fail(checkup, "state", error.kind, error.message);
		return false;
	}
	checkup->fleet = snapshot.fleet;
	snapshot_release(&snapshot);
	checkup->is_stale = store_check_age(session->store, &error) < 0;
	if (checkup->is_stale)
		fail(checkup, "state", error.kind, error.message);
	else
		say(checkup, "ok", "state", directory);
	return true;
}

/* Says what is wrong, or nothing. */
static void compare_operator_key(struct checkup *checkup, struct text *ret)
{
	const char *registered = checkup->fleet.ssh_key_fingerprint;
	char print[SSH_FINGERPRINT_MD5_SIZE];
	struct error error = ERROR_INIT;
	if (registration_read_key(checkup->session->system, checkup->session->store, print, &error) < 0)
		text_add_string(ret, error.message);
	else if (!checkup->is_stale && audit_operator_differs(print, registered))
		text_addf(ret, AUDIT_OPERATOR_DIFFERS "; %s", print, registered, audit_operator_choice);
}

/* Of a fleet whose 'ccc init' came to its end. */
static void check_operator_key(struct checkup *checkup)
{
	struct session *session = checkup->session;
	AUTO_FREE char *path = fleet_operator_key_path(session->store);
	AUTO_FREE char *public_path = fleet_operator_public_key_path(session->store);
	bool private_half = file_is_there(session->system, path);
	const char *advice = audit_operator_advice(private_half, file_is_there(session->system, public_path));
	AUTO_TEXT struct text detail = TEXT_INIT(8192);
	if (!checkup->fleet.ssh_key)
		return;
	if (advice)
		text_addf(&detail, "'%s' is missing; %s", private_half ? public_path : path, advice);
	else
		compare_operator_key(checkup, &detail);
	if (detail.length)
		fail(checkup, "operator key", ERROR_FAILED, text_string(&detail));
	else
		say(checkup, "ok", "operator key", path);
}

static void on_anchor(void *data, const struct cloud_reply *reply)
{
	struct checkup *checkup = data;
	checkup->arrived = true;
	(void)anchor_check(&checkup->fleet, reply, &checkup->error);
}

/* Without a fleet: whether the token is taken at all. */
static void on_keys(void *data, const struct cloud_reply *reply)
{
	struct checkup *checkup = data;
	checkup->arrived = true;
	if (reply->error)
		checkup->error = *reply->error;
}

static void check_clock(struct checkup *checkup)
{
	char detail[128];
	int64_t offset;
	if (!cloud_clock_offset(checkup->session->cloud, &offset)) {
		say(checkup, "warning", "clock", "it could not be compared with Hetzner's");
		return;
	}
	snprintf(detail, sizeof(detail), "%lld s %s Hetzner's; at most %d s are allowed%s", (long long)llabs(offset),
		 offset > 0 ? "ahead of" : "behind", CLOCK_TOLERANCE_S,
		 llabs(offset) <= CLOCK_TOLERANCE_S ? "" : ": let NTP set it (timedatectl set-ntp true)");
	if (llabs(offset) <= CLOCK_TOLERANCE_S)
		say(checkup, "ok", "clock", detail);
	else
		fail(checkup, "clock", ERROR_FAILED, detail);
}

/* By which way Hetzner is asked. False: it can't be. */
static bool check_driver(struct checkup *checkup)
{
	struct session *session = checkup->session;
	struct error error = ERROR_INIT;
	AUTO_TEXT struct text context = TEXT_INIT(256), version = TEXT_INIT(256), detail = TEXT_INIT(8192);
	if (!driver_is_hcloud(&session->settings)) {
		say(checkup, "ok", "driver", "hetzner: ccc asks the API itself, with HCLOUD_TOKEN");
		return true;
	}
	AUTO_FREE char *path = tools_find(&session->settings, "hcloud", &error);
	if (!path || driver_hcloud_version(session->loop, &session->settings, &version, &error) < 0 ||
	    driver_hcloud_context(session->loop, &session->settings, &context, &error) < 0) {
		fail(checkup, "driver", error.kind, error.message);
		return false;
	}
	text_addf(&detail,
		  "hcloud: the program '%s' asks, with the token of its context '%s'; of its version it says: %s", path,
		  text_string(&context), text_string(&version));
	say(checkup, "ok", "driver", text_string(&detail));
	return true;
}

static int check_cloud(struct checkup *checkup, bool has_fleet, struct error *err)
{
	struct session *session = checkup->session;
	struct error error = ERROR_INIT;
	if (!check_driver(checkup))
		return 0;
	if (session_cloud(session, &error) < 0) {
		fail(checkup, "token", error.kind, error.message);
		return 0;
	}
	if (has_fleet)
		cloud_get_firewall(session->cloud, checkup->fleet.anchor, on_anchor, checkup);
	else
		cloud_list_ssh_keys(session->cloud, on_keys, checkup);
	if (loop_until(session->loop, &checkup->arrived, err) < 0)
		return -1;
	if (checkup->error.kind != ERROR_NONE)
		fail(checkup, "token", ERROR_FAILED, checkup->error.message);
	else
		say(checkup, "ok", "token",
		    has_fleet ? "it is accepted, and its project holds this fleet's firewall" : "it is accepted");
	check_clock(checkup);
	return 0;
}

static int run(struct session *session, struct error *err)
{
	struct checkup checkup = { .session = session, .lines = json_array() };
	check_settings(&checkup);
	check_tools(&checkup);
	check_kexec(&checkup);
	bool has_fleet = check_state(&checkup);
	if (has_fleet)
		check_operator_key(&checkup);
	int result = check_cloud(&checkup, has_fleet, err);
	if (session->format == OUTPUT_JSON)
		view_print_json(checkup.lines, &session->output);
	json_decref(checkup.lines);
	if (result == 0 && checkup.failures)
		return error_set(err, checkup.first, 0, "%zu check%s failed", checkup.failures,
				 text_plural(checkup.failures));
	return result;
}

const struct command command_doctor = {
	.name = "doctor",
	.summary = "check what ccc needs, changing nothing",
	.usage = "[--build]",
	.details = "Checks programs, Nix and what the box needs of it, state, token, project and clock, and says how to mend\n"
		   "what is wrong.",
	.options = {
		{ "build", 0, NULL, "build the box too, for an instance that is none, and say how long that took" },
	},
	.needs = 0, /* it says what is missing of them, and goes on */
	.run = run,
};
