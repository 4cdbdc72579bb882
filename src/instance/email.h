#ifndef INSTANCE_EMAIL_H
#define INSTANCE_EMAIL_H
/*
 * An address that can be recorded, shown and handed to a mail program without
 * harm: printable ASCII, one '@', a host name of sane labels behind it. Whether
 * it can be delivered to is not our question.
 */
#include "base/error.h"

#define EMAIL_MAXIMUM 254 /* bytes, RFC 5321 4.5.3.1.3 less its angle brackets */

int email_check(const char *text, struct error *err); /* ERROR_REFUSED says what is wrong */
#endif
