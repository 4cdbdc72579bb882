#ifndef COMMANDS_PROGRESS_H
#define COMMANDS_PROGRESS_H
/* Progress on standard error: on a terminal one line a step with its duration, and
 * below them a line that changes while steps are at work; elsewhere plain lines. */
#include <stdbool.h>

#include "lifecycle/report.h"

struct progress;

struct progress *progress_new(bool verbose);
void progress_free(struct progress *progress);
void progress_report(void *progress, const struct report *report); /* a report_fn */
void progress_clear(struct progress *progress); /* takes the changing line away before other output */

/* Ctrl-C: says what happens now; gives true when it was pressed before. */
bool progress_interrupted(struct progress *progress);
#endif
