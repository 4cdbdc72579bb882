#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "commands/all.h"
#include "commands/would.h"
#include "fleet/anchor.h"
#include "fleet/names.h"
#include "fleet/registration.h"
#include "lifecycle/commit.h"
#include "system/clock.h"
#include "system/durable_file.h"
#include "system/random.h"

static int check_options(const struct session *session, struct error *err)
{
	const char *fleet = session_option(session, "fleet");
	if (session_flag(session, "adopt") != (fleet != NULL))
		return error_set(err, ERROR_USAGE, 0, "--adopt and --fleet go together: which fleet's state was lost?");
	if (fleet && session_flag(session, "another"))
		return error_set(
			err, ERROR_USAGE, 0,
			"--another begins a new fleet, and --adopt takes over one that exists; give one of them");
	if (fleet && !fleet_id_is_valid(fleet))
		return error_set(err, ERROR_REFUSED, 0,
				 "'%.40s' is no fleet id; it is eight of the digits 0-9 and a-f, as in the name of the "
				 "fleet's firewall: hcloud firewall list",
				 fleet);
	return 0;
}

/* An adopted fleet is one that exists: its firewall is in the token's project. */
static int find_anchor(struct session *session, const char *fleet, int64_t *ret, struct error *err)
{
	if (registration_find_firewall(session->loop, session->cloud, fleet, ret, err) < 0)
		return -1;
	if (!*ret)
		return error_set(
			err, ERROR_REMOTE, 0,
			"no firewall of fleet '%s' is in this token's project, so nothing was made; look at the "
			"labels with: hcloud firewall list -o columns=id,name,labels",
			fleet);
	return 0;
}

/* The fleet of a state that was lost, or is kept elsewhere, has machines that a new fleet never sees. */
static int check_alone(struct session *session, struct error *err)
{
	char fleet[FLEET_ID_SIZE];
	int64_t firewall;
	if (session_flag(session, "another"))
		return 0;
	if (registration_find_fleet(session->loop, session->cloud, fleet, &firewall, err) < 0)
		return -1;
	if (!firewall)
		return 0;
	return error_set(
		err, ERROR_STATE, 0,
		"firewall %lld of fleet '%s' is in this token's project, and the fleet's state is not in '%s'; "
		"nothing was made: name its directory with -C, or, if it was lost, rebuild it with 'ccc init "
		"--adopt --fleet %s' and then 'ccc fsck --fix'; a second fleet beside it is made by 'ccc init "
		"--another'",
		(long long)firewall, fleet, session->settings.state_directory, fleet);
}

/* The state exists before anything is made at Hetzner: an interrupted init is
 * completed by the next one, and nothing it made is forgotten. */
static int create(struct session *session, int64_t anchor, struct error *err)
{
	const char *adopted = session_option(session, "fleet");
	char fleet_id[FLEET_ID_SIZE];
	random_hex(session->system, fleet_id, FLEET_ID_SIZE - 1);
	return store_create(session->system, session->settings.state_directory, adopted ? adopted : fleet_id, anchor,
			    clock_now(session->system), err);
}

static int state_exists(struct session *session, bool *ret, struct error *err)
{
	char path[4200];
	struct file_facts facts;
	snprintf(path, sizeof(path), "%s/instances.json", session->settings.state_directory);
	if (file_look(session->system, path, &facts, err) < 0)
		return -1;
	*ret = facts.exists;
	return 0;
}

/* Opens the state that there is. What is not one of ours, or can't become one, is refused before anything is
 * written into it. */
static int find(struct session *session, int64_t *ret_anchor, struct error *err)
{
	const char *directory = session->settings.state_directory, *adopted = session_option(session, "fleet");
	bool exists;
	if (state_exists(session, &exists, err) < 0)
		return -1;
	if (exists)
		return store_open(session->system, directory, &session->store, err);
	if (store_check_new(session->system, directory, adopted, err) < 0)
		return -1;
	if (adopted)
		return find_anchor(session, adopted, ret_anchor, err);
	if (check_alone(session, err) == 0)
		return 0;
	/* the firewall may be of another init that makes this very state: the state is there first */
	struct error ignored = ERROR_INIT;
	if (state_exists(session, &exists, &ignored) < 0 || !exists)
		return -1;
	return store_open(session->system, directory, &session->store, err);
}

static int lock_and_open(struct session *session, struct lock **ret_lock, int64_t anchor, struct error *err)
{
	const char *directory = session->settings.state_directory;
	bool exists;
	if (store_lock_init(session->system, directory, ret_lock, err) < 0)
		return -1;
	if (session->store)
		return 0;
	/* another init may have made it before the lock was ours */
	if (state_exists(session, &exists, err) < 0 || (!exists && create(session, anchor, err) < 0))
		return -1;
	return store_open(session->system, directory, &session->store, err);
}

static int change_registration(struct transaction *transaction, void *data, struct error *err)
{
	(void)err;
	registration_record(data, &transaction_state(transaction)->fleet);
	return 0;
}

static int read_identity(struct session *session, struct fleet_identity *ret, struct error *err)
{
	const char *adopted = session_option(session, "fleet");
	struct snapshot snapshot;
	if (store_read(session->store, &snapshot, err) < 0)
		return -1;
	*ret = snapshot.fleet;
	snapshot_release(&snapshot);
	if (adopted && strcmp(ret->id, adopted) != 0)
		return error_set(
			err, ERROR_STATE, 0,
			"'%s' is the state of fleet '%s', not of '%s'; name another directory with -C, or move "
			"instances.json away if it is not to be used any more",
			session->settings.state_directory, ret->id, adopted);
	return 0;
}

/* `another`: the key that was registered before, where it is not this one. */
static void print_key(struct session *session, bool is_new, const char *another)
{
	if (is_new)
		text_add_string(
			&session->output,
			"The operator's key is a new one: the way by 'ccc ssh' into machines made before is lost "
			"with the old one.\n");
	else if (*another)
		text_addf(&session->output,
			  "The operator's key in keys/ is registered now, in the place of another (MD5:%s): machines "
			  "that were made with that one are reached with it alone.\n",
			  another);
}

static void print(struct session *session, const struct fleet_identity *fleet, bool key_is_new, const char *another)
{
	bool adopted = session_flag(session, "adopt");
	if (session->format == OUTPUT_JSON) {
		text_addf(&session->output, "{\"fleet\": \"%s\", \"firewallId\": %lld, \"sshKeyId\": %lld}\n",
			  fleet->id, (long long)fleet->anchor, (long long)fleet->ssh_key);
		return;
	}
	text_addf(&session->output,
		  "Fleet %s is ready in '%s'.\n"
		  "At Hetzner: firewall %lld (SSH in only; it also proves that a token is this project's) and "
		  "SSH key %lld.\n",
		  fleet->id, session->settings.state_directory, (long long)fleet->anchor, (long long)fleet->ssh_key);
	print_key(session, key_is_new, another);
	text_add_string(
		&session->output,
		adopted ? "Next: ccc fsck --fix makes records of what has this fleet's labels.\n"
			: "Next: ccc provision --email USER --ssh-key FILE --hours 24; and 'ccc reap' every few "
			  "minutes by cron.\n");
}

static int look_at_key(struct session *session, bool *ret_private, bool *ret_public, struct error *err)
{
	struct file_facts private_half, public_half;
	AUTO_FREE char *path = fleet_operator_key_path(session->store);
	AUTO_FREE char *public_path = fleet_operator_public_key_path(session->store);
	if (file_look(session->system, path, &private_half, err) < 0 ||
	    file_look(session->system, public_path, &public_half, err) < 0)
		return -1;
	*ret_private = private_half.exists;
	*ret_public = public_half.exists;
	return 0;
}

/* Of another project's token nothing is said that was not seen, and nothing is made there. */
static int check_project(struct session *session, const struct fleet_identity *fleet, struct error *err)
{
	return fleet->anchor ? anchor_look(session->loop, session->cloud, fleet, err) : 0;
}

static int complete(struct session *session, struct error *err)
{
	struct fleet_identity fleet;
	bool had_private, had_public;
	if (read_identity(session, &fleet, err) < 0 || check_project(session, &fleet, err) < 0 ||
	    look_at_key(session, &had_private, &had_public, err) < 0)
		return -1;
	const struct fleet_identity before = fleet;
	if (registration_make_key(session->loop, &session->settings, session->store, err) < 0 ||
	    registration_check_key(session->loop, session->store, session->cloud, &fleet, err) < 0 ||
	    registration_complete(session->loop, session->store, session->cloud, &fleet, err) < 0)
		return fleet.anchor && fleet.ssh_key ? -1
						     : error_wrap(err, "the state is made but not complete, run 'ccc "
								       "init' again when this is mended");
	if (commit_now(session->loop, session->store, change_registration, &fleet, err) < 0)
		return -1;
	bool differs = strcmp(fleet.ssh_key_fingerprint, before.ssh_key_fingerprint) != 0;
	print(session, &fleet, !had_private && (before.ssh_key || session_flag(session, "adopt")),
	      differs ? before.ssh_key_fingerprint : "");
	return 0;
}

static void would_make(struct session *session)
{
	const char *directory = session->settings.state_directory, *adopted = session_option(session, "fleet");
	if (adopted) {
		would_say(session, json_pack("{s:s, s:s}", "would", "init", "stateDirectory", directory),
			  "would make the state directory '%s' with an operator key for fleet %s, and at Hetzner the "
			  "SSH key object, unless it exists; the fleet's firewall is there",
			  directory, adopted);
		return;
	}
	would_say(session, json_pack("{s:s, s:s}", "would", "init", "stateDirectory", directory),
		  "would make the state directory '%s' with an operator key, and at Hetzner, unless they exist: the "
		  "SSH key object and the firewall of the fleet",
		  directory);
}

static int dry_run(struct session *session, struct error *err)
{
	const char *directory = session->settings.state_directory;
	struct fleet_identity fleet;
	bool has_private, has_public;
	if (!session->store) {
		would_make(session);
		return 0;
	}
	if (read_identity(session, &fleet, err) < 0 || check_project(session, &fleet, err) < 0 ||
	    look_at_key(session, &has_private, &has_public, err) < 0)
		return -1;
	bool has_key = has_private && has_public;
	if (has_key && registration_check_key(session->loop, session->store, session->cloud, &fleet, err) < 0)
		return -1;
	bool is_registered = fleet.anchor && fleet.ssh_key;
	if (has_key && is_registered)
		would_say(session, json_pack("{s:n, s:s}", "would", "stateDirectory", directory),
			  "nothing would be done: fleet %s is complete in '%s'", fleet.id, directory);
	else
		would_say(session, json_pack("{s:s, s:s}", "would", "init", "stateDirectory", directory),
			  "would complete fleet %s in '%s': %s%s%s", fleet.id, directory,
			  has_key ? "" : "its operator key", has_key || is_registered ? "" : " and ",
			  is_registered ? "" : "what it still lacks at Hetzner");
	return 0;
}

static int run(struct session *session, struct error *err)
{
	struct lock *lock = NULL;
	int64_t anchor = 0;
	if (check_options(session, err) < 0 || find(session, &anchor, err) < 0)
		return -1;
	if (session->dry_run)
		return dry_run(session, err);
	int result = lock_and_open(session, &lock, anchor, err);
	if (result == 0)
		result = complete(session, err);
	lock_release(lock);
	return result;
}

const struct command command_init = {
	.name = "init",
	.summary = "make the state directory, the operator key and the firewall",
	.usage = "[--another | --adopt --fleet ID] [--dry-run]",
	.details = "Makes the state directory with a new fleet id and the operator's SSH key, registers that key at Hetzner and\n"
		   "makes the firewall that all servers of the fleet share. Doing it again completes what an interrupted run left,\n"
		   "looks whether all of it is there, and makes and registers an operator's key anew when its files were lost.\n"
		   "Where the project has a fleet already, whose state may have been lost, no other is begun unless --another says\n"
		   "that a second one is meant.\n"
		   "With --adopt the state was lost, and a new one is made for a fleet that exists: its firewall must be in the\n"
		   "token's project. A new operator key is registered beside the old one. 'ccc fsck --fix' does the rest.",
	.options = {
		{ "another", 0, NULL, "begin a fleet beside the one that the project has" },
		{ "adopt", 0, NULL, "make a state for a fleet whose state was lost" },
		{ "fleet", 0, "ID", "which one: what follows 'ccc-' in the name of its firewall" },
		{ "dry-run", 0, NULL, "say what would be done" },
	},
	.needs = NEEDS_CLOUD | NEEDS_SETTINGS,
	.run = run,
};
