/* The newest line of the history: whose it is, and up to which commit of the state it goes. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "store/layout.h"
#include "system/durable_file.h"

#define FIRST_LOOK 65536 /* bytes: some hundred lines of common length */

/* Whether these bytes are a line that tells; a hole or a torn line does not, and the one before it is asked. */
static bool take_line(const char *bytes, size_t length, struct history_end *ret)
{
	struct error ignored = ERROR_INIT;
	struct history_end end = { .exists = true };
	const char *fleet;
	if (memchr(bytes, '\0', length))
		return false;
	AUTO_JSON json_t *document = json_parse(bytes, length, &ignored);
	if (!document || json_optional_string(document, "fleet", "", &fleet, &ignored) < 0 ||
	    json_optional_integer(document, "commit", 0, &end.commit, &ignored) < 0 ||
	    !text_copy(end.fleet, sizeof(end.fleet), fleet))
		return false;
	*ret = end;
	return true;
}

/* The newest whole line in these bytes. What stands before the first newline may be the rest of a line, unless
 * they are the whole file. */
static bool find_line(const char *bytes, size_t length, bool whole, struct history_end *ret)
{
	const char *end = memrchr(bytes, '\n', length);
	while (end) {
		const char *before = memrchr(bytes, '\n', (size_t)(end - bytes));
		if (!before && !whole)
			return false;
		const char *line = before ? before + 1 : bytes;
		if (take_line(line, (size_t)(end - line), ret))
			return true;
		end = before;
	}
	return false;
}

int history_look_at_end(struct system *system, const char *path, struct history_end *ret, struct error *err)
{
	struct history_end end = { 0 };
	struct file_facts facts;
	if (file_look(system, path, &facts, err) < 0)
		return -1;
	end.exists = facts.exists && facts.size > 0;
	for (int64_t size = FIRST_LOOK; end.exists; size *= 64) {
		AUTO_TEXT struct text text = TEXT_INIT(HISTORY_MAXIMUM);
		if (file_read_end(system, path, size, &text, err) < 0)
			return -1;
		if (find_line(text_string(&text), text.length, size >= facts.size, &end) || size >= facts.size)
			break;
	}
	*ret = end;
	return 0;
}

int history_check_age(const struct snapshot *state, const struct history_end *end, const char *directory,
		      struct error *err)
{
	if (*end->fleet && strcmp(end->fleet, state->fleet.id) != 0)
		return error_set(err, ERROR_STATE, 0,
				 "'%s' has the history of fleet '%s' and the state of fleet '%s'; nothing was changed: "
				 "put the file back that belongs to the other",
				 directory, end->fleet, state->fleet.id);
	if (end->commit <= state->commit + 1)
		return 0;
	return error_set(
		err, ERROR_STATE, 0,
		"instances.json in '%s' is an old copy: the history beside it is %lld changes ahead, and "
		"extensions that were paid may be among them; nothing was changed: put the newest copy back, or "
		"move the file away and rebuild it with 'ccc init --adopt --fleet %s' and then 'ccc fsck --fix'",
		directory, (long long)(end->commit - state->commit), state->fleet.id);
}
