#include "instance/adoption.h"

bool adoption_is_open(const struct record *record)
{
	return record->adopted_at && !record->accepted_at;
}

void adoption_accept(struct record *record, int64_t now)
{
	record->accepted_at = now;
	record->verified_at = record->created_at;
}
