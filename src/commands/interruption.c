#include "commands/interruption.h"

#include <stdio.h>
#include <string.h>

#include "instance/status.h"

#define GOES_ON "by itself, 'ccc resume %s' now"

/* What lifecycle/extension.c lets an extension stop. */
static bool is_stoppable(const struct record *record)
{
	return !record->deleting_at && strcmp(record->reason, "expired") == 0;
}

static int of_an_end(const struct record *record, struct error *err)
{
	const char *id = record->id;
	if (is_stoppable(record))
		return error_set(err, ERROR_INTERRUPTED, 0,
				 "the end of instance '%s' is recorded: 'ccc reap' finishes it " GOES_ON
				 "; 'ccc extend %s --hours H' stops it, if said before",
				 id, id, id);
	return error_set(
		err, ERROR_INTERRUPTED, 0,
		"the end of instance '%s' is recorded and can't be taken back: 'ccc reap' finishes it " GOES_ON, id,
		id);
}

static int of_an_order(const struct record *record, struct error *err)
{
	const char *id = record->id;
	return error_set(err, ERROR_INTERRUPTED, 0,
			 "instance '%s' stays ordered: 'ccc reap' %sfinishes it " GOES_ON
			 "; 'ccc deprovision %s' ends it",
			 id, record->create_sent_at ? "" : "orders its server and ", id, id);
}

int interruption_error(const struct record *record, struct error *err)
{
	const char *id = record->id;
	if (record->goal == GOAL_GONE)
		return of_an_end(record, err);
	if (!record->verified_at)
		return of_an_order(record, err);
	if (status_network_is_as_wanted(record))
		return error_set(err, ERROR_INTERRUPTED, 0, "instance '%s': 'ccc reap' goes on " GOES_ON, id, id);
	return error_set(err, ERROR_INTERRUPTED, 0,
			 "instance '%s': 'ccc reap' goes on " GOES_ON "; 'ccc %s %s' takes it back", id, id,
			 record->suspended_at ? "unsuspend" : "suspend", id);
}
