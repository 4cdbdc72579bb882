#include "base/text.h"
#include "commands/all.h"
#include "commands/outcome.h"
#include "commands/view.h"
#include "commands/would.h"
#include "lifecycle/suspension.h"

static int dry_run(struct session *session, struct error *err)
{
	struct record record;
	if (session_record(session, session->arguments[0], &record, err) < 0)
		return -1;
	would_say(session,
		  json_pack("{s:s, s:s, s:s}", "would", "unsuspend", "instanceId", record.id, "email", record.email),
		  "would give instance %s of %s its network back", record.id, record.email);
	record_release(&record);
	return 0;
}

static int run(struct session *session, struct error *err)
{
	char *ids[] = { session->arguments[0] };
	if (session->dry_run)
		return dry_run(session, err);
	if (suspension_end(session->loop, session->store, ids[0], err) < 0)
		return -1;
	if (session_engine(session, err) < 0 || outcome_run(session, ids, 1, err) < 0)
		return outcome_recorded("the end of the suspension is recorded, but not all of it is done", err);
	if (session->format == OUTPUT_JSON)
		return view_print_instance(session, ids[0], err);
	text_addf(&session->output,
		  outcome_is_reached(session, ids[0])
			  ? "Instance %s has its network back.\n"
			  : "Instance %s will get its network back from the ccc that holds it.\n",
		  ids[0]);
	return 0;
}

const struct command command_unsuspend = {
	.name = "unsuspend",
	.summary = "give a suspended instance its network back",
	.usage = "ID",
	.details = "Puts the fleet's firewall back in the place of the isolating one, then tells the box what was "
		   "recorded\n"
		   "meanwhile. If it can't be done now, 'ccc reap' does it.",
	.options = { { "dry-run", 0, NULL, "say what would be done" } },
	.min_arguments = 1,
	.max_arguments = 1,
	.ids = 1,
	.needs = NEEDS_STATE | NEEDS_CLOUD,
	.run = run,
};
