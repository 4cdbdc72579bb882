#ifndef SIM_CORE_MONEY_H
#define SIM_CORE_MONEY_H
/* Money is a whole number of 1e-8 EUR: the precision with which the API gives prices. */
#include <jansson.h>
#include <stdint.h>

#define MONEY_EURO     INT64_C(100000000)
#define MONEY_SIZE     32
#define MONEY_VAT_RATE "19.000000"

void money_print(int64_t amount, char ret[MONEY_SIZE]); /* "5.49000000" */
json_t *money_string(int64_t amount);
int64_t money_gross(int64_t net);
#endif
