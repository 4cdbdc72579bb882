#ifndef CLOUD_HETZNER_FIREWALL_RULES_H
#define CLOUD_HETZNER_FIREWALL_RULES_H
/* The rules of the fleet's two firewalls, by their role: "" is the anchor, CLOUD_ROLE_ISOLATED cuts off. */
#include <jansson.h>
#include <stddef.h>

#include "cloud/cloud.h"

struct firewall_rule {
	const char *direction, *protocol, *port; /* port NULL: the protocol has none */
	const char *description;                 /* or NULL */
	const char *const *ranges;
	size_t range_count;
};

const struct firewall_rule *firewall_rules(const char *role, size_t *ret_count);

/* The same as the API takes them; new reference. */
json_t *firewall_rules_json(const char *role);

/* Where a rule of this direction has its ranges. */
const char *firewall_ranges_member(const char *direction);

/* How the rules that the API gives for a firewall of this role are others than those, in words; "": they are not. NULL:
 * it has none. */
void firewall_changes(const json_t *rules, const char *role, char ret[CLOUD_RULES_SIZE]);
#endif
