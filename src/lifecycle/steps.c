#include "lifecycle/steps.h"

#include "instance/status.h"

static bool verified(const struct record *record)
{
	return record->verified_at != 0;
}

/* What was handed over needs nothing any more of what leads there: of an adopted machine it is not known. */
static bool prepared(const struct record *record)
{
	return (*record->host_key && *record->bootstrap_host_key) || verified(record);
}

static bool created(const struct record *record)
{
	return record->server_id != 0;
}

static bool built(const struct record *record)
{
	return record->built_at != 0 || verified(record);
}

static bool evaluated(const struct record *record)
{
	return record->evaluated_at != 0 || built(record);
}

/* As long as the kexec did not fail there is nothing to rebuild. */
static bool rebuilt(const struct record *record)
{
	return record->kexec_failed_at == 0 || record->rebuilt_at != 0 || verified(record);
}

static bool reachable(const struct record *record)
{
	return record->reachable_at != 0 || verified(record);
}

static bool installed(const struct record *record)
{
	return record->installed_at != 0 || verified(record);
}

/* A box that has its parameters built in has its host key from its installation on. */
static bool rotated(const struct record *record)
{
	return !record->takes_user_data || record->rotated_at != 0 || verified(record);
}

static bool decided(const struct record *record)
{
	return record->deleting_at != 0;
}

/* A create that was never sent has no server; one that was is found by its name. */
static bool found(const struct record *record)
{
	return record->server_id != 0 || record->create_sent_at == 0 || record->deleted_at != 0;
}

static bool deleted(const struct record *record)
{
	/* as long as nobody knows whether there is a server, none counts as deleted */
	return record->server_id ? record->delete_confirmed_at != 0 : found(record);
}

static bool proven(const struct record *record)
{
	return record->deleted_at != 0;
}

/* Forgetting removes the record itself: there is nothing left to ask. */
static bool forgotten(const struct record *record)
{
	(void)record;
	return false;
}

#define SECONDS(n) ((n) * INT64_C(1000))
#define MINUTES(n) SECONDS((n) * INT64_C(60))

const struct step steps[STEP_COUNT] = {
	[STEP_PREPARE] = { "prepare", "making host keys", GOAL_RUNNING, 0, prepared, step_prepare, MINUTES(1) },
	/* before create: a box that can't be evaluated costs nothing */
	[STEP_EVALUATE] = { "evaluate", "evaluating the box", GOAL_RUNNING, NEEDS(STEP_PREPARE), evaluated,
			    step_evaluate, MINUTES(20) },
	[STEP_CREATE] = { "create", "creating the server", GOAL_RUNNING, NEEDS(STEP_EVALUATE), created, step_create,
			  MINUTES(10) },
	[STEP_BUILD] = { "build", "building the box", GOAL_RUNNING, NEEDS(STEP_EVALUATE), built, step_build,
			 MINUTES(60) },
	[STEP_REBUILD] = { "rebuild", "putting the base system back", GOAL_RUNNING, NEEDS(STEP_CREATE), rebuilt,
			   step_rebuild, MINUTES(10) },
	[STEP_BOOT] = { "boot", "waiting for SSH", GOAL_RUNNING, NEEDS(STEP_CREATE) | NEEDS(STEP_REBUILD), reachable,
			step_boot, MINUTES(10) },
	[STEP_INSTALL] = { "install", "installing NixOS", GOAL_RUNNING, NEEDS(STEP_BOOT) | NEEDS(STEP_BUILD), installed,
			   step_install, MINUTES(60) },
	[STEP_ROTATE] = { "rotate", "giving the box its host key", GOAL_RUNNING, NEEDS(STEP_INSTALL), rotated,
			  step_rotate, MINUTES(10) },
	/* rotate is done by itself where there is nothing to be rotated: so verify needs install too */
	[STEP_VERIFY] = { "verify", "verifying the machine", GOAL_RUNNING, NEEDS(STEP_INSTALL) | NEEDS(STEP_ROTATE),
			  verified, step_verify, MINUTES(10) },
	[STEP_ANNOUNCE] = { "announce", "announcing the expiry", GOAL_RUNNING, NEEDS(STEP_VERIFY), status_is_announced,
			    step_announce, MINUTES(2) },
	[STEP_KEYS] = { "keys", "telling the box the user's keys", GOAL_RUNNING, NEEDS(STEP_VERIFY),
			status_keys_are_told, step_keys, MINUTES(2) },
	[STEP_FIREWALL] = { "firewall", "changing the firewall", GOAL_RUNNING, NEEDS(STEP_VERIFY),
			    status_network_is_as_wanted, step_firewall, MINUTES(5) },
	[STEP_DECIDE] = { "decide", "ending the lease", GOAL_GONE, 0, decided, step_decide, MINUTES(1) },
	[STEP_FIND] = { "find", "looking for the server", GOAL_GONE, NEEDS(STEP_DECIDE), found, step_find, MINUTES(2) },
	/* find and delete are done by themselves when there is nothing to be found or deleted: so who follows them
	 * needs decide too, and nothing happens before the point of no return is durable */
	[STEP_DELETE] = { "delete", "deleting the server", GOAL_GONE, NEEDS(STEP_DECIDE) | NEEDS(STEP_FIND), deleted,
			  step_delete, MINUTES(10) },
	[STEP_PROVE] = { "prove", "proving that it is gone", GOAL_GONE, NEEDS(STEP_DECIDE) | NEEDS(STEP_DELETE), proven,
			 step_prove, MINUTES(5) },
	[STEP_FORGET] = { "forget", "removing its files", GOAL_GONE, NEEDS(STEP_PROVE), forgotten, step_forget,
			  MINUTES(1) },
};

unsigned steps_done(const struct record *record)
{
	unsigned done = 0;
	for (unsigned i = 0; i < STEP_COUNT; i++)
		if (steps[i].done(record))
			done |= NEEDS(i);
	return done;
}

bool step_is_founded(enum step_id id, unsigned done)
{
	return (steps[id].needs & done) == steps[id].needs;
}

bool step_can_begin(enum step_id id, const struct record *record, unsigned done)
{
	return steps[id].goal == record->goal && !(done & NEEDS(id)) && step_is_founded(id, done);
}
