#include "core/money.h"

#include <inttypes.h>

void money_print(int64_t amount, char ret[MONEY_SIZE])
{
	snprintf(ret, MONEY_SIZE, "%" PRId64 ".%08" PRId64, amount / MONEY_EURO, amount % MONEY_EURO);
}

json_t *money_string(int64_t amount)
{
	char string[MONEY_SIZE];

	money_print(amount, string);
	return json_string(string);
}

int64_t money_gross(int64_t net)
{
	return (net * 119 + 50) / 100;
}
