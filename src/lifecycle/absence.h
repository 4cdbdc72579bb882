#ifndef LIFECYCLE_ABSENCE_H
#define LIFECYCLE_ABSENCE_H
#include "lifecycle/run.h"

/* For a step that asked for the record's server by its id and was answered 404: looks at the anchor with the same
 * token and fails the step by what that tells: another project's token, nothing that can be told, or that the
 * server is really gone (P3). */
void absence_fail(struct activity *activity);
#endif
