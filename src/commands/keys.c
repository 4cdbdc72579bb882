#include <string.h>

#include "base/json.h"
#include "base/table.h"
#include "base/text.h"
#include "commands/all.h"
#include "commands/key_input.h"
#include "commands/outcome.h"
#include "commands/view.h"
#include "commands/would.h"
#include "instance/key_list.h"
#include "instance/ssh_fingerprint.h"
#include "instance/status.h"
#include "lifecycle/key_change.h"

/* What the box does with a key, now and once it was told. */
static const char *state_of(const struct record *record, const char *key)
{
	bool wanted = key_list_has(record->ssh_keys, key);
	if (!key_list_has(record->box_ssh_keys, key))
		return "to be added";
	if (!wanted)
		return "to be removed";
	return record->installed_at || record->verified_at ? "in place" : "to be built in";
}

/* Appends {"type", "fingerprint", "key", "state"} for each key of `keys` that is not in `except`. */
static int add_rows(const struct record *record, const json_t *keys, const json_t *except, json_t *rows,
		    struct error *err)
{
	for (size_t i = 0; i < json_array_size(keys); i++) {
		const char *key = json_string_value(json_array_get(keys, i));
		char print[SSH_FINGERPRINT_SIZE];
		if (key_list_has(except, key))
			continue;
		if (ssh_fingerprint(key, print, err) < 0)
			return -1;
		json_array_append_new(rows,
				      json_pack("{s:s%, s:s, s:s, s:s}", "type", key, strcspn(key, " "), "fingerprint",
						print, "key", key, "state", state_of(record, key)));
	}
	return 0;
}

static void print_table(const json_t *rows, bool cut_off, struct text *ret)
{
	static const char *const headings[] = { "TYPE", "FINGERPRINT", "IN THE BOX" };
	struct table *table = table_new(3, headings);
	for (size_t i = 0; i < json_array_size(rows); i++) {
		const json_t *row = json_array_get(rows, i);
		const char *state = json_string_value(json_object_get(row, "state"));
		bool waits = cut_off && strcmp(state, "in place") != 0;
		char told[64];
		snprintf(told, sizeof(told), "%s%s", state, waits ? ", once the suspension is over" : "");
		const char *cells[] = { json_string_value(json_object_get(row, "type")),
					json_string_value(json_object_get(row, "fingerprint")), told };
		table_add_row(table, cells);
	}
	table_print(table, ret);
	table_free(table);
}

/* The keys of the record, and those that the box takes beside them until it was told. */
static int list(struct session *session, struct error *err)
{
	struct record record;
	AUTO_JSON json_t *rows = json_array();
	if (session_record(session, session->arguments[0], &record, err) < 0)
		return -1;
	int result = add_rows(&record, record.ssh_keys, NULL, rows, err);
	if (result == 0)
		result = add_rows(&record, record.box_ssh_keys, record.ssh_keys, rows, err);
	if (result == 0 && session->format == OUTPUT_JSON)
		view_print_json(rows, &session->output);
	else if (result == 0)
		print_table(rows, status_is_cut_off(&record), &session->output);
	record_release(&record);
	return result;
}

static int read_fingerprints(struct session *session, struct arguments *ret, struct error *err)
{
	const char *word;
	for (size_t i = 0; (word = session_option_at(session, "remove", i)); i++) {
		if (ssh_fingerprint_check(word, err) < 0)
			return -1;
		arguments_add(ret, word);
	}
	return 0;
}

/* The transaction judges the keys in the same way. */
static int dry_run(struct session *session, const struct key_change *change, struct error *err)
{
	struct record record;
	AUTO_JSON json_t *keys = NULL;
	if (session_record(session, change->id, &record, err) < 0)
		return -1;
	int result = key_list_change(record.ssh_keys, change->added, change->removed, &keys, err);
	record_release(&record);
	if (result == 0)
		would_say(session,
			  json_pack("{s:s, s:s, s:O}", "would", "keys", "instanceId", change->id, "sshKeys", keys),
			  "would leave instance %s with %zu SSH key%s; nothing was changed", change->id,
			  json_array_size(keys), text_plural(json_array_size(keys)));
	return result;
}

static int change_keys(struct session *session, struct key_change *change, struct error *err)
{
	char *ids[] = { session->arguments[0] };
	if (key_change_commit(session->loop, session->store, change, err) < 0)
		return -1;
	/* From here on it is a matter of time: `reap` makes up for a box that can't be told now. */
	if (change->tell && (session_engine(session, err) < 0 || outcome_run(session, ids, 1, err) < 0))
		return outcome_recorded("the change is recorded, but the box does not have it yet", err);
	return list(session, err);
}

static int run(struct session *session, struct error *err)
{
	AUTO_JSON json_t *added = NULL;
	AUTO_ARGUMENTS struct arguments removed = ARGUMENTS_INIT;
	if (key_input_read(session, "add", &added, err) < 0 || read_fingerprints(session, &removed, err) < 0)
		return -1;
	if (json_array_size(added) == 0 && removed.count == 0) {
		session_warn_of_age(session);
		return list(session, err);
	}
	struct key_change change = {
		.id = session->arguments[0],
		.added = added,
		.removed = arguments_list(&removed),
	};
	if (session->dry_run)
		return dry_run(session, &change, err);
	if (session_cloud(session, err) < 0)
		return -1;
	return change_keys(session, &change, err);
}

const struct command command_keys = {
	.name = "keys",
	.summary = "show or change the user's SSH keys: a lost or a second one",
	.usage = "ID [--add FILE-or-KEY]... [--remove FINGERPRINT]...",
	.details = "Shows the keys with which the user may log in, or changes them: all that one call asks for, or nothing.\n"
		   "The last key can't be removed. A box that can't be told now is told by 'ccc reap'; one that is suspended,\n"
		   "when that ends. Sessions that are open stay open.",
	.options = {
		{ "add", 'a', "KEY", "public key or its file: ed25519, or RSA of at least 4096 bits; may be repeated" },
		{ "remove", 'r', "FINGERPRINT", "SHA256:... as shown; may be repeated" },
		{ "dry-run", 0, NULL, "say what would be done" },
	},
	.repeats = { "add", "remove" },
	.min_arguments = 1,
	.max_arguments = 1,
	.ids = 1,
	.needs = NEEDS_STATE,
	.run = run,
};
