#include "lifecycle/plausible.h"

#include <stdlib.h>

#include "instance/status.h"

/* So many must be missing, and more than half: one or two may well have been deleted by hand. */
#define MISSING_MINIMUM 3

static bool is_listed(const struct cloud_reply *list, int64_t id)
{
	for (size_t i = 0; i < list->server_count; i++)
		if (list->servers[i].id == id)
			return true;
	return false;
}

int plausible_list(struct activity *activity, const struct cloud_reply *list, struct error *err)
{
	struct snapshot state;
	size_t claimed = 0, missing = 0;
	if (store_read(activity_parts(activity)->store, &state, err) < 0)
		return -1;
	for (size_t i = 0; i < state.count; i++) {
		const struct record *record = &state.records[i];
		if (!record->server_id || record->deleting_at)
			continue;
		claimed++;
		missing += !is_listed(list, record->server_id);
	}
	snapshot_release(&state);
	if (missing < MISSING_MINIMUM || missing * 2 <= claimed)
		return 0;
	return error_set(
		err, ERROR_REMOTE, 0,
		"Hetzner's list lacks %zu of %zu servers that should be there, so it is not believed and nothing is "
		"forgotten; if they are really gone, end them together: ccc deprovision ID...",
		missing, claimed);
}

int plausible_clock(int64_t offset, struct error *err)
{
	if (llabs(offset) <= CLOCK_TOLERANCE_S)
		return 0;
	return error_set(
		err, ERROR_FAILED, 0,
		"this machine's clock is %lld s %s Hetzner's; nothing is deleted for being expired until it is "
		"right",
		(long long)llabs(offset), offset > 0 ? "ahead of" : "behind");
}
