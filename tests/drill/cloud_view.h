#ifndef DRILL_CLOUD_VIEW_H
#define DRILL_CLOUD_VIEW_H
/* The simulated cloud with the eyes of its owner: no request, no trouble. */
#include <stdbool.h>
#include <stdint.h>

#include "world.h"

struct server_view {
	int64_t id;
	size_t project;
	const char *name;                                  /* strings are borrowed until the cloud changes */
	const char *managed_by, *fleet, *instance, *nonce; /* labels; "" when missing */
	int64_t expires;                                   /* label; 0 when missing */
	int64_t created_ms;
	bool protected_;
};

void cloud_each_server(const struct world *world, void (*each)(void *data, const struct server_view *server),
		       void *data);
bool cloud_find(const struct world *world, int64_t id, struct server_view *ret);

/* Makes a request in the name of the project's owner, at once and without trouble; gives the status. */
int cloud_ask(struct world *world, size_t project, const char *method, const char *path, const char *body);
/* A request of the simulator's control interface. */
int cloud_control(struct world *world, const char *method, const char *path, const char *body);

/* The newest request may be held back: when it takes effect the oracle and the machines see it. */
void cloud_awaits_late(struct world *world);

/* Of a server that is there: its IPv4 address and what it was made with; borrowed, "" : none. */
const char *cloud_address(const struct world *world, int64_t id);
const char *cloud_user_data(const struct world *world, int64_t id);
#endif
