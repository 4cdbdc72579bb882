#ifndef BASE_DECIMAL_H
#define BASE_DECIMAL_H
/* Amounts of money as whole numbers of a small unit, of so many decimal places (at most 9): exact where
 * floating point is not. */
#include <stdbool.h>
#include <stdint.h>

#define DECIMAL_SIZE 32

/* Reads "5.4900000000": digits, and a point with more of them or none. What is past the places is rounded. False
 * when it is no amount, or has more than a million whole units: no price, and far from any overflow. */
bool decimal_parse(const char *string, int places, int64_t *ret);

/* "5.49", "0.0143": two decimals, and more where they are not all 0. `amount` is not negative. */
void decimal_format(int64_t amount, int places, char ret[DECIMAL_SIZE]);
#endif
