#include "base/text.h"
#include "commands/all.h"
#include "commands/outcome.h"
#include "commands/view.h"
#include "commands/would.h"
#include "instance/names.h"
#include "lifecycle/suspension.h"

static int dry_run(struct session *session, struct error *err)
{
	struct record record;
	if (session_record(session, session->arguments[0], &record, err) < 0)
		return -1;
	would_say(session,
		  json_pack("{s:s, s:s, s:s}", "would", "suspend", "instanceId", record.id, "email", record.email),
		  "would cut instance %s of %s off from the network", record.id, record.email);
	record_release(&record);
	return 0;
}

static int run(struct session *session, struct error *err)
{
	char *ids[] = { session->arguments[0] };
	const struct suspension suspension = { ids[0], session_option(session, "reason") };
	if (suspension.reason && suspend_reason_check(suspension.reason, err) < 0)
		return -1;
	if (session->dry_run)
		return dry_run(session, err);
	if (suspension_begin(session->loop, session->store, &suspension, err) < 0)
		return -1;
	if (session_engine(session, err) < 0 || outcome_run(session, ids, 1, err) < 0)
		return outcome_recorded("the suspension is recorded, but the network is not cut yet", err);
	if (session->format == OUTPUT_JSON)
		return view_print_instance(session, ids[0], err);
	text_addf(&session->output,
		  outcome_is_reached(session, ids[0]) ? "Instance %s is cut off from the network; its server and disk "
							"stay until the paid time ends.\n"
						      : "Instance %s will be cut off by the ccc that holds it.\n",
		  ids[0]);
	return 0;
}

const struct command command_suspend = {
	.name = "suspend",
	.summary = "cut an instance off from the network and keep it as it is",
	.usage = "ID [--reason TEXT]",
	.details = "Puts an isolating firewall on the server in the place of the fleet's: nothing gets in or out, the operator\n"
		   "neither (Hetzner's console does). Server and disk stay as they are, as evidence. The paid time goes on and ends\n"
		   "the machine as usual: to keep it longer, extend it. What it is to be told meanwhile (keys, an extension) is\n"
		   "recorded and told when the suspension ends. If it can't be done now, 'ccc reap' does it.",
	.options = {
		{ "reason", 0, "TEXT", "why, for 'ccc status'" },
		{ "dry-run", 0, NULL, "say what would be done" },
	},
	.min_arguments = 1,
	.max_arguments = 1,
	.ids = 1,
	.needs = NEEDS_STATE | NEEDS_CLOUD,
	.run = run,
};
