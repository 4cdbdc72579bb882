#include "base/decimal.h"

#include <stdio.h>
#include <string.h>

#define DIGITS  "0123456789"
#define MAXIMUM 1000000 /* of whole units */

static int64_t units_of_one(int places)
{
	int64_t units = 1;
	while (places-- > 0)
		units *= 10;
	return units;
}

bool decimal_parse(const char *string, int places, int64_t *ret)
{
	size_t before = strspn(string, DIGITS);
	const char *fraction = string + before + (string[before] == '.');
	size_t after = strspn(fraction, DIGITS);
	int64_t amount = 0;
	if (before == 0 || fraction[after] != '\0' || (string[before] == '.' && after == 0))
		return false;
	for (size_t i = 0; i < before; i++) {
		amount = amount * 10 + (string[i] - '0');
		if (amount > MAXIMUM)
			return false;
	}
	for (size_t i = 0; i < (size_t)places; i++)
		amount = amount * 10 + (i < after ? fraction[i] - '0' : 0);
	if (after > (size_t)places && fraction[places] >= '5')
		amount++;
	*ret = amount;
	return true;
}

void decimal_format(int64_t amount, int places, char ret[DECIMAL_SIZE])
{
	int64_t units = units_of_one(places);
	snprintf(ret, DECIMAL_SIZE, "%lld.%0*lld", (long long)(amount / units), places, (long long)(amount % units));
	size_t length = strlen(ret);
	for (int spare = places - 2; spare > 0 && ret[length - 1] == '0'; spare--)
		ret[--length] = '\0';
}
