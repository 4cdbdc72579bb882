#ifndef SIM_CORE_PRIMARY_IPS_H
#define SIM_CORE_PRIMARY_IPS_H
/* The addresses that come and go with their server. */
#include "core/call.h"

/* Makes one for the server and bills it; gives its id. */
int64_t primary_ip_create(struct call *call, const struct server *server, bool is_ipv6);
void primary_ip_remove(struct sim *sim, struct project *project, int64_t id); /* 0 is fine */
const struct primary_ip *primary_ip_find(const struct project *project, int64_t id);

/* The address, or one in its network, is `ip`: sets its reverse DNS; NULL: the default
 * again. False: `ip` is not of this primary IP. */
bool primary_ip_set_name(struct project *project, int64_t id, const char *ip, const char *name);

/* Writes it as "public_net" of a server shows it; null for NULL. */
void primary_ip_write_net(struct call *call, const struct primary_ip *address);
#endif
