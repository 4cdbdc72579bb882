#include "base/text.h"
#include "commands/all.h"
#include "commands/outcome.h"
#include "commands/view.h"
#include "commands/would.h"
#include "instance/status.h"
#include "lifecycle/suspension.h"

static void would(struct session *session, const struct record *record, bool suspended)
{
	if (suspended)
		would_say(session,
			  json_pack("{s:s, s:s, s:s}", "would", "unsuspend", "instanceId", record->id, "email",
				    record->email),
			  "would give instance %s of %s its network back", record->id, view_user(record));
	else
		would_say(session, json_pack("{s:n, s:s}", "would", "instanceId", record->id),
			  "instance %s is not suspended; nothing would be changed", record->id);
}

/* What was said already is done. */
static int look(struct session *session, bool *ret_suspended, struct error *err)
{
	struct record record;
	if (session_record(session, session->arguments[0], &record, err) < 0)
		return -1;
	*ret_suspended = status_is_cut_off(&record) || record.goal == GOAL_GONE;
	if (session->dry_run)
		would(session, &record, *ret_suspended);
	record_release(&record);
	return 0;
}

static int run(struct session *session, struct error *err)
{
	char *ids[] = { session->arguments[0] };
	bool suspended;
	if (look(session, &suspended, err) < 0)
		return -1;
	if (session->dry_run)
		return 0;
	if (suspended && suspension_end(session->loop, session->store, ids[0], err) < 0)
		return -1;
	if (suspended && (session_engine(session, err) < 0 || outcome_run(session, ids, 1, err) < 0))
		return outcome_recorded("the end of the suspension is recorded, but not all of it is done", err);
	if (session->format == OUTPUT_JSON)
		return view_print_instance(session, ids[0], err);
	const char *what = "is not suspended";
	if (suspended)
		what = outcome_is_reached(session, ids[0]) ? "has its network back"
							   : "will get its network back from the ccc that holds it";
	text_addf(&session->output, "Instance %s %s.\n", ids[0], what);
	return 0;
}

const struct command command_unsuspend = {
	.name = "unsuspend",
	.summary = "give a suspended instance its network back",
	.usage = "ID",
	.details = "Puts the fleet's firewall back in the place of the isolating one, then tells the box what was "
		   "recorded\n"
		   "meanwhile. If it can't be done now, 'ccc reap' does it. One that is not suspended stays as it is.",
	.options = { { "dry-run", 0, NULL, "say what would be done" } },
	.min_arguments = 1,
	.max_arguments = 1,
	.ids = 1,
	.needs = NEEDS_STATE | NEEDS_CLOUD,
	.run = run,
};
