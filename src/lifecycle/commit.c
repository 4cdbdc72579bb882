#include "lifecycle/commit.h"

#include <stdbool.h>

#include "system/clock.h"
#include "system/random.h"

static void wake(void *data)
{
	*(bool *)data = true;
}

static int sleep_a_little(struct loop *loop, struct error *err)
{
	bool awake = false;
	struct timer *timer = loop_after(loop, 2 + (int64_t)random_below(loop_system(loop), 20), wake, &awake);
	int result = loop_until(loop, &awake, err);
	if (result < 0)
		loop_cancel(timer);
	return result;
}

int commit_now(struct loop *loop, struct store *store, commit_change_fn *change, void *data, struct error *err)
{
	struct system *system = loop_system(loop);
	int64_t began = clock_monotonic_ms(system);
	struct transaction *transaction;
	for (;;) {
		if (store_begin(store, &transaction, err) < 0)
			return -1;
		if (transaction)
			break;
		if (clock_monotonic_ms(system) - began > LOCK_PATIENCE_MS)
			return store_stays_locked(store, LOCK_PATIENCE_MS, err);
		if (sleep_a_little(loop, err) < 0)
			return -1;
	}
	if (change(transaction, data, err) < 0) {
		transaction_abort(transaction);
		return -1;
	}
	return transaction_commit(transaction, clock_now(system), err);
}
