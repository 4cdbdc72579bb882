#ifndef SIM_CORE_SERVER_POWER_H
#define SIM_CORE_SERVER_POWER_H
#include "core/actions.h"

/* The server runs when it ends; also the second half of a create. */
extern const struct action_rule start_server;

/* The server of the path, not locked by an action under way; NULL after a 404 or 423. */
struct server *server_unlocked(struct call *call);
#endif
