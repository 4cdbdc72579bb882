#include <string.h>

#include "base/text.h"
#include "base/timestamp.h"
#include "commands/all.h"
#include "commands/outcome.h"
#include "commands/view.h"
#include "instance/hours.h"
#include "instance/names.h"
#include "lifecycle/commit.h"
#include "system/clock.h"

struct extension {
	struct session *session;
	const char *id, *reference;
	int64_t hours;
	bool counted_before;
};

/* P4: paid time is added to what is left, never to now while time is left; after
 * the point of no return it is refused rather than taken and lost. */
static int extend(struct transaction *transaction, void *data, struct error *err)
{
	struct extension *extension = data;
	struct record *record = transaction_find(transaction, extension->id);
	int64_t now = clock_now(extension->session->system), counted;
	char detail[96];
	if (!record)
		return error_set(err, ERROR_NOT_FOUND, 0,
				 "there is no instance '%s'; 'ccc list' shows those that there are", extension->id);
	if (record_has_payment(record, extension->reference, &counted)) {
		extension->counted_before = true;
		if (counted != extension->hours)
			return error_set(err, ERROR_REFUSED, 0, "payment '%s' was counted before, with %lld h",
					 extension->reference, (long long)counted);
		return 0;
	}
	if (record->deleting_at || (record->goal == GOAL_GONE && strcmp(record->reason, "expired") != 0))
		return error_set(err, ERROR_REFUSED, 0,
				 "instance '%s' is being deleted and can't be extended any more; nothing was charged",
				 extension->id);
	if (record->failed_at)
		return error_set(err, ERROR_REFUSED, 0,
				 "instance '%s' failed and can't be extended; nothing was charged", extension->id);
	record->goal = GOAL_RUNNING;
	record->reason[0] = '\0';
	record_add_payment(record, extension->reference, extension->hours, now);
	if (record->verified_at)
		record->expires_at = (record->expires_at > now ? record->expires_at : now) + extension->hours * 3600;
	snprintf(detail, sizeof(detail), "%lld h", (long long)extension->hours);
	transaction_note(transaction, record, "extended", detail);
	return 0;
}

static int print_result(struct session *session, const char *id, struct error *err)
{
	struct record record;
	char expires[TIMESTAMP_SIZE] = "";
	if (session_record(session, id, &record, err) < 0)
		return -1;
	if (record.expires_at)
		timestamp_format(record.expires_at, expires);
	if (session->format == OUTPUT_JSON) {
		json_t *object = view_json(&record, clock_now(session->system));
		view_print_json(object, &session->output);
		json_decref(object);
	} else if (*expires) {
		text_addf(&session->output, "Instance %s now ends at %s.\n", id, expires);
	} else {
		text_addf(&session->output, "Instance %s now has %lld paid hours; they start when it is handed over.\n",
			  id, (long long)(record.paid_seconds / 3600));
	}
	record_release(&record);
	return 0;
}

static int run(struct session *session, struct error *err)
{
	struct extension extension = { .session = session,
				       .id = session->arguments[0],
				       .reference = session_option(session, "ref") };
	const char *hours = session_option(session, "hours");
	struct error telling = ERROR_INIT;
	if (!hours)
		return error_set(err, ERROR_USAGE, 0, "--hours is missing: how much time is added?");
	if (hours_parse(hours, &extension.hours, err) < 0 ||
	    (extension.reference && payment_reference_check(extension.reference, err) < 0))
		return -1;
	if (session->dry_run) {
		text_addf(&session->output, "would add %lld h to instance %s\n", (long long)extension.hours,
			  extension.id);
		struct record record;
		if (session_record(session, extension.id, &record, err) < 0)
			return -1;
		record_release(&record);
		return 0;
	}
	if (commit_now(session->loop, session->store, extend, &extension, err) < 0)
		return -1;
	/* The time is the user's from here on; telling the box can be made up for by `reap`. */
	struct record record;
	if (session_record(session, extension.id, &record, err) < 0)
		return -1;
	bool handed_over = record.verified_at != 0;
	record_release(&record);
	char *ids[] = { session->arguments[0] };
	if (handed_over && (session_engine(session, &telling) < 0 || outcome_run(session, ids, 1, &telling) < 0))
		fprintf(stderr, "ccc: warning: the time is added, but the box was not told yet (%s)\n",
			telling.message);
	return print_result(session, extension.id, err);
}

const struct command command_extend = {
	.name = "extend",
	.summary = "add paid time to an instance",
	.usage = "ID --hours H [--ref R]",
	.details = "Adds paid time to what is left and tells the box and the server's label. The same payment reference counts once.",
	.options = {
		{ "hours", 'H', "HOURS", "time to be added" },
		{ "ref", 'r', "R", "payment reference; the same one counts once" },
		{ "dry-run", 0, NULL, "say what would be done" },
	},
	.min_arguments = 1,
	.max_arguments = 1,
	.needs = NEEDS_STATE | NEEDS_CLOUD,
	.run = run,
};
