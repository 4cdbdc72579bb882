/* history.jsonl: a line a transition, append-only. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "store/layout.h"
#include "system/durable_file.h"

char *history_format_line(const struct record *before, const struct record *after, const struct history_line *line)
{
	char when[TIMESTAMP_SIZE];
	struct text text;
	struct json_writer writer;
	timestamp_format(line->at, when);
	text_init(&text, SIZE_MAX / 4);
	json_write_init(&writer, &text, false);
	json_write_open(&writer, '{');
	json_write_text(&writer, "at", when);
	json_write_text(&writer, "fleet", line->fleet);
	json_write_key(&writer, "commit");
	json_write_integer(&writer, line->commit);
	json_write_text(&writer, "instanceId", after->id);
	json_write_key(&writer, "revision");
	json_write_integer(&writer, line->revision);
	json_write_text(&writer, "event", line->event);
	if (*line->detail)
		json_write_text(&writer, "detail", line->detail);
	json_write_key(&writer, "set");
	record_write_changes(before, after, &writer);
	json_write_close(&writer, '}');
	return text_take(&text);
}

static int parse_line(json_t *document, struct history_line *ret, struct error *err)
{
	const char *at;
	json_t *set;
	if (json_get_string(document, "at", &at, err) < 0 ||
	    json_get_string(document, "instanceId", &ret->instance, err) < 0 ||
	    json_get_string(document, "event", &ret->event, err) < 0 ||
	    json_get_integer(document, "revision", &ret->revision, err) < 0 ||
	    json_optional_string(document, "detail", "", &ret->detail, err) < 0 ||
	    json_optional_string(document, "fleet", "", &ret->fleet, err) < 0 ||
	    json_optional_integer(document, "commit", 0, &ret->commit, err) < 0 ||
	    json_get_object(document, "set", &set, err) < 0)
		return -1;
	if (ret->revision < 1)
		return error_set(err, ERROR_STATE, 0, "member 'revision' is %lld; the first is 1",
				 (long long)ret->revision);
	ret->set = set;
	return timestamp_parse(at, &ret->at) ? 0 : error_set(err, ERROR_STATE, 0, "member 'at' is no time");
}

struct parsed {
	json_t *document;
	struct history_line line;
	bool superseded;
};

/* The first line of a record sets all of its members, the id too. */
static bool begins_life(const struct history_line *line)
{
	return json_object_get(line->set, "instanceId") != NULL;
}

/* A commit that crashed between history and state is repeated with the same
 * revision: only the last of those took effect. Lines before the first one of a record
 * are of an earlier instance that had this id: they stay, whatever their revisions, as
 * who had an address is to be answered for ever. */
static void drop_repeats(struct parsed *lines, size_t count)
{
	AUTO_JSON json_t *next = json_object(); /* by instance: the revision, negative when it begins a life */
	for (size_t i = count; i-- > 0;) {
		const struct history_line *line = &lines[i].line;
		json_int_t seen = json_integer_value(json_object_get(next, line->instance));
		if (seen > 0 ? line->revision >= seen : seen < 0 && begins_life(line) && line->revision >= -seen)
			lines[i].superseded = true;
		else
			json_object_set_new(next, line->instance,
					    json_integer(begins_life(line) ? -line->revision : line->revision));
	}
}

/* What a commit that crashed left is not always superseded: the next one may be about
 * others, or never come. A line past its record's revision did not take effect, nor did
 * the first of an instance of which nothing else was ever said. Both is asked of the
 * newest instance with an id only; an earlier one came to its end. */
static void drop_unfinished(struct parsed *lines, size_t count, const struct snapshot *state)
{
	AUTO_JSON json_t *revisions = json_object();
	AUTO_JSON json_t *said = json_object();  /* of which more than the first line was seen */
	AUTO_JSON json_t *begun = json_object(); /* whose first line took effect: the others are earlier ones */
	for (size_t i = 0; i < state->count; i++)
		json_object_set_new(revisions, state->records[i].id, json_integer(state->records[i].revision));
	for (size_t i = count; i-- > 0;) {
		const struct history_line *line = &lines[i].line;
		const json_t *revision = json_object_get(revisions, line->instance);
		if (lines[i].superseded || json_object_get(begun, line->instance))
			continue;
		if (revision)
			lines[i].superseded = line->revision > json_integer_value(revision);
		else
			lines[i].superseded = begins_life(line) && !json_object_get(said, line->instance);
		if (!lines[i].superseded)
			json_object_set_new(begins_life(line) ? begun : said, line->instance, json_true());
	}
}

/* The lines that were read, and what they must be of. */
struct reading {
	const char *id; /* NULL: of any instance */
	struct parsed *lines;
	size_t count;
};

static int take_line(struct reading *reading, const char *bytes, size_t length, struct error *err)
{
	struct parsed parsed = { 0 };
	parsed.document = json_parse(bytes, length, err);
	if (!parsed.document || parse_line(parsed.document, &parsed.line, err) < 0) {
		json_decref(parsed.document);
		err->kind = ERROR_STATE;
		return -1;
	}
	if (reading->id && strcmp(parsed.line.instance, reading->id) != 0) {
		json_decref(parsed.document);
		return 0;
	}
	reading->lines = memory_grow(reading->lines, reading->count + 1, sizeof(*reading->lines));
	reading->lines[reading->count++] = parsed;
	return 0;
}

int history_parse(const char *bytes, size_t length, const char *id, const struct snapshot *state,
		  void (*each)(void *data, const struct history_line *line), void *data, struct error *err)
{
	struct reading reading = { id, NULL, 0 };
	size_t number = 0;
	int result = 0;
	const char *cursor = bytes, *newline;
	for (; result == 0 && (newline = memchr(cursor, '\n', length)); cursor = newline + 1) {
		number++;
		size_t line = (size_t)(newline - cursor);
		length -= line + 1;
		/* zeros are what a power cut leaves of a line that was never durable, so never counted */
		if (!memchr(cursor, '\0', line) && take_line(&reading, cursor, line, err) < 0)
			result = error_wrap(err, "line %zu", number);
	}
	if (result == 0) {
		drop_repeats(reading.lines, reading.count);
		if (state)
			drop_unfinished(reading.lines, reading.count, state);
		for (size_t i = 0; i < reading.count; i++)
			if (!reading.lines[i].superseded)
				each(data, &reading.lines[i].line);
	}
	for (size_t i = 0; i < reading.count; i++)
		json_decref(reading.lines[i].document);
	free(reading.lines);
	return result;
}

static int read_history(struct store *store, const char *id, const struct snapshot *state,
			void (*each)(void *data, const struct history_line *line), void *data, struct error *err)
{
	AUTO_TEXT struct text content = TEXT_INIT(HISTORY_MAXIMUM);
	struct file_facts facts;
	if (file_look(store->system, store->history_path, &facts, err) < 0)
		return -1;
	if (!facts.exists)
		return 0;
	if (file_read(store->system, store->history_path, &content, err) < 0)
		return -1;
	if (history_parse(text_string(&content), content.length, id, state, each, data, err) < 0) {
		struct error cause = *err;
		return error_set(err, ERROR_STATE, 0,
				 "cannot use '%s': %s; mend that line or take it out; nothing was changed",
				 store->history_path, cause.message);
	}
	return 0;
}

int store_history(struct store *store, const char *id, void (*each)(void *data, const struct history_line *line),
		  void *data, struct error *err)
{
	struct snapshot state;
	/* The state first: lines that come while we read are past it, and dropped. */
	if (store_read(store, &state, err) < 0)
		return -1;
	int result = read_history(store, id, &state, each, data, err);
	snapshot_release(&state);
	return result;
}

int store_whole_history(struct store *store, void (*each)(void *data, const struct history_line *line), void *data,
			struct error *err)
{
	return read_history(store, NULL, NULL, each, data, err);
}
