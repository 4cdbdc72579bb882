#ifndef INSTANCE_HISTORY_LINE_H
#define INSTANCE_HISTORY_LINE_H
#include <jansson.h>
#include <stdint.h>

/* One line of the history: a transition of one instance. Borrowed for the call that hands it over. */
struct history_line {
	int64_t at, revision;
	const char *instance, *event, *detail;
	const json_t *set; /* members that changed, with their new values; null: gone */
};
#endif
