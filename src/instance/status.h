#ifndef INSTANCE_STATUS_H
#define INSTANCE_STATUS_H
#include <stdbool.h>
#include <stdint.h>

#include "instance/record.h"

/* The word that people read, computed from the facts at time `now`: requested,
 * creating, booting, installing, verifying, running, expired, deleting, failed. */
const char *status_of(const struct record *record, int64_t now);

/* The paid time is over: verified, and past expires_at. */
bool status_is_expired(const struct record *record, int64_t now);

/* Nothing is left to do for it until it expires or somebody asks: running and
 * told its expiry, or failed and kept for a look. */
bool status_is_settled(const struct record *record);
#endif
