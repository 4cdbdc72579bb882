/*
 * Any bytes as history.jsonl. Every whole line is handed on or named as the one at
 * fault; of a commit that was repeated the last is kept, so that an instance's
 * revisions go up; lines of one instance are the same alone as among all.
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
	size_t alone;
};

static void see(void *data, const struct history_line *line)
{
	struct seen *seen = data;
	json_t *before = json_object_get(seen->revisions, line->instance);
	require(!before || json_integer_value(before) < line->revision);
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

/* Each instance keeps at least its last line. */
static void check_count(const struct seen *seen, const uint8_t *data, size_t size)
{
	size_t newlines = 0;
	for (size_t i = 0; i < size; i++)
		newlines += data[i] == '\n';
	require(seen->total <= newlines && (seen->total > 0) == (newlines > 0));
	require(seen->total >= json_object_size(seen->revisions));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct seen *seen = memory_new(sizeof(*seen));
	struct error error = ERROR_INIT;
	AUTO_FREE char *bytes = memory_new(size + 1);
	if (size)
		memcpy(bytes, data, size);
	seen->revisions = json_object();
	if (history_parse(bytes, size, NULL, NULL, see, seen, &error) == 0) {
		check_count(seen, data, size);
		if (seen->first) {
			require(history_parse(bytes, size, seen->first, NULL, see_alone, seen, &error) == 0);
			require(seen->of_first == LINES_MAXIMUM || seen->alone == seen->of_first);
		}
	} else {
		require(error.kind == ERROR_STATE && strncmp(error.message, "line ", 5) == 0 && seen->total == 0);
	}
	json_decref(seen->revisions);
	free(seen->first);
	free(seen);
	return 0;
}
