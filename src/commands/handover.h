#ifndef COMMANDS_HANDOVER_H
#define COMMANDS_HANDOVER_H
/* What the user of a machine is sent: how to get in with the host key checked, until when, and what then happens. */
#include "commands/command.h"

/* Appends it, as text or as JSON, of a record that was handed over and has a host key. `now` is for the time left;
 * `counted_at` is when its payment was counted before, for JSON; else "". */
int handover_print(struct session *session, const struct record *record, int64_t now, const char *counted_at,
		   struct error *err);
#endif
