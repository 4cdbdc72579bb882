#ifndef SIM_CORE_SERVER_ORDER_H
#define SIM_CORE_SERVER_ORDER_H
/* Reading and checking the body of POST /servers. */
#include "core/call.h"

struct server_order {
	const char *name;
	const struct server_type *type;
	const struct location_row *location;
	const struct image *image;
	const char *user_data; /* or NULL */
	json_t *labels;        /* or NULL */
	const struct ssh_key **ssh_keys;
	size_t ssh_key_count;
	struct firewall *firewalls[FIREWALLS_MAXIMUM];
	size_t firewall_count;
	bool start, ipv4, ipv6;
};

/* False after having answered with what is wrong. What it points to is the project's
 * or the body's; release it either way. */
bool server_order_read(struct call *call, struct server_order *ret);
void server_order_release(struct server_order *order);

/* A host name that no other server has. */
bool server_name_check(struct call *call, const char *name, const struct resource *self);

/* The type that a request means and can have there; NULL after having answered. */
const struct server_type *server_type_refer(struct call *call);
bool server_type_sold(struct call *call, const struct type_row *type, const struct location_row *location);
#endif
