#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "commands/all.h"
#include "commands/handover.h"
#include "commands/key_input.h"
#include "commands/outcome.h"
#include "commands/progress.h"
#include "commands/quote.h"
#include "fleet/candidates.h"
#include "fleet/tools.h"
#include "instance/email.h"
#include "instance/hours.h"
#include "instance/names.h"
#include "instance/size.h"
#include "lifecycle/admission.h"

#define LOCATION_LENGTH 31 /* at most */

static int read_keys(struct session *session, struct record *record, struct error *err)
{
	if (key_input_read(session, "ssh-key", &record->ssh_keys, err) < 0)
		return -1;
	if (json_array_size(record->ssh_keys) == 0)
		return error_set(err, ERROR_USAGE, 0,
				 "--ssh-key is missing: the user's public key, or the file that holds it");
	return 0;
}

/* Hetzner's names are in small letters; people write them in capitals too. */
static json_t *location_of(const char *word, size_t length)
{
	char name[LOCATION_LENGTH + 1];
	for (size_t i = 0; i < length; i++)
		name[i] = (char)tolower((unsigned char)word[i]);
	return json_stringn(name, length);
}

static int read_locations(struct session *session, struct record *record, struct error *err)
{
	const char *list = session_option(session, "location");
	record->locations = json_array();
	for (size_t i = 0; !list && i < session->settings.locations.count; i++)
		json_array_append_new(record->locations, json_string(session->settings.locations.items[i]));
	while (list && (*list || json_array_size(record->locations) == 0)) {
		size_t length = strcspn(list, ",");
		if (length == 0 || length > LOCATION_LENGTH ||
		    strspn(list, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-") != length)
			return error_set(err, ERROR_REFUSED, 0,
					 "'%.60s' is no list of locations; expected for example fsn1,nbg1",
					 session_option(session, "location"));
		json_array_append_new(record->locations, location_of(list, length));
		list += length + (list[length] == ',');
	}
	return 0;
}

/* Everything that can be refused is refused before anything is touched. */
static int read_request(struct session *session, struct admission *admission, struct error *err)
{
	struct record *record = &admission->request;
	const char *email = session_option(session, "email"), *hours = session_option(session, "hours");
	const char *type = session_option(session, "type");
	const struct size *size;
	admission->reference = session_option(session, "ref");
	if (!email)
		return error_set(err, ERROR_USAGE, 0, "--email is missing: who is the server for?");
	if (email_check(email, err) < 0 || hours_parse(hours ? hours : "24", &admission->hours, err) < 0 ||
	    size_parse(type ? type : "cpx21", &size, err) < 0)
		return -1;
	if (settings_check_hours(&session->settings, admission->hours, err) < 0)
		return -1;
	admission->max_servers = session->settings.max_servers;
	if (admission->reference && payment_reference_check(admission->reference, err) < 0)
		return -1;
	text_copy(record->email, sizeof(record->email), email);
	text_copy(record->server_type, sizeof(record->server_type), size->name);
	record->keep_on_failure = session_flag(session, "keep-on-failure");
	if (read_keys(session, record, err) < 0)
		return -1;
	return read_locations(session, record, err);
}

/* Hetzner's are those that we go by unless told otherwise. */
static int check_locations(struct session *session, const struct record *request, struct error *err)
{
	struct candidate candidates[CANDIDATES_MAXIMUM];
	size_t count;
	return candidates_ask(session->loop, session->cloud, request,
			      settings_terms(&session->settings, request->server_type), candidates, &count, err);
}

/* Said here and not at the end, so that what goes wrong with it can be told together with the machine. */
static int say(struct session *session, struct error *err)
{
	progress_clear(session->progress);
	int result = session_flush(session, err);
	text_clear(&session->output); /* what could not be written is not tried again */
	return result;
}

static int work(struct session *session, struct admission *admission, struct error *err)
{
	const char *id = *admission->existing ? admission->existing : admission->request.id;
	bool taken = true;
	if (session_engine(session, err) < 0)
		return -1;
	if (*admission->existing)
		fprintf(stderr,
			"ccc: payment '%s' was counted before, at %s, for instance '%s'; nothing new is ordered\n",
			admission->reference, admission->counted_at, id);
	int result = *admission->existing ? engine_take(session->engine, id, &taken, err)
					  : engine_take_leased(session->engine, id, admission->lease, err);
	if (result == 0 || *admission->existing == '\0')
		admission->lease = NULL;
	if (result < 0)
		return -1;
	if (!taken)
		return error_set(err, ERROR_STATE, 0,
				 "instance '%s' of this payment is being worked on by another ccc; see 'ccc status %s'",
				 id, id);
	if (engine_run(session->engine, err) < 0)
		return -1;
	const struct error *why;
	const struct record *record;
	enum outcome outcome = engine_outcome(session->engine, id, &why, &record);
	if (outcome != OUTCOME_REACHED)
		return outcome_error(id, outcome, why, record, err);
	if (record->goal != GOAL_RUNNING)
		return error_set(err, ERROR_FAILED, 0, "instance '%s' was ended meanwhile (%s)", id, record->reason);
	if (handover_print(session, record, record->verified_at, admission->counted_at, err) < 0 ||
	    say(session, err) < 0) {
		struct error trouble = *err;
		return error_set(err, trouble.kind, 0, "%s; the machine runs: ccc handover %s", trouble.message,
				 record->id);
	}
	return 0;
}

static int run(struct session *session, struct error *err)
{
	struct admission admission = { 0 };
	record_init(&admission.request);
	int result = read_request(session, &admission, err);
	if (result == 0 && session->dry_run)
		result = quote_print(session, &admission, err);
	else if (result == 0) {
		result = tools_check(session->system, &session->settings, err);
		if (result == 0 && session_option(session, "location"))
			result = check_locations(session, &admission.request, err);
		if (result == 0)
			result = admission_commit(session->loop, session->store, &admission, err);
		if (result == 0)
			result = work(session, &admission, err);
	}
	lock_release(admission.lease);
	record_release(&admission.request);
	return result;
}

const struct command command_provision = {
	.name = "provision",
	.summary = "order a server for a user and hand it over",
	.usage = "--email E --ssh-key FILE-or-KEY... [--hours 24] [--type cpx21] [--location L,...] [--ref R]",
	.details = "Records the request, creates a server, installs the box on it, verifies that it works and prints how the user\n"
		   "logs in. The paid time starts when that was verified. Whatever interrupts it, 'ccc reap' goes on by\n"
		   "itself, 'ccc resume' now.",
	.options = {
		{ "email", 'e', "E", "whom the server is for; one server a user" },
		{ "ssh-key", 'k', "KEY", "public key or its file: ed25519, or RSA of at least 4096 bits; may be repeated" },
		{ "hours", 'H', "HOURS", "paid time (default 24)" },
		{ "type", 't', "SIZE", "cpx11, cpx21 (default) or cpx31: what the user buys" },
		{ "location", 'l', "L,...", "Hetzner locations in the order to be tried (default fsn1,nbg1,hel1)" },
		{ "ref", 'r', "R", "payment reference; it counts once, for one instance of the fleet" },
		{ "keep-on-failure", 0, NULL, "keep a server that failed for four hours, to look at it" },
		{ "dry-run", 0, NULL, "say what would be ordered, in which order, and what it costs" },
	},
	.repeats = { "ssh-key" },
	.needs = NEEDS_STATE | NEEDS_CLOUD | NEEDS_SETTINGS,
	.run = run,
};
