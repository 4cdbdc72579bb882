#ifndef AUDIT_MONEY_H
#define AUDIT_MONEY_H
/* Amounts in millionths of the account's currency: exact where floating point is not. */
#include <stdbool.h>
#include <stdint.h>

#define MONEY_UNKNOWN (-1)
#define MONEY_SIZE    32

/* Reads "5.4900000000"; what is past six decimals is rounded. False when it is no amount. */
bool money_parse(const char *decimal, int64_t *ret_micros);

/* "5.49", "0.0143": at least two decimals, and no zeros behind those. Not for MONEY_UNKNOWN. */
void money_format(int64_t micros, char ret[MONEY_SIZE]);
#endif
