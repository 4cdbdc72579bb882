#ifndef LIFECYCLE_PATIENCE_H
#define LIFECYCLE_PATIENCE_H
#include <stdint.h>

#include "instance/record.h"

/* How long what is to be done next for it may take, in seconds: the longest deadline of the steps
 * that can be started now; 0 when there is none. */
int64_t patience_seconds(const struct record *record);
#endif
