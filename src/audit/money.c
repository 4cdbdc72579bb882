#include "audit/money.h"

#include <stdio.h>
#include <string.h>

#define MICROS   INT64_C(1000000)
#define DECIMALS 6
#define MAXIMUM  INT64_C(1000000000) /* of whole units: no price of a server, and far from any overflow */

static bool take_whole(const char **cursor, int64_t *ret)
{
	size_t digits = strspn(*cursor, "0123456789");
	int64_t whole = 0;
	if (digits == 0)
		return false;
	for (size_t i = 0; i < digits; i++) {
		whole = whole * 10 + ((*cursor)[i] - '0');
		if (whole > MAXIMUM)
			return false;
	}
	*cursor += digits;
	*ret = whole;
	return true;
}

bool money_parse(const char *decimal, int64_t *ret_micros)
{
	const char *cursor = decimal;
	int64_t whole, micros = 0;
	if (!take_whole(&cursor, &whole))
		return false;
	size_t digits = *cursor == '.' ? strspn(cursor + 1, "0123456789") : 0;
	if (*cursor == '.' && (digits == 0 || cursor[1 + digits] != '\0'))
		return false;
	if (*cursor != '.' && *cursor != '\0')
		return false;
	for (size_t i = 0; i < DECIMALS; i++)
		micros = micros * 10 + (i < digits ? cursor[1 + i] - '0' : 0);
	if (digits > DECIMALS && cursor[1 + DECIMALS] >= '5')
		micros++;
	*ret_micros = whole * MICROS + micros;
	return true;
}

void money_format(int64_t micros, char ret[MONEY_SIZE])
{
	snprintf(ret, MONEY_SIZE, "%lld.%06lld", (long long)(micros / MICROS), (long long)(micros % MICROS));
	size_t length = strlen(ret);
	for (int spare = DECIMALS - 2; spare > 0 && ret[length - 1] == '0'; spare--)
		ret[--length] = '\0';
}
