#ifndef FLEET_SERVER_LIMIT_H
#define FLEET_SERVER_LIMIT_H
#include "store/store.h"

/* ERROR_REFUSED when the fleet has `maximum` servers or more (0: there is no limit): every record counts until its
 * server is proven gone. Names those that could be ended, or whose end comes first. */
int server_limit_check(const struct snapshot *state, int64_t maximum, struct error *err);
#endif
