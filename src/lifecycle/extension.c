#include "lifecycle/extension.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/timestamp.h"
#include "instance/adoption.h"
#include "instance/names.h"
#include "lifecycle/commit.h"
#include "lifecycle/payment.h"
#include "system/clock.h"

struct work {
	struct extension *extension;
	struct store *store;
	struct system *system;
};

/* The same payment said again adds nothing, and no other instance takes it (P4). */
static int check_payment(struct store *store, const struct snapshot *state, const struct record *record,
			 struct extension *extension, struct error *err)
{
	struct payment payment;
	struct payment_use use;
	extension->counted_before = record_has_payment(record, extension->reference, &payment);
	if (extension->counted_before && payment.hours != extension->hours)
		return error_set(err, ERROR_REFUSED, 0,
				 "payment '%s' was counted before, with %lld h; another payment needs another --ref",
				 extension->reference, (long long)payment.hours);
	if (extension->counted_before) {
		text_copy(extension->counted_at, sizeof(extension->counted_at), payment.at);
		return 0;
	}
	if (payment_find(store, state, extension->reference, &use, &extension->unsearched) < 0 || !*use.instance)
		return 0;
	return error_set(err, ERROR_REFUSED, 0,
			 use.gone ? "payment '%s' was used for instance '%s', which is gone; another payment needs "
				    "another --ref"
				  : "payment '%s' was counted for instance '%s'; another payment needs another --ref",
			 extension->reference, use.instance);
}

/* Whether the record takes it; says too whether it was counted before. */
static int check(struct store *store, const struct snapshot *state, struct extension *extension, struct error *err)
{
	const struct record *record = snapshot_find(state, extension->id);
	if (!record)
		return instance_is_unknown(extension->id, err);
	extension->handed_over = record->verified_at || adoption_is_open(record);
	if (check_payment(store, state, record, extension, err) < 0)
		return -1;
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
	int64_t now = clock_now(work->system);
	char detail[96];
	if (check(work->store, transaction_state(transaction), extension, err) < 0)
		return -1;
	if (extension->counted_before)
		return 0;
	struct record *record = transaction_find(transaction, extension->id);
	if (adoption_is_open(record)) /* the operator's word: this is a customer's, and until when */
		adoption_accept(record, now);
	record->goal = GOAL_RUNNING;
	record->reason[0] = '\0';
	record_add_payment(record, extension->reference, extension->hours, now);
	if (record->verified_at)
		record->expires_at =
			timestamp_add(record->expires_at > now ? record->expires_at : now, extension->hours * 3600);
	snprintf(detail, sizeof(detail), "%lld h", (long long)extension->hours);
	transaction_note(transaction, record, "extended", detail);
	return 0;
}

int extension_check(struct store *store, struct extension *extension, struct error *err)
{
	struct snapshot state;
	if (store_read(store, &state, err) < 0)
		return -1;
	int result = check(store, &state, extension, err);
	snapshot_release(&state);
	return result;
}

int extension_commit(struct loop *loop, struct store *store, struct extension *extension, struct error *err)
{
	struct work work = { extension, store, loop_system(loop) };
	return commit_now(loop, store, extend, &work, err);
}
