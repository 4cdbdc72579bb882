#ifndef NET_TROUBLE_H
#define NET_TROUBLE_H
/* libcurl's result codes in words that say what to do. */
#include <curl/curl.h>

#include "base/error.h"

/* Fills *err (ERROR_REMOTE) with errnum set but not spelled out. `was_sent` tells a
 * time-out while connecting from one while waiting for the answer. */
void trouble_describe(CURLcode result, const char *host, bool was_sent, struct error *err);
#endif
