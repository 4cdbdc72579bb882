/* What sweeps must do, and must not do too often. */
#include "oracle_inside.h"

#include <string.h>

#include "base/timestamp.h"
#include "process.h"

/* --- patience -------------------------------------------------------------------------------------- */

/* After so many failures in a row: a minute, and twice as long each time, up to an hour. */
static int64_t pause_ms(int64_t attempts)
{
	int64_t seconds = INT64_C(60) << (attempts < 7 ? attempts - 1 : 6);
	return (seconds < 3600 ? seconds : 3600) * 1000;
}

static bool is_sweep(const char *process)
{
	return strcmp(process, "reap") == 0;
}

/* Who types a command does not wait. */
static bool was_commanded_since(const struct oracle *oracle, int64_t since_ms)
{
	for (const struct process *process = oracle->world->processes; process; process = process->next)
		if (!is_sweep(process->name))
			return true;
	return oracle->commanded_ms >= since_ms;
}

void oracle_sees_end(struct oracle *oracle, const char *process)
{
	if (!is_sweep(process))
		oracle->commanded_ms = oracle->world->now_ms;
	oracle_looks(oracle);
}

/* It failed some time since the look before this one. */
void oracle_checks_patience(struct oracle *oracle, struct known *known, const struct record *record)
{
	const struct world *world = oracle->world;
	const struct attempt *before = &known->attempt;
	if (record->attempts == before->number)
		return;
	bool again = before->number && record->attempts == before->number + 1 && record->goal == before->goal &&
		     world->clock_error_ms == before->clock_error_ms && !was_commanded_since(oracle, before->from_ms);
	int64_t since_ms = world->now_ms - before->from_ms;
	if (again && since_ms < pause_ms(before->number) - ROUNDING_MS)
		oracle_violated(oracle, "P8", "%s failed %lld times and is tried again after %lld s", known->id,
				(long long)before->number, (long long)(since_ms / 1000));
	known->attempt = (struct attempt){ record->attempts, oracle->looked_ms, world->clock_error_ms, record->goal };
}

/* What a clock that was ahead wrote is to go, and a power cut may take the newest. */
void oracle_checks_sweeps(struct oracle *oracle, const char *swept)
{
	int64_t before = oracle->swept_at, clock_ms = oracle->looked_ms + oracle->world->clock_error_ms;
	if (!swept || !timestamp_parse(swept, &oracle->swept_at))
		oracle->swept_at = 0;
	if (oracle->swept_at < before && !oracle->fell_back && before * 1000 <= clock_ms)
		oracle_violated(oracle, "P8", "the end of the last sweep is set back by %lld s",
				(long long)(before - oracle->swept_at));
}

/* --- one sweep --------------------------------------------------------------------------------------- */

void oracle_notes_what_is_due(struct oracle *oracle)
{
	oracle->seen = NULL; /* the same state may mean something else by now */
	oracle_looks(oracle);
	oracle->sweep_began_ms = oracle->world->now_ms;
	for (struct known *known = oracle->known; known; known = known->next) {
		known->due = known->recorded && known->over && !known->deleting && !known->tried && !known->excused;
		oracle_notes_whom_to_tell(known);
	}
}

void oracle_judges_the_sweep(struct oracle *oracle)
{
	oracle_looks(oracle);
	for (struct known *known = oracle->known; known; known = known->next) {
		if (known->due && known->recorded && known->over && !known->tried)
			oracle_violated(oracle, "P8",
					"a sweep left %s, whose time was over and with which nothing was wrong",
					known->id);
		oracle_judges_the_told(oracle, known);
	}
	if (oracle->swept_at < oracle->sweep_began_ms / 1000)
		oracle_violated(oracle, "P8", "a sweep came to its end and the state does not say so");
}
