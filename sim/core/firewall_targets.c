#include "core/firewall_targets.h"

#include "core/actions.h"
#include "core/labels.h"

static const struct action_rule set_rules = { .command = "set_firewall_rules", .duration_ms = 500 };
static const struct action_rule apply = { .command = "apply_firewall", .duration_ms = 500 };
static const struct action_rule detach = { .command = "remove_firewall", .duration_ms = 500 };

const char *target_selector(const json_t *target)
{
	return json_string_value(json_object_get(json_object_get(target, "label_selector"), "selector"));
}

int64_t target_server(const json_t *target)
{
	return json_integer_value(json_object_get(json_object_get(target, "server"), "id"));
}

static bool selects(const char *string, const struct server *server)
{
	struct error ignored = ERROR_INIT;
	struct selector *selector;

	if (selector_parse(string, &selector, &ignored))
		return false;
	bool matches = selector_matches(selector, server->base.labels);
	selector_free(selector);
	return matches;
}

void firewall_write_selected(struct call *call, const char *selector)
{
	const struct resource_list *servers = &call->project->servers;
	const char *comma = "";

	write_json(call, "[");
	for (size_t i = 0; i < servers->count; i++) {
		if (!selects(selector, (const struct server *)servers->items[i]))
			continue;
		write_json(call, "%r{'type':'server','server':{'id':%i}}", comma, servers->items[i]->id);
		comma = ",";
	}
	write_json(call, "]");
}

bool firewall_protects(const struct firewall *firewall, const struct server *server)
{
	for (size_t i = 0; i < json_array_size(firewall->applied_to); i++) {
		const json_t *target = json_array_get(firewall->applied_to, i);
		const char *selector = target_selector(target);
		if (selector ? selects(selector, server) : target_server(target) == server->base.id)
			return true;
	}
	return false;
}

size_t firewall_count(const struct project *project, const struct server *server)
{
	size_t count = 0;

	for (size_t i = 0; i < project->firewalls.count; i++)
		count += firewall_protects((const struct firewall *)project->firewalls.items[i], server);
	return count;
}

void firewalls_write_of_server(struct call *call, const struct server *server)
{
	const struct resource_list *firewalls = &call->project->firewalls;
	const char *comma = "";

	write_json(call, "[");
	for (size_t i = 0; i < firewalls->count; i++) {
		if (!firewall_protects((const struct firewall *)firewalls->items[i], server))
			continue;
		write_json(call, "%r{'id':%i,'status':'applied'}", comma, firewalls->items[i]->id);
		comma = ",";
	}
	write_json(call, "]");
}

/* Where the firewall's list has this target; the size of the list when it has not. */
static size_t position(const struct firewall *firewall, const json_t *target)
{
	const char *selector = target_selector(target);
	size_t i;

	for (i = 0; i < json_array_size(firewall->applied_to); i++) {
		const json_t *other = json_array_get(firewall->applied_to, i);
		const char *other_selector = target_selector(other);
		if (selector ? other_selector && strcmp(selector, other_selector) == 0
			     : !other_selector && target_server(other) == target_server(target))
			break;
	}
	return i;
}

static json_t *server_target(int64_t id)
{
	return json_pack("{s:s, s:{s:I}}", "type", "server", "server", "id", (json_int_t)id);
}

void firewall_attach(struct firewall *firewall, int64_t server)
{
	json_t *target = server_target(server);

	if (position(firewall, target) == json_array_size(firewall->applied_to))
		json_array_append(firewall->applied_to, target);
	json_decref(target);
}

bool firewall_detach(struct firewall *firewall, int64_t server)
{
	json_t *target = server_target(server);
	bool removed = json_array_remove(firewall->applied_to, position(firewall, target)) == 0;

	json_decref(target);
	return removed;
}

static bool check_selector(struct call *call, const char *string)
{
	struct error err = ERROR_INIT;
	struct selector *selector;

	if (selector_parse(string, &selector, &err)) {
		answer_invalid(call, "label_selector", "%s", err.message);
		return false;
	}
	selector_free(selector);
	return true;
}

bool targets_check(struct call *call, const json_t *targets, int status_missing)
{
	for (size_t i = 0; i < json_array_size(targets); i++) {
		const json_t *target = json_array_get(targets, i);
		const char *type = json_string_value(json_object_get(target, "type"));
		const char *selector = target_selector(target);
		if (type && strcmp(type, "label_selector") == 0 && selector) {
			if (!check_selector(call, selector))
				return false;
		} else if (!type || strcmp(type, "server") != 0 || target_server(target) == 0) {
			answer_invalid(call, "type", "a target is a server or a label_selector");
			return false;
		} else if (!resource_find(&call->project->servers, target_server(target))) {
			answer_error(call, status_missing, "firewall_resource_not_found", NULL,
				     "server with ID '%lld' not found", (long long)target_server(target));
			return false;
		}
	}
	return true;
}

bool targets_are_new(struct call *call, const struct firewall *firewall, const json_t *targets)
{
	for (size_t i = 0; i < json_array_size(targets); i++) {
		const json_t *target = json_array_get(targets, i);
		if (!target_selector(target) && position(firewall, target) < json_array_size(firewall->applied_to)) {
			answer_error(call, 422, "firewall_already_applied", NULL,
				     "firewall with ID '%lld' is already applied to server with ID '%lld'",
				     (long long)firewall->base.id, (long long)target_server(target));
			return false;
		}
	}
	return true;
}

static void start(struct call *call, const struct action_rule *rule, const struct firewall *firewall,
		  const json_t *target, struct resource_list *actions)
{
	struct action *action = action_start(call, rule, "firewall", firewall->base.id);

	if (target && !target_selector(target))
		action_add_target(action, "server", target_server(target));
	resource_list_add(actions, &action->base);
}

void rules_action(struct call *call, const struct firewall *firewall, struct resource_list *actions)
{
	start(call, &set_rules, firewall, NULL, actions);
}

void targets_apply(struct call *call, struct firewall *firewall, const json_t *targets, struct resource_list *actions)
{
	for (size_t i = 0; i < json_array_size(targets); i++) {
		json_t *target = json_array_get(targets, i);
		if (position(firewall, target) == json_array_size(firewall->applied_to))
			json_array_append_new(firewall->applied_to, json_deep_copy(target));
		start(call, &apply, firewall, target, actions);
	}
}

void targets_remove(struct call *call, struct firewall *firewall, const json_t *targets, struct resource_list *actions)
{
	for (size_t i = 0; i < json_array_size(targets); i++) {
		const json_t *target = json_array_get(targets, i);
		json_array_remove(firewall->applied_to, position(firewall, target));
		start(call, &detach, firewall, target, actions);
	}
}
