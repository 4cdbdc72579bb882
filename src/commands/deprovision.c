#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "commands/all.h"
#include "commands/outcome.h"
#include "commands/view.h"
#include "commands/would.h"
#include "instance/adoption.h"
#include "lifecycle/ending.h"
#include "system/clock.h"

static json_t *describe(const struct record *record, int64_t now)
{
	json_t *object = json_pack("{s:s, s:s, s:s}", "would", "end", "instanceId", record->id, "email", record->email);
	if (record->verified_at)
		json_object_set_new(object, "timeLeftSeconds",
				    json_integer(record->expires_at > now ? record->expires_at - now : 0));
	return object;
}

/* Somebody may have paid for it: where nobody can be asked, silence is no word of the operator's. */
static int confirm(const struct session *session, const struct record *record, const char *question, struct error *err)
{
	if (adoption_is_open(record) && record->goal == GOAL_RUNNING && session_is_silent(session))
		return error_set(err, ERROR_REFUSED, 0,
				 "instance '%s' was adopted, and nobody knows whose it is; if it is to end: ccc "
				 "deprovision %s --yes",
				 record->id, record->id);
	return session_confirm(session, question) ? 0 : error_set(err, ERROR_FAILED, 0, "nothing was ended");
}

static int look(struct session *session, struct error *err)
{
	AUTO_JSON json_t *list = json_array();
	int64_t now = clock_now(session->system);
	for (size_t i = 0; i < session->argument_count; i++) {
		struct record record;
		char left[48], question[512];
		int result = 0;
		if (session_record(session, session->arguments[i], &record, err) < 0)
			return -1;
		view_time_left(&record, now, left, sizeof(left));
		snprintf(question, sizeof(question), "end instance %s of %s%s%s%s", record.id, view_user(&record),
			 *left ? " (" : "", left, *left ? " of paid time left)" : "");
		if (session->dry_run)
			would_add(session, list, describe(&record, now), "would %s", question);
		else
			result = confirm(session, &record, question, err);
		record_release(&record);
		if (result < 0)
			return -1;
	}
	if (session->dry_run)
		would_print(session, list);
	return 0;
}

/* One that is named twice is meant once. */
static void drop_repeats(struct session *session)
{
	size_t kept = 0;
	for (size_t i = 0; i < session->argument_count; i++) {
		bool repeated = false;
		for (size_t k = 0; k < kept; k++)
			repeated = repeated || strcmp(session->arguments[k], session->arguments[i]) == 0;
		if (!repeated)
			session->arguments[kept++] = session->arguments[i];
	}
	session->argument_count = kept;
}

static int run(struct session *session, struct error *err)
{
	drop_repeats(session);
	if (look(session, err) < 0)
		return -1;
	if (session->dry_run)
		return 0;
	if (ending_commit(session->loop, session->store, session->arguments, session->argument_count, err) < 0)
		return -1;
	if (session_engine(session, err) < 0)
		return outcome_recorded("the end is recorded, but nothing is deleted yet", err);
	int result = outcome_run(session, session->arguments, session->argument_count, err);
	outcome_print(session, session->arguments, session->argument_count, NULL);
	if (result < 0 && err->kind != ERROR_INTERRUPTED)
		err->kind = ERROR_PARTIAL; /* `reap` goes on with it */
	return result;
}

const struct command command_deprovision = {
	.name = "deprovision",
	.summary = "end instances now",
	.usage = "ID... [--yes]",
	.details = "Deletes the servers and proves that they are gone; what fails is recorded, and 'ccc reap' tries again. Asks\n"
		   "first on a terminal. Without one it ends a machine that was adopted, and not accepted since, only with --yes.",
	.options = {
		{ "yes", 'y', NULL, "don't ask" },
		{ "dry-run", 0, NULL, "say what would be done" },
	},
	.min_arguments = 1,
	.max_arguments = -1,
	.ids = -1,
	.needs = NEEDS_STATE | NEEDS_CLOUD,
	.run = run,
};
