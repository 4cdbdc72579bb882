#include "commands/all.h"
#include "commands/would.h"
#include "fleet/registration.h"
#include "lifecycle/commit.h"
#include "system/clock.h"
#include "system/durable_file.h"
#include "system/random.h"

#include <stdio.h>

#include "base/memory.h"

/* The state exists before anything is asked of Hetzner: an interrupted init is
 * completed by the next one, and nothing it made is forgotten. */
static int create(struct session *session, struct error *err)
{
	char fleet_id[FLEET_ID_SIZE];
	random_hex(session->system, fleet_id, FLEET_ID_SIZE - 1);
	return store_create(session->system, session->settings.state_directory, fleet_id, clock_now(session->system),
			    err);
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

/* What is not a state of ours is refused before anything is written into it. */
static int lock_and_open(struct session *session, struct lock **ret_lock, struct error *err)
{
	const char *directory = session->settings.state_directory;
	bool exists;
	if (state_exists(session, &exists, err) < 0 ||
	    (exists && store_open(session->system, directory, &session->store, err) < 0) ||
	    store_lock_init(session->system, directory, ret_lock, err) < 0)
		return -1;
	if (session->store)
		return 0;
	/* another init may have made it before the lock was ours */
	if (state_exists(session, &exists, err) < 0 || (!exists && create(session, err) < 0))
		return -1;
	return store_open(session->system, directory, &session->store, err);
}

static int change_identity(struct transaction *transaction, void *data, struct error *err)
{
	(void)err;
	transaction_state(transaction)->fleet = *(const struct fleet_identity *)data;
	return 0;
}

static int dry_run(struct session *session)
{
	would_say(
		session, json_pack("{s:s, s:s}", "would", "init", "stateDirectory", session->settings.state_directory),
		"would make the state directory '%s' with an operator key, and at Hetzner, unless they exist: the SSH "
		"key object and the firewall of the fleet",
		session->settings.state_directory);
	return 0;
}

static int complete(struct session *session, struct error *err)
{
	struct snapshot snapshot;
	if (store_read(session->store, &snapshot, err) < 0)
		return -1;
	struct fleet_identity fleet = snapshot.fleet;
	snapshot_release(&snapshot);
	if (registration_make_key(session->loop, &session->settings, session->store, err) < 0 ||
	    registration_complete(session->loop, &session->settings, session->store, session->cloud, &fleet, err) < 0)
		return error_wrap(err, "the state is made but not complete, run 'ccc init' again when this is mended");
	if (commit_now(session->loop, session->store, change_identity, &fleet, err) < 0)
		return -1;
	if (session->format == OUTPUT_JSON)
		text_addf(&session->output, "{\"fleet\": \"%s\", \"firewallId\": %lld, \"sshKeyId\": %lld}\n", fleet.id,
			  (long long)fleet.anchor, (long long)fleet.ssh_key);
	else
		text_addf(&session->output,
			  "Fleet %s is ready in '%s'.\n"
			  "At Hetzner: firewall %lld (SSH in only; it also proves that a token is this project's) and "
			  "SSH key %lld.\n"
			  "Next: ccc provision --email USER --ssh-key FILE --hours 24; and 'ccc reap' every few "
			  "minutes by cron.\n",
			  fleet.id, session->settings.state_directory, (long long)fleet.anchor,
			  (long long)fleet.ssh_key);
	return 0;
}

static int run(struct session *session, struct error *err)
{
	struct lock *lock = NULL;
	if (session->dry_run)
		return dry_run(session);
	int result = lock_and_open(session, &lock, err);
	if (result == 0)
		result = complete(session, err);
	lock_release(lock);
	return result;
}

const struct command command_init = {
	.name = "init",
	.summary = "make the state directory, the operator key and the firewall",
	.usage = "[--dry-run]",
	.details = "Makes the state directory with a new fleet id and the operator's SSH key, registers that key at "
		   "Hetzner and\n"
		   "makes the firewall that all servers of the fleet share. Doing it again completes what an "
		   "interrupted run left.",
	.options = { { "dry-run", 0, NULL, "say what would be done" } },
	.needs = NEEDS_CLOUD,
	.run = run,
};
