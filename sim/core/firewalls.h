#ifndef SIM_CORE_FIREWALLS_H
#define SIM_CORE_FIREWALLS_H
/* What firewalls and servers know of each other. */
#include "core/call.h"

bool firewall_protects(const struct firewall *firewall, const struct server *server);
size_t firewall_count(const struct project *project, const struct server *server);
void firewall_attach(struct firewall *firewall, int64_t server); /* to a server itself; twice is fine */
bool firewall_detach(struct firewall *firewall, int64_t server); /* false: it wasn't */

/* Writes [{"id": N, "status": "applied"}, ...]. */
void firewalls_write_of_server(struct call *call, const struct server *server);
#endif
