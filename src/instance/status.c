#include "instance/status.h"

#include <string.h>

#include "instance/adoption.h"

bool status_is_expired(const struct record *record, int64_t now)
{
	return record->verified_at && now >= record->expires_at;
}

bool status_ends_by_clock(const struct record *record)
{
	return strcmp(record->reason, "expired") == 0 || strcmp(record->reason, "abandoned") == 0;
}

bool status_is_cut_off(const struct record *record)
{
	return record->suspended_at || record->isolation_began_at;
}

bool status_is_out_of_reach(const struct record *record)
{
	return status_is_cut_off(record) || !*record->host_key;
}

bool status_is_announced(const struct record *record)
{
	return record->label_expires_at >= record->expires_at &&
	       (record->box_expires_at >= record->expires_at || status_is_out_of_reach(record));
}

bool status_keys_are_told(const struct record *record)
{
	bool known = json_array_size(record->ssh_keys) > 0;
	return !known || status_is_out_of_reach(record) || json_equal(record->ssh_keys, record->box_ssh_keys);
}

bool status_network_is_as_wanted(const struct record *record)
{
	return record->suspended_at ? record->isolated_at != 0 : record->isolation_began_at == 0;
}

bool status_is_settled(const struct record *record)
{
	if (record->goal == GOAL_GONE)
		return false;
	if ((record->failed_at && record->keep_until) || adoption_is_open(record))
		return true;
	return record->verified_at && status_is_announced(record) && status_keys_are_told(record) &&
	       status_network_is_as_wanted(record);
}

/* Wished for and reached are two words. */
static const char *word_of_network(const struct record *record)
{
	if (!record->suspended_at)
		return "unsuspending";
	return record->isolated_at ? "suspended" : "suspending";
}

const char *status_of(const struct record *record, int64_t now)
{
	if (record->goal == GOAL_GONE)
		return "deleting";
	if (adoption_is_open(record))
		return status_is_cut_off(record) ? word_of_network(record) : "adopted";
	if (record->failed_at)
		return "failed";
	if (status_is_expired(record, now))
		return "expired";
	if (status_is_cut_off(record))
		return word_of_network(record);
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
