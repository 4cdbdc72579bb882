#include <string.h>

#include "base/text.h"
#include "base/timestamp.h"
#include "commands/all.h"
#include "commands/outcome.h"
#include "commands/view.h"
#include "commands/would.h"
#include "instance/hours.h"
#include "instance/names.h"
#include "lifecycle/extension.h"
#include "system/clock.h"

static int print_result(struct session *session, const struct extension *extension, struct error *err)
{
	const char *id = extension->id;
	struct record record;
	char expires[TIMESTAMP_SIZE] = "";
	if (session_record(session, id, &record, err) < 0)
		return -1;
	if (record.expires_at)
		timestamp_format(record.expires_at, expires);
	if (extension->counted_before && session->format == OUTPUT_TABLE)
		text_addf(&session->output, "Payment '%s' was counted before, at %s: nothing was added. ",
			  extension->reference, extension->counted_at);
	if (session->format == OUTPUT_JSON) {
		json_t *object = view_json(&record, clock_now(session->system));
		json_object_set_new(object, "countedBefore", json_boolean(extension->counted_before));
		if (extension->counted_before)
			json_object_set_new(object, "countedAt", json_string(extension->counted_at));
		view_print_json(object, &session->output);
		json_decref(object);
	} else if (*expires) {
		text_addf(&session->output, "Instance %s %s at %s.%s\n", id,
			  extension->counted_before ? "ends" : "now ends", expires,
			  *record.host_key ? "" : " Its host key is not known, so the box itself can't be told.");
	} else {
		text_addf(&session->output,
			  "Instance %s %s %lld h that were paid; they start when it is handed over.\n", id,
			  extension->counted_before ? "has" : "now has", (long long)(record.paid_seconds / 3600));
	}
	record_release(&record);
	return 0;
}

static void warn_unsearched(const struct extension *extension)
{
	if (extension->unsearched.kind != ERROR_NONE)
		fprintf(stderr,
			"ccc: warning: whether payment '%s' was used for an instance that is gone is not known (%s)\n",
			extension->reference, extension->unsearched.message);
}

static int dry_run(struct session *session, struct extension *extension, struct error *err)
{
	if (extension_check(session->store, extension, err) < 0)
		return -1;
	warn_unsearched(extension);
	if (extension->counted_before)
		would_say(session,
			  json_pack("{s:n, s:s, s:s}", "would", "instanceId", extension->id, "countedAt",
				    extension->counted_at),
			  "payment '%s' was counted before, at %s, for instance '%s'; nothing would be added",
			  extension->reference, extension->counted_at, extension->id);
	else
		would_say(session,
			  json_pack("{s:s, s:s, s:I}", "would", "extend", "instanceId", extension->id, "hours",
				    (json_int_t)extension->hours),
			  "would add %lld h to instance %s", (long long)extension->hours, extension->id);
	return 0;
}

static int run(struct session *session, struct error *err)
{
	struct extension extension = { .id = session->arguments[0], .reference = session_option(session, "ref") };
	const char *hours = session_option(session, "hours");
	struct error telling = ERROR_INIT;
	if (!hours)
		return error_set(err, ERROR_USAGE, 0, "--hours is missing: how much time is added?");
	if (hours_parse(hours, &extension.hours, err) < 0 ||
	    settings_check_hours(&session->settings, extension.hours, err) < 0 ||
	    (extension.reference && payment_reference_check(extension.reference, err) < 0))
		return -1;
	if (session->dry_run)
		return dry_run(session, &extension, err);
	if (extension_commit(session->loop, session->store, &extension, err) < 0)
		return -1;
	warn_unsearched(&extension);
	/* The time is the user's from here on; telling the box can be made up for by `reap`. */
	char *ids[] = { session->arguments[0] };
	int told = 0;
	if (extension.handed_over &&
	    (session_engine(session, &telling) < 0 || outcome_run(session, ids, 1, &telling) < 0))
		told = outcome_recorded("the time is added, but the box was not told yet", &telling);
	if (print_result(session, &extension, err) < 0)
		return -1;
	if (told < 0)
		*err = telling;
	return told;
}

const struct command command_extend = {
	.name = "extend",
	.summary = "add paid time to an instance",
	.usage = "ID --hours H [--ref R]",
	.details = "Adds paid time to what is left and tells the box and the server's label. A payment reference counts once, for one\n"
		   "instance of the fleet: given again it adds nothing and says when it was counted; given for another instance it\n"
		   "is refused. A box that can't be told now is told by 'ccc reap'.",
	.options = {
		{ "hours", 'H', "HOURS", "time to be added" },
		{ "ref", 'r', "R", "payment reference; it counts once, for one instance of the fleet" },
		{ "dry-run", 0, NULL, "say what would be done" },
	},
	.min_arguments = 1,
	.max_arguments = 1,
	.ids = 1,
	.needs = NEEDS_STATE | NEEDS_CLOUD | NEEDS_SETTINGS,
	.run = run,
};
