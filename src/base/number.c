#include "base/number.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int number_parse(const char *string, int64_t minimum, int64_t maximum, const char *what, int64_t *ret,
		 struct error *err)
{
	const char *digits = string + (*string == '-');
	char *end;
	errno = 0;
	long long value = strtoll(string, &end, 10);
	if (!*digits || strspn(digits, "0123456789") != strlen(digits) || errno == ERANGE || value < minimum ||
	    value > maximum)
		return error_set(err, ERROR_REFUSED, 0, "%s is '%.60s'; expected a whole number from %lld to %lld",
				 what, string, (long long)minimum, (long long)maximum);
	*ret = value;
	return 0;
}
