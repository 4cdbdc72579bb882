#include "lifecycle/suspension.h"

#include "base/text.h"
#include "instance/adoption.h"
#include "instance/names.h"
#include "instance/status.h"
#include "lifecycle/commit.h"
#include "system/clock.h"

struct work {
	const struct suspension *suspension;
	struct system *system;
};

static struct record *find(struct transaction *transaction, const char *id, struct error *err)
{
	struct record *record = transaction_find(transaction, id);
	if (!record)
		instance_is_unknown(id, err);
	else if (record->goal == GOAL_GONE)
		error_set(err, ERROR_REFUSED, 0, "instance '%s' is being deleted", id);
	else
		return record;
	return NULL;
}

static int check_adoption(const struct record *record, struct error *err)
{
	if (!adoption_is_open(record))
		return 0;
	return error_set(err, ERROR_REFUSED, 0,
			 "instance '%s' was adopted, and nobody knows whose it is; accept it first with: ccc extend %s "
			 "--hours H",
			 record->id, record->id);
}

static int begin(struct transaction *transaction, void *data, struct error *err)
{
	const struct work *work = data;
	const struct suspension *suspension = work->suspension;
	struct record *record = find(transaction, suspension->id, err);
	int64_t now = clock_now(work->system);
	if (!record || check_adoption(record, err) < 0)
		return -1;
	if (!record->verified_at || record->failed_at)
		return error_set(err, ERROR_REFUSED, 0,
				 "instance '%s' was not handed over, so nobody is on it; 'ccc deprovision %s' ends it",
				 suspension->id, suspension->id);
	if (record->suspended_at && !suspension->reason)
		return 0;
	if (suspension->reason)
		text_copy(record->suspend_reason, sizeof(record->suspend_reason), suspension->reason);
	if (!record->suspended_at) {
		record->suspended_at = now;
		record->isolated_at = 0;
		/* from here on the firewalls may be others than usual, whatever becomes of us */
		record->isolation_began_at = now;
		record->retry_at = 0; /* new work: the next sweep does not wait for what failed before */
	}
	transaction_note(transaction, record, "suspended", suspension->reason ? suspension->reason : "");
	return 0;
}

static int end(struct transaction *transaction, void *data, struct error *err)
{
	struct record *record = find(transaction, data, err);
	if (!record)
		return -1;
	if (!status_is_cut_off(record))
		return error_set(err, ERROR_REFUSED, 0, "instance '%s' is not suspended", record->id);
	if (check_adoption(record, err) < 0)
		return -1;
	if (!record->suspended_at)
		return 0;
	record->suspended_at = record->isolated_at = record->retry_at = 0;
	record->suspend_reason[0] = '\0';
	transaction_note(transaction, record, "unsuspended", "");
	return 0;
}

int suspension_begin(struct loop *loop, struct store *store, const struct suspension *suspension, struct error *err)
{
	struct work work = { suspension, loop_system(loop) };
	return commit_now(loop, store, begin, &work, err);
}

int suspension_end(struct loop *loop, struct store *store, const char *id, struct error *err)
{
	return commit_now(loop, store, end, (void *)(uintptr_t)id, err);
}
