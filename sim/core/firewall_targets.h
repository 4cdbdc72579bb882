#ifndef SIM_CORE_FIREWALL_TARGETS_H
#define SIM_CORE_FIREWALL_TARGETS_H
/*
 * What a firewall is applied to: {"type": "server", "server": {"id": N}} or
 * {"type": "label_selector", "label_selector": {"selector": "..."}}.
 */
#include "core/firewalls.h"

const char *target_selector(const json_t *target); /* NULL: it names a server */

/* [{"type": "server", "server": {"id": N}}, ...]: the servers that it means just now. */
json_t *selected_servers(const struct project *project, const char *selector);

/* All are well formed and exist; false after an answer (with this status where one doesn't exist). */
bool targets_check(struct call *call, const json_t *targets, int status_missing);

/* Each gives the actions that were started; targets may be NULL. */
json_t *targets_apply(struct call *call, struct firewall *firewall, const json_t *targets);
json_t *targets_remove(struct call *call, struct firewall *firewall, const json_t *targets);
json_t *rules_action(struct call *call, const struct firewall *firewall);
#endif
