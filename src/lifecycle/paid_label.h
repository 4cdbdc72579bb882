#ifndef LIFECYCLE_PAID_LABEL_H
#define LIFECYCLE_PAID_LABEL_H
/*
 * A server's label that says more than the record ever did is of extensions that a state put back from an old copy
 * does not know: nobody is ended before it, and it is never lowered (P4).
 */
#include "lifecycle/run.h"

/* Until when the server is paid by its label; 0 when that is no time. */
int64_t paid_label_read(const struct cloud_server *server);

/* The record neither says as much nor knows that the label does. */
bool paid_label_is_news(const struct record *record, int64_t label);

/* Says that it is news; `then` is a sentence on what comes of it. */
void paid_label_warn(struct activity *activity, int64_t label, const char *then);
#endif
