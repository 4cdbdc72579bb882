#ifndef CLOUD_HETZNER_HETZNER_H
#define CLOUD_HETZNER_HETZNER_H
#include "cloud/cloud.h"
#include "system/loop.h"

#define HETZNER_ENDPOINT "https://api.hetzner.cloud/v1"

/* The REST driver. `endpoint` is the base with "/v1" and no trailing slash needed
 * (HCLOUD_ENDPOINT, else HETZNER_ENDPOINT); `token` is copied and wiped on free. A
 * token that is empty or holds anything but letters, digits, '-', '_', '.' is
 * ERROR_USAGE without being echoed. Owned by the caller: cloud_free(). */
int hetzner_new(struct loop *loop, const char *endpoint, const char *token, struct cloud **ret, struct error *err);

/* How long each request may take; 30 s unless this says otherwise. */
void hetzner_set_timeout(struct cloud *cloud, int64_t timeout_ms);

/* Called when the rate limit makes a request wait, at most every five seconds. */
typedef void hetzner_wait_fn(void *data, int64_t delay_ms);
void hetzner_on_wait(struct cloud *cloud, hetzner_wait_fn *fn, void *data);
#endif
