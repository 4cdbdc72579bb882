#include "core/firewalls.h"

#include "base/json.h"
#include "base/memory.h"
#include "core/actions.h"
#include "core/destroy.h"
#include "core/firewall_rules.h"
#include "core/firewall_targets.h"
#include "core/listing.h"
#include "core/routes.h"

static void write_target(struct call *call, const json_t *target)
{
	const char *selector = target_selector(target);

	if (!selector) {
		write_json(call, "{'type':'server','server':{'id':%i}}", target_server(target));
		return;
	}
	write_json(call, "{'type':'label_selector','label_selector':{'selector':%s},'applied_to_resources':", selector);
	firewall_write_selected(call, selector);
	write_json(call, "}");
}

static void render(struct call *call, const struct resource *resource)
{
	const struct firewall *firewall = (const struct firewall *)resource;

	write_json(call, "{'id':%i,'name':%s,'labels':%r,'created':%t,'rules':%r,'applied_to':[", firewall->base.id,
		   firewall->base.name, firewall->base.shown_labels, firewall->base.created_ms, firewall->rules);
	for (size_t i = 0; i < json_array_size(firewall->applied_to); i++) {
		write_json(call, i > 0 ? "," : "");
		write_target(call, json_array_get(firewall->applied_to, i));
	}
	write_json(call, "]}");
}

static void answer_firewall(struct call *call, const struct firewall *firewall)
{
	answer(call, 200, "{'firewall':%v}", render, &firewall->base);
}

static struct firewall *find(struct call *call)
{
	return (struct firewall *)call_find(call, &call->project->firewalls, "firewall");
}

void firewalls_list(struct call *call)
{
	static const struct list_rules rules = { .member = "firewalls",
						 .render = render,
						 .sorts = { "id", "name", "created" } };
	const struct resource_list *lists[] = { &call->project->firewalls };

	list_answer(call, &rules, lists, 1);
}

void firewalls_get(struct call *call)
{
	const struct firewall *firewall = find(call);

	if (firewall)
		answer_firewall(call, firewall);
}

/* The body's rules as answers show them, an empty list when it has none; NULL after having
 * answered. The caller frees. */
static char *read_rules(struct call *call)
{
	struct error err = ERROR_INIT;
	json_t *wanted = NULL;
	AUTO_JSON json_t *rules = NULL;

	if (!call_array(call, "rules", &wanted))
		return NULL;
	if (!wanted)
		return memory_copy_string("[]");
	if (firewall_rules_read(wanted, &rules, &err)) {
		answer_invalid(call, "rules", "%s", err.message);
		return NULL;
	}
	return json_format(rules, false);
}

void firewalls_create(struct call *call)
{
	const char *name = NULL;
	json_t *labels = NULL, *targets = NULL;

	if (!call_rename(call, &call->project->firewalls, NULL, &name) || !call_labels(call, &labels) ||
	    !call_array(call, "apply_to", &targets) || !targets_check(call, targets, 422))
		return;
	if (!name) {
		answer_invalid(call, "name", "name is required");
		return;
	}
	char *rules = read_rules(call);
	if (!rules)
		return;
	struct firewall *firewall = memory_new(sizeof(*firewall));
	resource_init(&firewall->base, sim_new_id(call->sim), name, labels, call->sim->now_ms);
	firewall->rules = rules;
	firewall->applied_to = json_array();
	resource_list_add(&call->project->firewalls, &firewall->base);
	struct resource_list actions = { 0 };
	targets_apply(call, firewall, targets, &actions);
	if (json_array_size(json_object_get(call->body, "rules")) > 0)
		rules_action(call, firewall, &actions);
	answer(call, 201, "{'firewall':%v,'actions':%l}", render, &firewall->base, action_render, &actions);
	resource_list_release(&actions);
}

void firewalls_update(struct call *call)
{
	struct firewall *firewall = find(call);
	const char *name = NULL;
	json_t *labels = NULL;

	if (!firewall || !call_rename(call, &call->project->firewalls, &firewall->base, &name) ||
	    !call_labels(call, &labels))
		return;
	if (name)
		resource_rename(&firewall->base, name);
	if (labels)
		resource_relabel(&firewall->base, labels);
	answer_firewall(call, firewall);
}

void firewalls_delete(struct call *call)
{
	struct firewall *firewall = find(call);

	if (!firewall)
		return;
	if (json_array_size(firewall->applied_to) > 0) {
		answer_error(call, 422, "resource_in_use", NULL, "firewall with ID '%lld' is still in use",
			     (long long)firewall->base.id);
		return;
	}
	resource_list_remove(&call->project->firewalls, &firewall->base);
	firewall_free(firewall);
	answer(call, 204, NULL);
}

static void answer_actions(struct call *call, struct resource_list *actions)
{
	answer(call, 201, "{'actions':%l}", action_render, actions);
	resource_list_release(actions);
}

void firewalls_set_rules(struct call *call)
{
	struct firewall *firewall = find(call);

	if (!firewall)
		return;
	char *rules = read_rules(call);
	if (!rules)
		return;
	free(firewall->rules);
	firewall->rules = rules;
	struct resource_list actions = { 0 };
	rules_action(call, firewall, &actions);
	answer_actions(call, &actions);
}

void firewalls_apply(struct call *call)
{
	struct firewall *firewall = find(call);
	struct resource_list actions = { 0 };
	json_t *targets = NULL;

	if (!firewall || !call_array(call, "apply_to", &targets) || !targets_check(call, targets, 404) ||
	    !targets_are_new(call, firewall, targets))
		return;
	targets_apply(call, firewall, targets, &actions);
	answer_actions(call, &actions);
}

void firewalls_remove(struct call *call)
{
	struct firewall *firewall = find(call);
	struct resource_list actions = { 0 };
	json_t *targets = NULL;

	if (!firewall || !call_array(call, "remove_from", &targets) || !targets_check(call, targets, 404))
		return;
	targets_remove(call, firewall, targets, &actions);
	answer_actions(call, &actions);
}
