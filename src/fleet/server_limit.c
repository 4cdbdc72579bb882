#include "fleet/server_limit.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/text.h"
#include "base/timestamp.h"

#define NAMED 3 /* at most */

/* What is ending already, then what failed and is kept, then what has no end yet, then by the time that is left. */
static int rank(const struct record *record)
{
	if (record->goal == GOAL_GONE)
		return 0;
	if (record->failed_at)
		return 1;
	return record->expires_at ? 2 : 3;
}

static int compare(const void *left, const void *right)
{
	const struct record *a = *(const struct record *const *)left, *b = *(const struct record *const *)right;
	if (rank(a) != rank(b))
		return rank(a) < rank(b) ? -1 : 1;
	return a->expires_at < b->expires_at ? -1 : a->expires_at > b->expires_at;
}

static void add(const struct record *record, struct text *ret)
{
	char when[TIMESTAMP_SIZE];
	text_addf(ret, "%s '%s' ", ret->length ? "," : "", record->id);
	switch (rank(record)) {
	case 0:
		text_add_string(ret, "is being ended");
		break;
	case 1:
		text_add_string(ret, "failed and is kept for a look");
		break;
	case 2:
		timestamp_format(record->expires_at, when);
		text_addf(ret, "is paid until %s", when);
		break;
	default:
		text_add_string(ret, "is not handed over yet");
	}
}

int server_limit_check(const struct snapshot *state, int64_t maximum, struct error *err)
{
	AUTO_FREE const struct record **records = memory_new((state->count + 1) * sizeof(const struct record *));
	AUTO_TEXT struct text named = TEXT_INIT(512);
	size_t count = 0;
	for (size_t i = 0; i < state->count; i++)
		if (!state->records[i].deleted_at)
			records[count++] = &state->records[i];
	if (!maximum || (int64_t)count < maximum)
		return 0;
	qsort(records, count, sizeof(const struct record *), compare);
	for (size_t i = 0; i < count && i < NAMED; i++)
		add(records[i], &named);
	return error_set(
		err, ERROR_REFUSED, 0,
		"the fleet has %zu server%s and max-servers is %lld:%s; end one with 'ccc deprovision ID', or raise "
		"max-servers ('ccc config show')",
		count, text_plural(count), (long long)maximum, text_string(&named));
}
