#ifndef INSTANCE_ADOPTION_H
#define INSTANCE_ADOPTION_H
/*
 * A machine whose record was lost and rebuilt from the labels of its server. Nobody
 * knows whose it is and what was paid, so nothing is done to it, its end included, until
 * the operator accepts it: by extending it, or by `ccc fsck --fix --yes`.
 */
#include <stdbool.h>
#include <stdint.h>

#include "instance/record.h"

/* It waits for the operator's word. */
bool adoption_is_open(const struct record *record);

/* From now on it ends at its expires_at like any other. It counts as handed over since it was made. */
void adoption_accept(struct record *record, int64_t now);
#endif
