#ifndef CLOUD_HCLOUD_HCLOUD_H
#define CLOUD_HCLOUD_HCLOUD_H
/*
 * The driver that asks through the official program hcloud, for operators who keep their token in its contexts: we
 * never see the token. What it says for people is not read; it is told to write down its talk with the API
 * (transcript.h), and that is judged as an answer to ourselves would be. Where it differs from the REST driver:
 *
 * - What changes something is looked up first, and waited for, by the program itself: create, rebuild, apply and remove
 *   answer when their actions have ended, and name only those that did not succeed. What a delete started is not waited
 * for.
 * - A connection that was refused can't be told from an answer that was lost: maybe_done is said for both.
 * - Prices come without a currency ("?"), and none of addresses and snapshots.
 */
#include "base/arguments.h"
#include "cloud/cloud.h"
#include "system/loop.h"

struct hcloud_program {
	const char *guard;              /* absolute path of the binary that answers to --guard */
	const char *path;               /* in which "hcloud" is looked up */
	const char *const *environment; /* what the program gets: its context, never a token of ours; NULL at the end */
	const char *endpoint;           /* base of the API with "/v1" */
	int64_t timeout_ms;             /* how long each request of it may take */
};

/* All of *program is copied. Owned by the caller: cloud_free(). An endpoint to which no token may go is ERROR_USAGE. */
int hcloud_new(struct loop *loop, const struct hcloud_program *program, struct cloud **ret, struct error *err);
#endif
