#ifndef INSTANCE_HISTORY_LINE_H
#define INSTANCE_HISTORY_LINE_H
#include <jansson.h>
#include <stdint.h>

/* One line of the history: a transition of one instance. Borrowed for the call that hands it over. */
struct history_line {
	int64_t at, revision;
	int64_t commit; /* the number of the state's commit that wrote it, as in instances.json; 0: an older ccc did */
	const char *fleet, *instance, *event, *detail;
	const json_t *set; /* members that changed, with their new values; null: gone */
};
#endif
