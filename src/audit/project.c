/* What a fleet has at Hetzner beside servers: firewall, SSH key, addresses, snapshots. */
#include <string.h>

#include "audit/compare.h"
#include "base/text.h"

/* The one that cuts machines off: after a loss of the state only its label tells. */
static bool is_isolation(const struct audit_input *input, const struct cloud_firewall *firewall)
{
	return strcmp(firewall->labels.role, CLOUD_ROLE_ISOLATED) == 0 &&
	       (!input->isolation || firewall->id == input->isolation);
}

/* By its id it is there, whatever was done to its labels: nothing else could take its name. */
static void judge_labels(const struct audit_input *input, const struct cloud_firewall *anchor, struct findings *ret)
{
	const struct cloud_labels *labels = &anchor->labels;
	struct finding *finding = findings_add(ret, FINDING_RELABELLED_ANCHOR, "", "'%s'", anchor->name);
	finding_about(finding, THING_FIREWALL, anchor->id, 0);
	finding_advise_label(finding, "managed-by", labels->managed_by, "ccc");
	finding_advise_label(finding, "ccc-fleet", labels->fleet, input->fleet);
	finding_advise_label(finding, "ccc-role", labels->role, "");
}

/* Safe is only what cuts off nobody but who is suspended. */
static bool cuts_off_others(const struct audit_input *input, int64_t firewall, size_t *ret_count)
{
	bool others = false;
	*ret_count = 0;
	for (size_t i = 0; i < input->observed->server_count; i++) {
		const struct cloud_server *server = &input->observed->servers[i];
		const struct record *record = audit_find(input->records, input->record_count, server->labels.instance);
		if (!cloud_server_has(server, firewall))
			continue;
		++*ret_count;
		others = others || !record || record->server_id != server->id || !record->suspended_at;
	}
	return others;
}

static void judge_isolation(const struct audit_input *input, const struct cloud_firewall *firewall,
			    struct findings *ret)
{
	size_t count;
	if (!*firewall->changes)
		return;
	bool others = cuts_off_others(input, firewall->id, &count);
	struct finding *finding =
		findings_add(ret, FINDING_LEAKY_ISOLATION, "", "'%.60s': %s; %zu machine%s ha%s it", firewall->name,
			     firewall->changes, count, text_plural(count), count == 1 ? "s" : "ve");
	finding_about(finding, THING_FIREWALL, firewall->id, 0);
	if (others) {
		finding->fix = FIX_RULES;
		finding_advise(finding,
			       "a machine that is not suspended has it, and would be cut off: hcloud firewall "
			       "describe %lld",
			       (long long)firewall->id);
	}
}

static void judge_rules(const struct cloud_firewall *anchor, struct findings *ret)
{
	struct finding *finding;
	if (!*anchor->changes)
		return;
	finding = findings_add(ret, FINDING_CHANGED_ANCHOR, "", "'%.60s': %s", anchor->name, anchor->changes);
	finding_about(finding, THING_FIREWALL, anchor->id, 0);
}

static void judge_anchor(const struct audit_input *input, struct findings *ret)
{
	const struct cloud_firewall *anchor = observed_firewall(input->observed, input->anchor);
	if (anchor && (!cloud_is_of_fleet(&anchor->labels, input->fleet) || *anchor->labels.role)) {
		judge_labels(input, anchor, ret);
	} else if (!input->observed->anchor_seen) {
		struct finding *finding =
			findings_add(ret, FINDING_ANCHOR_MISSING, "", "firewall %lld", (long long)input->anchor);
		finding_advise(finding, "servers that had it are open now; apply the new one to them: hcloud firewall "
					"apply-to-resource");
	} else if (anchor) {
		judge_rules(anchor, ret);
	}
}

static void compare_firewalls(const struct audit_input *input, struct findings *ret, struct foreign *ret_foreign)
{
	const struct observed *observed = input->observed;
	for (size_t i = 0; i < observed->firewall_count; i++) {
		const struct cloud_firewall *firewall = &observed->firewalls[i];
		if (firewall->id == input->anchor) {
			continue;
		} else if (!cloud_is_of_fleet(&firewall->labels, input->fleet)) {
			ret_foreign->firewalls++;
		} else if (is_isolation(input, firewall)) {
			judge_isolation(input, firewall, ret);
		} else if (observed->anchor_seen) {
			struct finding *finding = findings_add(ret, FINDING_SPARE_FIREWALL, "", "'%s'", firewall->name);
			finding_about(finding, THING_FIREWALL, firewall->id, 0);
			finding_advise(finding, "when no server has it: hcloud firewall delete %lld",
				       (long long)firewall->id);
		}
	}
	judge_anchor(input, ret);
}

/* It is the one below keys/: not spare, whatever is registered. */
static bool lies_here(const struct observed *observed, const struct cloud_ssh_key *key)
{
	return *observed->files.operator_print && strcmp(key->fingerprint, observed->files.operator_print) == 0;
}

static void compare_keys(const struct audit_input *input, struct findings *ret, struct foreign *ret_foreign)
{
	const struct observed *observed = input->observed;
	bool found = false;
	for (size_t i = 0; i < observed->ssh_key_count; i++) {
		const struct cloud_ssh_key *key = &observed->ssh_keys[i];
		if (key->id == input->ssh_key) {
			found = true;
		} else if (!cloud_is_of_fleet(&key->labels, input->fleet)) {
			ret_foreign->ssh_keys++;
		} else if (!lies_here(observed, key)) {
			struct finding *finding =
				findings_add(ret, FINDING_SPARE_SSH_KEY, "", "'%s', %s", key->name, key->fingerprint);
			finding_about(finding, THING_SSH_KEY, key->id, 0);
			finding_advise(finding, "when no other operator uses it: hcloud ssh-key delete %lld",
				       (long long)key->id);
		}
	}
	if (!found)
		findings_add(ret, FINDING_OPERATOR_KEY_MISSING, "", "SSH key %lld", (long long)input->ssh_key);
}

/* The instance with which an address was made; "" when none is known. Addresses carry no labels. */
static const char *maker(const struct audit_input *input, int64_t id)
{
	for (size_t i = input->past->count; i-- > 0;) {
		const struct life *life = &input->past->lives[i];
		if (life_integer(life, "primaryIpv4Id") == id || life_integer(life, "primaryIpv6Id") == id)
			return life->instance;
	}
	return "";
}

/* Its server is being made or ended at this moment. */
static bool is_in_work(const struct audit_input *input, int64_t id)
{
	for (size_t i = 0; i < input->record_count; i++)
		if ((input->records[i].primary_ipv4_id == id || input->records[i].primary_ipv6_id == id) &&
		    input->records[i].goal == GOAL_GONE)
			return true;
	return false;
}

static bool is_foreign(const struct audit_input *input, const struct cloud_primary_ip *address, const char *instance)
{
	const struct cloud_server *server =
		address->assignee ? observed_server(input->observed, address->assignee) : NULL;
	if (server)
		return !cloud_is_of_fleet(&server->labels, input->fleet);
	return !*instance && !cloud_is_of_fleet(&address->labels, input->fleet);
}

static void compare_addresses(const struct audit_input *input, struct findings *ret, struct foreign *ret_foreign)
{
	for (size_t i = 0; i < input->observed->primary_ip_count; i++) {
		const struct cloud_primary_ip *address = &input->observed->primary_ips[i];
		const char *instance = address->assignee ? "" : maker(input, address->id);
		if (is_foreign(input, address, instance)) {
			ret_foreign->primary_ips++;
			continue;
		}
		if (address->assignee || is_in_work(input, address->id))
			continue;
		struct finding *finding = findings_add(ret, FINDING_IDLE_ADDRESS, instance, "%s%s%s", address->ip,
						       *instance ? ", made for instance " : ", by its label", instance);
		bool ipv4 = strcmp(address->type, "ipv4") == 0;
		finding_about(finding, THING_PRIMARY_IP, address->id,
			      ipv4 ? observed_price(input->observed, CLOUD_ITEM_IPV4, address->location) : 0);
		finding_advise(finding, "when nobody kept it on purpose: hcloud primary-ip delete %lld",
			       (long long)address->id);
	}
}

static int64_t snapshot_price(const struct observed *observed, const struct cloud_snapshot *snapshot)
{
	int64_t price = observed_price(observed, CLOUD_ITEM_SNAPSHOT, "");
	return price == MONEY_UNKNOWN ? MONEY_UNKNOWN : (price * snapshot->size_mb + 500) / 1000;
}

static void compare_snapshots(const struct audit_input *input, struct findings *ret, struct foreign *ret_foreign)
{
	for (size_t i = 0; i < input->observed->snapshot_count; i++) {
		const struct cloud_snapshot *snapshot = &input->observed->snapshots[i];
		if (!cloud_is_of_fleet(&snapshot->labels, input->fleet)) {
			ret_foreign->snapshots++;
			continue;
		}
		struct finding *finding =
			findings_add(ret, FINDING_KEPT_SNAPSHOT, snapshot->labels.instance, "'%s', %lld.%02lld GB",
				     snapshot->description, (long long)(snapshot->size_mb / 1000),
				     (long long)(snapshot->size_mb % 1000 / 10));
		finding_about(finding, THING_SNAPSHOT, snapshot->id, snapshot_price(input->observed, snapshot));
		finding_advise(finding, "when it is not needed any more: hcloud image delete %lld",
			       (long long)snapshot->id);
	}
}

void compare_project(const struct audit_input *input, struct findings *ret, struct foreign *ret_foreign)
{
	compare_firewalls(input, ret, ret_foreign);
	compare_keys(input, ret, ret_foreign);
	compare_addresses(input, ret, ret_foreign);
	compare_snapshots(input, ret, ret_foreign);
}
