#include "commands/outcome.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "commands/all.h"
#include "commands/interruption.h"
#include "commands/view.h"
#include "instance/status.h"
#include "programs/ssh.h"
#include "system/clock.h"

/* One with another host key is no place for `ccc ssh`. */
static int kept_error(const char *id, const char *message, enum error_kind kind, struct error *err)
{
	static const char look[] = "instance '%s': %s; all that was printed is in instances/%s/log of the state "
				   "directory; its server is kept for a look";
	char kept[sizeof(err->message)];
	error_set(err, kind, 0, look, id, message, id);
	text_copy(kept, sizeof(kept), err->message);
	if (ssh_failure_kind(SSH_FAILED_ITSELF, message) == SSH_FAILURE_HOST_KEY)
		return error_set(err, kind, 0,
				 "%s in Hetzner's console, as its host key is not the one that 'ccc ssh' trusts; then "
				 "'ccc deprovision %s'",
				 kept, id);
	return error_set(err, kind, 0, "%s: 'ccc ssh %s', then 'ccc deprovision %s'", kept, id, id);
}

int outcome_error(const char *id, enum outcome outcome, const struct error *why, const struct record *record,
		  struct error *err)
{
	static const char keep[] = "; 'ccc provision --keep-on-failure' keeps server and log for a look";
	const char *message = why ? why->message : "it is unfinished";
	if (why)
		*err = *why;
	if (outcome == OUTCOME_INTERRUPTED)
		return interruption_error(record, err);
	enum error_kind kind = why ? why->kind : ERROR_FAILED;
	if (outcome == OUTCOME_LATER)
		return error_set(err, kind, 0, "instance '%s': %s", id, message);
	if (record && record->keep_until)
		return kept_error(id, message, kind, err);
	if (record && record->deleted_at)
		return error_set(
			err, kind, 0, "instance '%s': %s; what was begun is undone and nothing is left at Hetzner%s",
			id, message, record->failed_at && record->server_id && !record->keep_on_failure ? keep : "");
	if (record && record->goal == GOAL_GONE && kind != ERROR_STATE)
		return error_set(err, kind, 0, "instance '%s': %s; 'ccc reap' tries again, " OUTCOME_IN_ITS_WAY, id,
				 message);
	return error_set(err, kind, 0, "instance '%s': %s; 'ccc reap' tries again, 'ccc status %s' shows it", id,
			 message, id);
}

int outcome_run(struct session *session, char *const *ids, size_t count, struct error *err)
{
	size_t failed = 0, held = 0;
	bool *taken = memory_new(count + 1);
	struct error first = ERROR_INIT;
	for (size_t i = 0; i < count; i++) {
		struct error error = ERROR_INIT;
		if (engine_take(session->engine, ids[i], &taken[i], &error) < 0) {
			if (error.kind == ERROR_NOT_FOUND)
				continue; /* another ccc was quicker: it is gone */
			failed++;
			fprintf(stderr, "ccc: %s\n", error.message);
			first = error;
		} else if (!taken[i]) {
			held++;
			if (session->command != &command_reap) /* for cron that is all well */
				fprintf(stderr,
					"ccc: instance '%s' is in the hands of another ccc, which sees to it; "
					"if that one was killed, its programs end within seconds: try again then\n",
					ids[i]);
		}
	}
	int result = engine_run(session->engine, err);
	for (size_t i = 0; result == 0 && i < count; i++) {
		const struct error *why;
		const struct record *record;
		struct error error = ERROR_INIT;
		if (!taken[i])
			continue;
		enum outcome outcome = engine_outcome(session->engine, ids[i], &why, &record);
		if (outcome == OUTCOME_REACHED)
			continue;
		outcome_error(ids[i], outcome, why, record, &error);
		if (count > 1)
			fprintf(stderr, "ccc: %s\n", error.message);
		failed++;
		first = error;
	}
	memory_free_pointer(&taken);
	if (result < 0 || failed == 0)
		return result;
	*err = first;
	if (count > 1)
		return error_set(err, failed + held < count ? ERROR_PARTIAL : first.kind, 0,
				 "%zu of %zu instances failed", failed, count);
	return -1;
}

int outcome_recorded(const char *what, struct error *err)
{
	if (err->kind != ERROR_INTERRUPTED)
		err->kind = ERROR_PARTIAL;
	return error_wrap(err, "%s", what);
}

bool outcome_is_reached(const struct session *session, const char *id)
{
	const struct error *why;
	const struct record *record;
	return engine_outcome(session->engine, id, &why, &record) == OUTCOME_REACHED;
}

static const char *const words[] = {
	[OUTCOME_PENDING] = "held",
	[OUTCOME_REACHED] = "done",
	[OUTCOME_FAILED] = "failed",
	[OUTCOME_LATER] = "later",
	[OUTCOME_INTERRUPTED] = "interrupted",
};

/* What came of one instance, for programs. */
static json_t *describe(const struct session *session, const char *id)
{
	const struct error *why = NULL;
	const struct record *record = NULL;
	enum outcome outcome = engine_outcome(session->engine, id, &why, &record);
	json_t *object = json_pack("{s:s, s:s}", "instanceId", id, "outcome", words[outcome]);
	if (record) {
		bool gone = record->goal == GOAL_GONE && outcome == OUTCOME_REACHED;
		const char *status = gone ? "gone" : status_of(record, clock_now(session->system));
		json_object_set_new(object, "status", json_string(status));
	}
	if (why)
		json_object_set_new(object, "error", json_string(why->message));
	return object;
}

json_t *outcome_of_waiting(const struct record *record, int64_t now)
{
	return json_pack("{s:s, s:s, s:s, s:s}", "instanceId", record->id, "outcome", words[OUTCOME_LATER], "status",
			 status_of(record, now), "error", record->last_error);
}

static void say_reached(struct session *session, const char *id)
{
	const struct error *why = NULL;
	const struct record *record = NULL;
	if (engine_outcome(session->engine, id, &why, &record) != OUTCOME_REACHED)
		return;
	if (record->goal == GOAL_RUNNING)
		text_addf(&session->output, "Instance %s is %s.\n", id, status_of(record, clock_now(session->system)));
	else if (record->server_id)
		text_addf(&session->output, "Instance %s is gone, and so is its server.\n", id);
	else
		text_addf(&session->output, "Instance %s is gone: no server %s.\n", id,
			  record->create_sent_at ? "of it was ever made" : "was ever asked for");
}

void outcome_print(struct session *session, char *const *ids, size_t count, const json_t *others)
{
	AUTO_JSON json_t *list = json_array();
	for (size_t i = 0; i < count; i++)
		if (session->format == OUTPUT_JSON)
			json_array_append_new(list, describe(session, ids[i]));
		else
			say_reached(session, ids[i]);
	if (others)
		json_array_extend(list, (json_t *)(uintptr_t)others);
	if (session->format == OUTPUT_JSON)
		view_print_json(list, &session->output);
}
