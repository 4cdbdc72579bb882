#ifndef COMMANDS_VIEW_H
#define COMMANDS_VIEW_H
/* How instances look: one member set for JSON, one table for people. */
#include "commands/command.h"

/* The record with its status as of now and "timeLeftSeconds"; new reference. */
json_t *view_json(const struct record *record, int64_t now);

/* The e-mail address, or that it is unknown, as of an adopted machine; borrowed. */
const char *view_user(const struct record *record);

void view_table(const struct record *records, size_t count, int64_t now, struct text *ret);

/* Appends one instance as JSON, as its record is now. */
int view_print_instance(struct session *session, const char *id, struct error *err);

/* Appends a JSON value and a newline. */
void view_print_json(const json_t *value, struct text *ret);

/* "2 h 10 min" and never more than was bought; "none", or "" before the clock started,
 * when it is being ended anyway, and when nothing ends it. */
void view_time_left(const struct record *record, int64_t now, char *ret, size_t size);
#endif
