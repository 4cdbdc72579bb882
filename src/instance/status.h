#ifndef INSTANCE_STATUS_H
#define INSTANCE_STATUS_H
#include <stdbool.h>
#include <stdint.h>

#include "instance/record.h"

/* P8: how far this machine's clock may be from Hetzner's when something is ended for being expired. */
#define CLOCK_TOLERANCE_S 60

/* The word that people read, computed from the facts at time `now`: requested,
 * creating, booting, installing, verifying, running, suspending, suspended, unsuspending, expired, deleting, failed,
 * adopted. */
const char *status_of(const struct record *record, int64_t now);

/* The paid time is over: verified, and past expires_at. */
bool status_is_expired(const struct record *record, int64_t now);

/* It ends because of the time, so not before the clock is trusted (P8); an order does not wait for that. */
bool status_ends_by_clock(const struct record *record);

/* Suspended, or not yet seen to be as usual since: nobody gets through to the machine,
 * the operator neither, and what it is to be told has to wait. */
bool status_is_cut_off(const struct record *record);

/* Cut off, or adopted: a box whose host key is unknown is not spoken to (P6). */
bool status_is_out_of_reach(const struct record *record);

/* What a machine that was handed over may still lack; a step each sees to it. */
bool status_is_announced(const struct record *record);         /* box and label know the expiry */
bool status_keys_are_told(const struct record *record);        /* the box takes the keys of the record */
bool status_network_is_as_wanted(const struct record *record); /* cut, or as usual */

/* Nothing is left to do for it until it expires or somebody asks: running and
 * lacking nothing of the above, failed and kept for a look, or adopted. */
bool status_is_settled(const struct record *record);
#endif
