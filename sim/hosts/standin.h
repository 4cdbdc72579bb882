#ifndef SIM_HOSTS_STANDIN_H
#define SIM_HOSTS_STANDIN_H
/*
 * A machine that is only written down, for the stand-ins in sim/bin/none: the
 * directory <parent>/<server_id> with the files address, name, user_data, authorized_keys,
 * host_key ("type base64", missing when none was ordered), ready_at (milliseconds on
 * the clock of /proc/uptime), `off` while it is switched off, and `hangs` when it takes
 * connections and says nothing.
 */
#include "hosts/hosts.h"
#include "system/system.h"

int standin_boot(struct system *system, const char *parent, const struct host_order *order, struct error *err);
void standin_power(struct system *system, const char *parent, int64_t server_id, bool on);
void standin_remove(struct system *system, const char *parent, int64_t server_id);
#endif
