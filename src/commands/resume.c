#include "base/memory.h"
#include "base/text.h"
#include "commands/all.h"
#include "commands/outcome.h"
#include "instance/status.h"
#include "system/clock.h"

static int run(struct session *session, struct error *err)
{
	struct snapshot snapshot;
	AUTO_ARGUMENTS struct arguments ids = ARGUMENTS_INIT;
	if (store_read(session->store, &snapshot, err) < 0)
		return -1;
	if (session->argument_count && !snapshot_find(&snapshot, session->arguments[0])) {
		snapshot_release(&snapshot);
		return error_set(err, ERROR_NOT_FOUND, 0,
				 "there is no instance '%s'; 'ccc list' shows those that there are",
				 session->arguments[0]);
	}
	for (size_t i = 0; i < snapshot.count; i++) {
		const struct record *record = &snapshot.records[i];
		bool named = session->argument_count == 0 || strcmp(record->id, session->arguments[0]) == 0;
		if (named && !status_is_settled(record))
			arguments_add(&ids, record->id);
	}
	snapshot_release(&snapshot);
	for (size_t i = 0; i < ids.count; i++)
		if (session->dry_run)
			text_addf(&session->output, "would go on with instance %s\n", ids.items[i]);
	if (ids.count == 0)
		text_add_string(&session->output, "Nothing is unfinished.\n");
	if (ids.count == 0 || session->dry_run)
		return 0;
	if (session_engine(session, err) < 0 || outcome_run(session, ids.items, ids.count, err) < 0)
		return -1;
	for (size_t i = 0; i < ids.count; i++)
		if (outcome_is_reached(session, ids.items[i]))
			text_addf(&session->output, "Instance %s is done.\n", ids.items[i]);
	return 0;
}

const struct command command_resume = {
	.name = "resume",
	.summary = "go on with what was interrupted",
	.usage = "[ID]",
	.details = "Goes on with one unfinished instance, or with all of them, from what the record says was done.",
	.options = { { "dry-run", 0, NULL, "say what would be done" } },
	.max_arguments = 1,
	.needs = NEEDS_STATE | NEEDS_CLOUD,
	.run = run,
};
