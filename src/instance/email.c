#include "instance/email.h"

#include <stdbool.h>
#include <string.h>

#define LOCAL_MAXIMUM 64 /* RFC 5321 4.5.3.1.1 */
#define LABEL_MAXIMUM 63

#define LETTERS_AND_DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

static bool is_label(const char *label, size_t length)
{
	return length > 0 && length <= LABEL_MAXIMUM && strspn(label, LETTERS_AND_DIGITS "-") >= length &&
	       label[0] != '-' && label[length - 1] != '-';
}

static bool is_domain(const char *domain)
{
	for (;;) {
		size_t length = strcspn(domain, ".");
		if (!is_label(domain, length))
			return false;
		if (!domain[length])
			return true;
		domain += length + 1;
	}
}

/* The characters that RFC 5322 3.2.3 allows unquoted, and dots between them. */
static bool is_local_part(const char *local, size_t length)
{
	return length > 0 && length <= LOCAL_MAXIMUM &&
	       strspn(local, LETTERS_AND_DIGITS "!#$%&'*+-/=?^_`{|}~.") >= length && local[0] != '.' &&
	       local[length - 1] != '.';
}

int email_check(const char *text, struct error *err)
{
	const char *at = strchr(text, '@');
	if (strlen(text) > EMAIL_MAXIMUM)
		return error_set(err, ERROR_REFUSED, 0, "the e-mail address is longer than %d bytes; give another",
				 EMAIL_MAXIMUM);
	for (const char *character = text; *character; character++)
		if ((unsigned char)*character < 0x21 || (unsigned char)*character > 0x7e)
			return error_set(err, ERROR_REFUSED, 0,
					 "'%s' is no e-mail address: blanks, control characters and letters beyond "
					 "ASCII are not taken; "
					 "give it like 'user@example.com'",
					 text);
	if (text[0] == '-')
		return error_set(err, ERROR_REFUSED, 0,
				 "'%s' is no e-mail address: it begins with a dash; give it like 'user@example.com'",
				 text);
	if (!at || strchr(at + 1, '@'))
		return error_set(err, ERROR_REFUSED, 0,
				 "'%s' is no e-mail address: it needs one '@'; give it like 'user@example.com'", text);
	if (!is_local_part(text, (size_t)(at - text)))
		return error_set(err, ERROR_REFUSED, 0,
				 "'%s' is no e-mail address: what is before the '@' is not taken; give it like "
				 "'user@example.com'",
				 text);
	if (!is_domain(at + 1))
		return error_set(err, ERROR_REFUSED, 0,
				 "'%s' is no e-mail address: what is behind the '@' is no host name; give it like "
				 "'user@example.com'",
				 text);
	return 0;
}
