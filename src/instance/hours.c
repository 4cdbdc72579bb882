#include "instance/hours.h"

#include <string.h>

#include "base/number.h"

int hours_parse(const char *text, int64_t *ret_hours, struct error *err)
{
	/* "90m" and "1h30" deserve a better answer than that they are no number. */
	size_t digits = strspn(text, "0123456789");
	if (digits && text[digits] && strchr("hmdw:.,", text[digits]))
		return error_set(err, ERROR_REFUSED, 0,
				 "hours '%.60s' is not a whole number; give whole hours without a unit, from 1 to %d",
				 text, HOURS_MAXIMUM);
	return number_parse(text, 1, HOURS_MAXIMUM, "hours", ret_hours, err);
}
