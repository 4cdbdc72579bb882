#include "base/json.h"
#include "base/text.h"
#include "commands/all.h"
#include "commands/handover.h"
#include "commands/outcome.h"
#include "commands/view.h"
#include "commands/would.h"
#include "instance/names.h"
#include "instance/status.h"

static int dry_run(struct session *session, const struct arguments *ids)
{
	AUTO_JSON json_t *list = json_array();
	for (size_t i = 0; i < ids->count; i++)
		would_add(session, list, json_pack("{s:s, s:s}", "would", "resume", "instanceId", ids->items[i]),
			  "would go on with instance %s", ids->items[i]);
	if (ids->count == 0 && session->format == OUTPUT_TABLE)
		text_add_string(&session->output, "Nothing is unfinished.\n");
	would_print(session, list);
	return 0;
}

/* What provision would have said, had it come so far. */
static int hand_over(struct session *session, const char *id, struct error *err)
{
	const struct error *why;
	const struct record *record;
	if (engine_outcome(session->engine, id, &why, &record) != OUTCOME_REACHED || record->goal != GOAL_RUNNING ||
	    !record->verified_at || status_is_out_of_reach(record))
		return 0;
	text_add_string(&session->output, "\n");
	return handover_print(session, record, record->verified_at, "", err);
}

static int run(struct session *session, struct error *err)
{
	struct snapshot snapshot;
	AUTO_ARGUMENTS struct arguments ids = ARGUMENTS_INIT;
	if (store_read(session->store, &snapshot, err) < 0)
		return -1;
	if (session->argument_count && !snapshot_find(&snapshot, session->arguments[0])) {
		snapshot_release(&snapshot);
		return instance_is_unknown(session->arguments[0], err);
	}
	for (size_t i = 0; i < snapshot.count; i++) {
		const struct record *record = &snapshot.records[i];
		bool named = session->argument_count == 0 || strcmp(record->id, session->arguments[0]) == 0;
		if (named && !status_is_settled(record))
			arguments_add(&ids, record->id);
	}
	snapshot_release(&snapshot);
	if (session->dry_run)
		return dry_run(session, &ids);
	if (ids.count == 0) {
		session_warn_of_age(session);
		if (session->format == OUTPUT_TABLE)
			text_add_string(&session->output, "Nothing is unfinished.\n");
		outcome_print(session, NULL, 0, NULL);
		return 0;
	}
	if (session_engine(session, err) < 0)
		return -1;
	int result = outcome_run(session, ids.items, ids.count, err);
	outcome_print(session, ids.items, ids.count, NULL);
	for (size_t i = 0; result == 0 && session->format == OUTPUT_TABLE && i < ids.count; i++)
		result = hand_over(session, ids.items[i], err);
	return result;
}

const struct command command_resume = {
	.name = "resume",
	.summary = "go on with what was interrupted",
	.usage = "[ID]",
	.details = "Goes on with one unfinished instance, or with all of them, from what the record says was done.",
	.options = { { "dry-run", 0, NULL, "say what would be done" } },
	.max_arguments = 1,
	.ids = 1,
	.needs = NEEDS_STATE | NEEDS_CLOUD | NEEDS_SETTINGS,
	.run = run,
};
