#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H
#include <stdint.h>

#include "base/error.h"

/* Reads a whole decimal number: digits with at most a leading '-', nothing
 * before or after, within [minimum, maximum]. `what` names it in the error,
 * which is of kind ERROR_REFUSED and says the range. */
int number_parse(const char *string, int64_t minimum, int64_t maximum, const char *what, int64_t *ret,
		 struct error *err) __attribute__((warn_unused_result));
#endif
