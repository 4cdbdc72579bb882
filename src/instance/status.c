#include "instance/status.h"

bool status_is_expired(const struct record *record, int64_t now)
{
	return record->verified_at && now >= record->expires_at;
}

bool status_is_settled(const struct record *record)
{
	if (record->goal == GOAL_GONE)
		return false;
	if (record->failed_at && record->keep_until)
		return true;
	return record->verified_at && record->box_expires_at >= record->expires_at &&
	       record->label_expires_at >= record->expires_at;
}

const char *status_of(const struct record *record, int64_t now)
{
	if (record->goal == GOAL_GONE)
		return "deleting";
	if (record->failed_at)
		return "failed";
	if (status_is_expired(record, now))
		return "expired";
	if (record->verified_at)
		return "running";
	if (record->installed_at)
		return "verifying";
	if (record->reachable_at)
		return "installing";
	if (record->server_id)
		return "booting";
	return record->create_sent_at ? "creating" : "requested";
}
