#include "core/firewalls.h"

#include "base/memory.h"
#include "core/destroy.h"
#include "core/firewall_rules.h"
#include "core/firewall_targets.h"
#include "core/listing.h"
#include "core/routes.h"

static json_t *applied_render(const struct project *project, const struct firewall *firewall)
{
	json_t *list = json_array();
	size_t i;
	json_t *target;

	json_array_foreach(firewall->applied_to, i, target)
	{
		const char *selector = target_selector(target);
		json_t *shown = json_copy(target);
		if (selector)
			json_object_set_new(shown, "applied_to_resources", selected_servers(project, selector));
		json_array_append_new(list, shown);
	}
	return list;
}

static json_t *render(struct call *call, const struct resource *resource)
{
	const struct firewall *firewall = (const struct firewall *)resource;

	return json_pack("{s:I, s:s, s:o, s:o, s:O, s:o}", "id", (json_int_t)firewall->base.id, "name",
			 firewall->base.name, "labels", labels_or_empty(&firewall->base), "created",
			 call_time(firewall->base.created_ms), "rules", firewall->rules, "applied_to",
			 applied_render(call->project, firewall));
}

static void answer_firewall(struct call *call, const struct firewall *firewall)
{
	answer(call, 200, json_pack("{s:o}", "firewall", render(call, &firewall->base)));
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

/* The body's rules, an empty list when it has none; NULL after having answered. */
static json_t *read_rules(struct call *call)
{
	struct error err = ERROR_INIT;
	json_t *wanted = NULL, *rules = NULL;

	if (!call_array(call, "rules", &wanted))
		return NULL;
	if (!wanted)
		return json_array();
	if (firewall_rules_read(wanted, &rules, &err))
		answer_invalid(call, "rules", "%s", err.message);
	return rules;
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
	json_t *rules = read_rules(call);
	if (!rules)
		return;
	struct firewall *firewall = memory_new(sizeof(*firewall));
	resource_init(&firewall->base, sim_new_id(call->sim), name, labels, call->sim->now_ms);
	firewall->rules = rules;
	firewall->applied_to = json_array();
	resource_list_add(&call->project->firewalls, &firewall->base);
	json_t *actions = targets_apply(call, firewall, targets);
	if (json_array_size(json_object_get(call->body, "rules")) > 0)
		json_array_append_new(actions, rules_action(call, firewall));
	answer(call, 201, json_pack("{s:o, s:o}", "firewall", render(call, &firewall->base), "actions", actions));
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

void firewalls_set_rules(struct call *call)
{
	struct firewall *firewall = find(call);

	if (!firewall)
		return;
	json_t *rules = read_rules(call);
	if (!rules)
		return;
	json_decref(firewall->rules);
	firewall->rules = rules;
	answer(call, 201, json_pack("{s:[o]}", "actions", rules_action(call, firewall)));
}

void firewalls_apply(struct call *call)
{
	struct firewall *firewall = find(call);
	json_t *targets = NULL;

	if (firewall && call_array(call, "apply_to", &targets) && targets_check(call, targets, 404))
		answer(call, 201, json_pack("{s:o}", "actions", targets_apply(call, firewall, targets)));
}

void firewalls_remove(struct call *call)
{
	struct firewall *firewall = find(call);
	json_t *targets = NULL;

	if (firewall && call_array(call, "remove_from", &targets) && targets_check(call, targets, 404))
		answer(call, 201, json_pack("{s:o}", "actions", targets_remove(call, firewall, targets)));
}
