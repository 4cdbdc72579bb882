#ifndef INSTANCE_HOURS_H
#define INSTANCE_HOURS_H
#include <stdint.h>

#include "base/error.h"

#define HOURS_DEFAULT 24
#define HOURS_MAXIMUM 8760 /* a year */

/* Reads how many hours are bought: whole ones, 1 to HOURS_MAXIMUM. ERROR_REFUSED otherwise. */
int hours_parse(const char *text, int64_t *ret_hours, struct error *err);
#endif
