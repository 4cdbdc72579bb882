#ifndef LIFECYCLE_PAID_LABEL_H
#define LIFECYCLE_PAID_LABEL_H
/*
 * A server's label that says more than the record ever did is of extensions that a state put back from an old copy
 * does not know: nobody is ended before it, and it is never lowered (P4).
 */
#include "lifecycle/run.h"

/* The record neither says as much nor knows that the label does (see cloud_label_expiry). */
bool paid_label_is_news(const struct record *record, int64_t label);

/* Says that it is news; `then` is a sentence on what comes of it. */
void paid_label_warn(struct activity *activity, int64_t label, const char *then);
#endif
