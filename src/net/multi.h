#ifndef NET_MULTI_H
#define NET_MULTI_H
/* libcurl's multi interface on our loop: its sockets and its one timer become ours. */
#include <curl/curl.h>

#include "system/loop.h"

struct multi;

/* A transfer ended and was taken off; `transfer` is its CURLOPT_PRIVATE. Called
 * while libcurl's own state is being walked: it may add transfers, not free the multi. */
typedef void multi_ended_fn(void *transfer, CURLcode result);

struct multi *multi_new(struct loop *loop, multi_ended_fn *ended); /* NULL when libcurl can't be set up */
void multi_free(struct multi *multi);                              /* after every transfer was removed; NULL is fine */

CURLMcode multi_add(struct multi *multi, CURL *easy); /* makes progress from loop_turn() only */
void multi_remove(struct multi *multi, CURL *easy);
#endif
