#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "commands/all.h"
#include "commands/outcome.h"
#include "commands/view.h"
#include "lifecycle/ending.h"
#include "system/clock.h"

static int look(struct session *session, struct error *err)
{
	int64_t now = clock_now(session->system);
	for (size_t i = 0; i < session->argument_count; i++) {
		struct record record;
		char left[48], question[512];
		if (session_record(session, session->arguments[i], &record, err) < 0)
			return -1;
		view_time_left(&record, now, left, sizeof(left));
		snprintf(question, sizeof(question), "end instance %s of %s%s%s%s?", record.id, record.email,
			 *left ? " (" : "", left, *left ? " of paid time left)" : "");
		record_release(&record);
		if (session->dry_run)
			text_addf(&session->output, "would %.*s\n", (int)strlen(question) - 1, question);
		else if (!session_confirm(session, question))
			return error_set(err, ERROR_FAILED, 0, "nothing was ended");
	}
	return 0;
}

static int run(struct session *session, struct error *err)
{
	if (look(session, err) < 0)
		return -1;
	if (session->dry_run)
		return 0;
	if (ending_commit(session->loop, session->store, session->arguments, session->argument_count, err) < 0 ||
	    session_engine(session, err) < 0 ||
	    outcome_run(session, session->arguments, session->argument_count, err) < 0)
		return -1;
	for (size_t i = 0; session->format == OUTPUT_TABLE && i < session->argument_count; i++)
		text_addf(&session->output,
			  outcome_is_reached(session, session->arguments[i])
				  ? "Instance %s is gone.\n"
				  : "Instance %s will be ended by the ccc that holds it.\n",
			  session->arguments[i]);
	return 0;
}

const struct command command_deprovision = {
	.name = "deprovision",
	.summary = "end instances now",
	.usage = "ID... [--yes]",
	.details = "Deletes the servers and proves that they are gone. Asks first on a terminal.",
	.options = {
		{ "yes", 'y', NULL, "don't ask" },
		{ "dry-run", 0, NULL, "say what would be done" },
	},
	.min_arguments = 1,
	.max_arguments = -1,
	.needs = NEEDS_STATE | NEEDS_CLOUD,
	.run = run,
};
