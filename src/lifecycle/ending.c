#include "lifecycle/ending.h"

#include "base/text.h"
#include "instance/status.h"
#include "lifecycle/commit.h"

struct work {
	char *const *ids;
	size_t count;
};

static int set_goals(struct transaction *transaction, void *data, struct error *err)
{
	const struct work *work = data;
	for (size_t i = 0; i < work->count; i++) {
		struct record *record = transaction_find(transaction, work->ids[i]);
		if (!record)
			return error_set(
				err, ERROR_NOT_FOUND, 0,
				"there is no instance '%s'; 'ccc list' shows those that there are; none was ended",
				work->ids[i]);
		if (record->goal == GOAL_GONE && !status_ends_by_clock(record))
			continue;
		record->goal = GOAL_GONE;
		text_copy(record->reason, sizeof(record->reason), "deprovision");
		transaction_note(transaction, record, "deprovision", "");
	}
	return 0;
}

int ending_commit(struct loop *loop, struct store *store, char *const *ids, size_t count, struct error *err)
{
	struct work work = { ids, count };
	return commit_now(loop, store, set_goals, &work, err);
}
