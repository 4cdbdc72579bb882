#include "commands/handover.h"

#include <stdio.h>

#include "base/json.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "commands/all.h"
#include "commands/view.h"
#include "instance/ssh_fingerprint.h"
#include "instance/status.h"
#include "system/clock.h"

#define TEXT_MAXIMUM 4096

static void compose(const struct record *record, const char *print, struct text *ret)
{
	char expires[TIMESTAMP_SIZE];
	const char *name = record->server_name, *ip = record->server_ip;
	timestamp_format(record->expires_at, expires);
	text_addf(
		ret,
		"Instance     %s  (%s in %s)\n"
		"Log in with  ssh claude@%s\n"
		"Host key     %s (ED25519)\n"
		"Ends at      %s (UTC)\n"
		"\n"
		"For ~/.ssh/config, so that the host key is checked from the first connection; 'ssh %s' then logs in:\n"
		"  Host %s\n"
		"    HostName %s\n"
		"    User claude\n"
		"    HostKeyAlias %s\n"
		"and for ~/.ssh/known_hosts:\n"
		"  %s %s\n"
		"\n",
		record->id, record->server_type, record->location, ip, print, expires, name, name, ip, name, name,
		record->host_key);
	text_addf(
		ret,
		"Claude: log in and run 'claude'. Where it shows an address, open that in the browser of your own "
		"computer,\n"
		"log in there, and paste the code that you get into it.\n"
		"At the end all sessions close, and the machine is deleted with all that is on it. To keep your work:\n"
		"'git push', or on your own computer: scp -r %s:DIRECTORY .\n",
		name);
}

int handover_print(struct session *session, const struct record *record, int64_t now, const char *counted_at,
		   struct error *err)
{
	char print[SSH_FINGERPRINT_SIZE];
	AUTO_TEXT struct text text = TEXT_INIT(TEXT_MAXIMUM);
	if (ssh_fingerprint(record->host_key, print, err) < 0)
		return -1;
	compose(record, print, &text);
	if (session->format == OUTPUT_TABLE) {
		text_add_string(&session->output, text_string(&text));
		return 0;
	}
	AUTO_JSON json_t *object = view_json(record, now);
	json_object_set_new(object, "hostKeyFingerprint", json_string(print));
	json_object_set_new(object, "handover", json_string(text_string(&text)));
	json_object_set_new(object, "countedBefore", json_boolean(*counted_at));
	if (*counted_at)
		json_object_set_new(object, "countedAt", json_string(counted_at));
	view_print_json(object, &session->output);
	return 0;
}

static int check(const struct record *record, int64_t now, struct error *err)
{
	const char *id = record->id, *status = status_of(record, now);
	if (record->goal == GOAL_GONE || status_is_expired(record, now))
		return error_set(err, ERROR_REFUSED, 0, "instance '%s' is being ended (%s); 'ccc status %s' shows it",
				 id, status, id);
	if (record->failed_at)
		return error_set(err, ERROR_REFUSED, 0, "instance '%s' failed; 'ccc status %s' shows why", id, id);
	if (!*record->host_key)
		return error_set(err, ERROR_REFUSED, 0,
				 "the host key of instance '%s' is not known (%s), so nobody can check it", id, status);
	if (!record->verified_at)
		return error_set(
			err, ERROR_REFUSED, 0,
			"instance '%s' is not handed over yet (%s); 'ccc reap' finishes it, 'ccc status %s' shows it",
			id, status, id);
	return 0;
}

static int run(struct session *session, struct error *err)
{
	struct record record;
	int64_t now = clock_now(session->system);
	if (session_record(session, session->arguments[0], &record, err) < 0)
		return -1;
	int result = check(&record, now, err);
	if (result == 0 && status_is_cut_off(&record))
		fprintf(stderr, "ccc: warning: instance '%s' is %s: nobody gets in before 'ccc unsuspend %s'\n",
			record.id, status_of(&record, now), record.id);
	if (result == 0)
		result = handover_print(session, &record, now, "", err);
	record_release(&record);
	return result;
}

const struct command command_handover = {
	.name = "handover",
	.summary = "print what to send to the user of a machine",
	.usage = "ID",
	.details =
		"Prints what 'ccc provision' printed at its end, as it is now: how to log in, the host key, when the "
		"machine\n"
		"ends, how to log Claude in. For one that 'ccc reap' finished, or a text that was lost. Asks nobody.",
	.min_arguments = 1,
	.max_arguments = 1,
	.ids = 1,
	.needs = NEEDS_STATE,
	.run = run,
};
