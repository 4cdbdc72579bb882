#include "instance/names.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define LABEL_VALUE_MAXIMUM 63
#define SERVER_NAME_PREFIX  "cc-"
#define LETTERS_AND_DIGITS  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

bool instance_id_is_valid(const char *id)
{
	return strlen(id) == INSTANCE_ID_DIGITS && strspn(id, "0123456789abcdef") == INSTANCE_ID_DIGITS;
}

int instance_id_check(const char *id, struct error *err)
{
	if (instance_id_is_valid(id))
		return 0;
	return error_set(err, ERROR_REFUSED, 0,
			 "'%.40s' is no instance id; an id is %d of the digits 0-9 and a-f, as 'ccc list' shows it", id,
			 INSTANCE_ID_DIGITS);
}

const char *instance_id_in(const char *word)
{
	bool is_name = strncmp(word, SERVER_NAME_PREFIX, strlen(SERVER_NAME_PREFIX)) == 0 &&
		       instance_id_is_valid(word + strlen(SERVER_NAME_PREFIX));
	return is_name ? word + strlen(SERVER_NAME_PREFIX) : word;
}

int instance_is_unknown(const char *id, struct error *err)
{
	return error_set(err, ERROR_NOT_FOUND, 0, "there is no instance '%.60s'; 'ccc list' shows those that there are",
			 id);
}

void instance_server_name(const char *id, char ret[SERVER_NAME_SIZE])
{
	snprintf(ret, SERVER_NAME_SIZE, SERVER_NAME_PREFIX "%s", id);
}

bool label_value_is_valid(const char *value)
{
	size_t length = strlen(value);
	if (length == 0)
		return true;
	return length <= LABEL_VALUE_MAXIMUM && strspn(value, LETTERS_AND_DIGITS "-_.") == length &&
	       strchr(LETTERS_AND_DIGITS, value[0]) && strchr(LETTERS_AND_DIGITS, value[length - 1]);
}

int payment_reference_check(const char *reference, struct error *err)
{
	size_t length = strlen(reference);
	if (length == 0 || length > PAYMENT_REFERENCE_LENGTH)
		return error_set(err, ERROR_REFUSED, 0, "the payment reference has %zu characters; give 1 to %d",
				 length, PAYMENT_REFERENCE_LENGTH);
	for (const char *character = reference; *character; character++)
		if ((unsigned char)*character < 0x21 || (unsigned char)*character > 0x7e)
			return error_set(err, ERROR_REFUSED, 0,
					 "the payment reference '%s' has a blank or a character beyond printable "
					 "ASCII; leave it out",
					 reference);
	return 0;
}

int suspend_reason_check(const char *reason, struct error *err)
{
	size_t length = strlen(reason);
	AUTO_TEXT struct text escaped = TEXT_INIT(4 * SUSPEND_REASON_LENGTH);
	if (length == 0 || length > SUSPEND_REASON_LENGTH)
		return error_set(err, ERROR_REFUSED, 0, "the reason has %zu bytes; give 1 to %d", length,
				 SUSPEND_REASON_LENGTH);
	text_add_escaped(&escaped, reason, length, false);
	if (strcmp(text_string(&escaped), reason) != 0)
		return error_set(err, ERROR_REFUSED, 0,
				 "the reason '%s' has control characters or is no UTF-8; leave them out", reason);
	return 0;
}
