#ifndef AUDIT_MONEY_H
#define AUDIT_MONEY_H
/* Amounts in millionths of the account's currency (base/decimal.h). */
#include "base/decimal.h"

#define MONEY_UNKNOWN (-1)
#define MONEY_PLACES  6
#endif
