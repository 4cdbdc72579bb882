#ifndef INSTANCE_NAMES_H
#define INSTANCE_NAMES_H
/* What instances and their things may be called. */
#include <stdbool.h>

#include "base/error.h"

#define INSTANCE_ID_DIGITS       6
#define SERVER_NAME_SIZE         16
#define PAYMENT_REFERENCE_LENGTH 64 /* at most */
#define SUSPEND_REASON_LENGTH    200

bool instance_id_is_valid(const char *id);                /* six lower-case hex digits */
int instance_id_check(const char *id, struct error *err); /* ERROR_REFUSED says how one looks */

/* The id in what people copy from Hetzner's console: of a server's name, "cc-<id>", else the word itself; borrowed. */
const char *instance_id_in(const char *word);

/* For an id that no record has: ERROR_NOT_FOUND, -1. */
int instance_is_unknown(const char *id, struct error *err);

void instance_server_name(const char *id, char ret[SERVER_NAME_SIZE]); /* "cc-<id>" */

/* What Hetzner takes as the value of a label: "" or up to 63 letters, digits, '-', '_'
 * and '.', with a letter or digit at both ends. */
bool label_value_is_valid(const char *value);

/* A payment's reference, by which an extension counts once: 1 to 64 printable ASCII
 * characters without blanks. ERROR_REFUSED otherwise. */
int payment_reference_check(const char *reference, struct error *err);

/* Why an instance is suspended, for people: up to 200 bytes of UTF-8 in one line. */
int suspend_reason_check(const char *reason, struct error *err);
#endif
