#include "lifecycle/extension.h"

#include <stdio.h>
#include <string.h>

#include "instance/adoption.h"
#include "instance/names.h"
#include "lifecycle/commit.h"
#include "system/clock.h"

struct work {
	struct extension *extension;
	struct system *system;
};

/* Whether the record (NULL: there is none) takes it; says too whether it was counted before. */
static int check(const struct record *record, struct extension *extension, struct error *err)
{
	int64_t counted;
	if (!record)
		return instance_is_unknown(extension->id, err);
	extension->handed_over = record->verified_at || adoption_is_open(record);
	extension->counted_before = record_has_payment(record, extension->reference, &counted);
	if (extension->counted_before && counted != extension->hours)
		return error_set(err, ERROR_REFUSED, 0,
				 "payment '%s' was counted before, with %lld h; another payment needs another --ref",
				 extension->reference, (long long)counted);
	if (extension->counted_before)
		return 0;
	if (record->deleting_at || (record->goal == GOAL_GONE && strcmp(record->reason, "expired") != 0))
		return error_set(err, ERROR_REFUSED, 0,
				 "instance '%s' is being deleted and can't be extended any more; nothing was charged",
				 extension->id);
	if (record->failed_at)
		return error_set(
			err, ERROR_REFUSED, 0,
			"instance '%s' failed and can't be extended; nothing was charged: end it with 'ccc deprovision "
			"%s'",
			extension->id, extension->id);
	return 0;
}

static int extend(struct transaction *transaction, void *data, struct error *err)
{
	const struct work *work = data;
	struct extension *extension = work->extension;
	struct record *record = transaction_find(transaction, extension->id);
	int64_t now = clock_now(work->system);
	char detail[96];
	if (check(record, extension, err) < 0)
		return -1;
	if (extension->counted_before)
		return 0;
	if (adoption_is_open(record)) /* the operator's word: this is a customer's, and until when */
		adoption_accept(record, now);
	record->goal = GOAL_RUNNING;
	record->reason[0] = '\0';
	record_add_payment(record, extension->reference, extension->hours, now);
	if (record->verified_at)
		record->expires_at = (record->expires_at > now ? record->expires_at : now) + extension->hours * 3600;
	snprintf(detail, sizeof(detail), "%lld h", (long long)extension->hours);
	transaction_note(transaction, record, "extended", detail);
	return 0;
}

int extension_check(struct store *store, struct extension *extension, struct error *err)
{
	struct snapshot state;
	if (store_read(store, &state, err) < 0)
		return -1;
	int result = check(snapshot_find(&state, extension->id), extension, err);
	snapshot_release(&state);
	return result;
}

int extension_commit(struct loop *loop, struct store *store, struct extension *extension, struct error *err)
{
	struct work work = { extension, loop_system(loop) };
	return commit_now(loop, store, extend, &work, err);
}
