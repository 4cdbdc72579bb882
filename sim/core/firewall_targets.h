#ifndef SIM_CORE_FIREWALL_TARGETS_H
#define SIM_CORE_FIREWALL_TARGETS_H
/*
 * What a firewall is applied to: {"type": "server", "server": {"id": N}} or
 * {"type": "label_selector", "label_selector": {"selector": "..."}}.
 */
#include "core/firewalls.h"

const char *target_selector(const json_t *target); /* NULL: it names a server */
int64_t target_server(const json_t *target);

/* Writes [{"type": "server", "server": {"id": N}}, ...]: the servers that it means just now. */
void firewall_write_selected(struct call *call, const char *selector);

/* All are well formed and exist; false after an answer (with this status where one doesn't exist). */
bool targets_check(struct call *call, const json_t *targets, int status_missing);

/* False after having answered that a server has the firewall already. */
bool targets_are_new(struct call *call, const struct firewall *firewall, const json_t *targets);

/* Each adds the actions that it starts; targets may be NULL. */
void targets_apply(struct call *call, struct firewall *firewall, const json_t *targets, struct resource_list *actions);
void targets_remove(struct call *call, struct firewall *firewall, const json_t *targets, struct resource_list *actions);
void rules_action(struct call *call, const struct firewall *firewall, struct resource_list *actions);
#endif
