#ifndef AUDIT_HEALTH_H
#define AUDIT_HEALTH_H
/*
 * Is the fleet looked after? From the state and its history alone, without asking Hetzner: what
 * should have happened by now and has not. Pure.
 */
#include "audit/finding.h"
#include "audit/past.h"

struct health_input { /* all borrowed */
	int64_t now;
	int64_t sweep_warning, sweep_critical;          /* seconds without a completed sweep, or past an expiry */
	int64_t disk_free, disk_warning, disk_critical; /* bytes */

	const char *fleet;
	int64_t fleet_created_at, fleet_adopted_at;       /* 0: it was not, or was compared since */
	int64_t sweep_began_at, swept_at;                 /* of the fleet; 0: never */
	int64_t rate_limit, rate_remaining, rate_seen_at; /* as the last sweep left it; 0: not known */
	const struct record *earlier;                     /* the state before the history was read, */
	size_t earlier_count;
	const struct record *records; /* and after it */
	size_t record_count;
	int64_t commit; /* the number of that state */
	const struct past *past;
	const char *settings_trouble; /* what is wrong with the settings; NULL: nothing */

	/* how long what is to be done next for a record may take, in seconds */
	int64_t (*patience)(const struct record *record);
};

/* Appends what is wrong, with the severity of each case. */
void health_judge(const struct health_input *input, struct findings *ret);

/* Of all findings; SEVERITY_NOTICE when there are none. */
enum severity health_worst(const struct findings *findings);
#endif
