#ifndef LIFECYCLE_BOX_H
#define LIFECYCLE_BOX_H
/* What we say to a running box, and what it answers (nix/scripts/ccc-report, ccc-set-*). */
#include "lifecycle/run.h"

/* Judges the output of ccc-report: this instance, the user's keys as they were built in,
 * claude answers, no failed unit. *ret_final when it is -1: another instance stays
 * another, all else may still come right. */
int box_check_report(const char *output, const struct record *record, bool *ret_final, struct error *err);

/* The output of ccc-set-expiry says that this time was read back. */
int box_read_expiry(const char *output, int64_t expected, struct error *err);

void box_set_expiry(struct activity *activity, int64_t expires, activity_child_fn *done);

/* The output of ccc-set-keys says that the box takes these keys of the user, and no other. */
int box_read_keys(const char *output, const json_t *keys, struct error *err);

void box_set_keys(struct activity *activity, const json_t *keys, activity_child_fn *done);

/* The output of ccc-set-host-key says that this is the host key now, "type base64". *ret_final when it is -1 and says
 * that it is another one: that stays so. */
int box_read_host_key(const char *output, const char *expected, bool *ret_final, struct error *err);

/* Gives the private half in that file to the box, over its standard input. */
void box_set_host_key(struct activity *activity, const char *path, activity_child_fn *done);
#endif
