#ifndef COMMANDS_QUOTE_H
#define COMMANDS_QUOTE_H
#include "commands/command.h"
#include "lifecycle/admission.h"

/* What `provision --dry-run` prints: the types and locations that would be tried, in
 * their order, with live prices and what the hours cost. Refuses what provision would
 * refuse. Reads state and API only. */
int quote_print(struct session *session, struct admission *admission, struct error *err);
#endif
