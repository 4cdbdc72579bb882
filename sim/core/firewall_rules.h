#ifndef SIM_CORE_FIREWALL_RULES_H
#define SIM_CORE_FIREWALL_RULES_H
#include <jansson.h>

#include "base/error.h"

/* Checks the rules of a request and gives them as answers show them: both address
 * lists in each, the port and the description null where there is none. */
int firewall_rules_read(const json_t *rules, json_t **ret, struct error *err);

/* An IPv4 or IPv6 network whose host bits are empty: "10.0.1.0/24". */
bool is_network(const char *string);
#endif
