/*
 * Any bytes as history.jsonl. Every whole line is handed on or named as the one at
 * fault, but for those that a power cut left as zeros; of a commit that was repeated
 * the last is kept, so that an instance's revisions go up; lines of one instance are
 * the same alone as among all; with a state, none of the newest instance with an id is
 * handed on that lies ahead of it.
 */
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "property.h"
#include "store/layout.h"

#define LINES_MAXIMUM 4096

struct seen {
	json_t *revisions; /* the newest of each instance */
	char *first;       /* instance of the first line */
	size_t total, of_first;
	struct {
		int64_t at, revision;
	} lines[LINES_MAXIMUM]; /* of the first line's instance */
	size_t alone, effective;
	bool ahead; /* the recorded instance's newest life has a line past its record */
};

/* Another instance with this id, from 1 on. */
static bool begins_life(const struct history_line *line)
{
	return json_object_get(line->set, "instanceId") != NULL;
}

static void see(void *data, const struct history_line *line)
{
	struct seen *seen = data;
	json_t *before = json_object_get(seen->revisions, line->instance);
	bool begins = begins_life(line);
	require(!before || begins || json_integer_value(before) < line->revision);
	json_object_set_new(seen->revisions, line->instance, json_integer(line->revision));
	require(line->event && line->detail && json_is_object(line->set));
	seen->total++;
	if (!seen->first)
		seen->first = memory_copy_string(line->instance);
	if (strcmp(seen->first, line->instance) == 0 && seen->of_first < LINES_MAXIMUM) {
		seen->lines[seen->of_first].at = line->at;
		seen->lines[seen->of_first++].revision = line->revision;
	}
}

static void see_alone(void *data, const struct history_line *line)
{
	struct seen *seen = data;
	size_t index = seen->alone++;
	require(strcmp(line->instance, seen->first) == 0);
	if (index < LINES_MAXIMUM)
		require(line->at == seen->lines[index].at && line->revision == seen->lines[index].revision);
}

static struct record recorded = { .id = "abc123", .revision = 2 };

static void see_effective(void *data, const struct history_line *line)
{
	struct seen *seen = data;
	if (strcmp(line->instance, recorded.id) == 0)
		seen->ahead = (seen->ahead && !begins_life(line)) || line->revision > recorded.revision;
	require(json_object_get(seen->revisions, line->instance));
	seen->effective++;
}

static size_t count_lines(const char *bytes, size_t size)
{
	size_t count = 0;
	const char *newline;
	for (; (newline = memchr(bytes, '\n', size)); bytes = newline + 1) {
		size_t line = (size_t)(newline - bytes);
		count += !memchr(bytes, '\0', line);
		size -= line + 1;
	}
	return count;
}

static void check_taken(struct seen *seen, const char *bytes, size_t size)
{
	const struct snapshot state = { .records = &recorded, .count = 1 };
	struct error error = ERROR_INIT;
	size_t lines = count_lines(bytes, size);
	require(seen->total <= lines && (seen->total > 0) == (lines > 0));
	require(seen->total >= json_object_size(seen->revisions)); /* each instance keeps its last line at least */
	if (!seen->first)
		return;
	require(history_parse(bytes, size, seen->first, NULL, see_alone, seen, &error) == 0);
	require(seen->of_first == LINES_MAXIMUM || seen->alone == seen->of_first);
	require(history_parse(bytes, size, NULL, &state, see_effective, seen, &error) == 0);
	require(!seen->ahead);
	require(seen->effective <= seen->total);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct seen *seen = memory_new(sizeof(*seen));
	struct error error = ERROR_INIT;
	AUTO_FREE char *bytes = memory_new(size + 1);
	if (size)
		memcpy(bytes, data, size);
	seen->revisions = json_object();
	if (history_parse(bytes, size, NULL, NULL, see, seen, &error) == 0)
		check_taken(seen, bytes, size);
	else
		require(error.kind == ERROR_STATE && strncmp(error.message, "line ", 5) == 0 && seen->total == 0);
	json_decref(seen->revisions);
	free(seen->first);
	free(seen);
	return 0;
}
