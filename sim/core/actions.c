#include "core/actions.h"

#include "base/memory.h"
#include "base/number.h"
#include "core/listing.h"

static const char *const statuses[] = { "running", "success", "error" };

static int64_t end_of(const struct call *call, int64_t duration_ms)
{
	const struct fault *fault = call->fault;

	if (fault->stall_action)
		return ACTION_NEVER_ENDS;
	if (fault->action_ms)
		duration_ms = sim_duration(call->sim, fault->action_ms);
	if (fault->action_factor > 0)
		duration_ms = (int64_t)((double)duration_ms * fault->action_factor);
	return call->sim->now_ms + duration_ms;
}

struct action *action_start_for(struct call *call, const struct action_rule *rule, int64_t duration_ms,
				const char *type, int64_t id)
{
	struct sim *sim = call->sim;
	struct action *action = memory_new(sizeof(*action));

	resource_init(&action->base, sim_new_id(sim), rule->command, NULL, sim->now_ms);
	action->rule = rule;
	action->finish_ms = end_of(call, duration_ms);
	action->fails = call->fault->fail_action;
	action_add_target(action, type, id);
	resource_list_add(&call->project->actions, &action->base);
	resource_list_add(&call->project->running, &action->base);
	if (rule->locks) {
		struct server *server =
			(struct server *)resource_find(&call->project->servers, action_target(action, "server"));
		if (server)
			server->locks++;
	}
	return action;
}

struct action *action_start(struct call *call, const struct action_rule *rule, const char *type, int64_t id)
{
	return action_start_for(call, rule, sim_duration(call->sim, rule->duration_ms), type, id);
}

void action_add_target(struct action *action, const char *type, int64_t id)
{
	if (action->target_count < ARRAY_LENGTH(action->targets))
		action->targets[action->target_count++] = (struct action_target){ id, type };
}

int64_t action_target(const struct action *action, const char *type)
{
	for (size_t i = 0; i < action->target_count; i++)
		if (strcmp(action->targets[i].type, type) == 0)
			return action->targets[i].id;
	return 0;
}

struct action *action_next(const struct sim *sim, struct project **ret_project)
{
	struct action *next = NULL;

	for (size_t i = 0; i < sim->options.projects; i++) {
		struct project *project = &sim->projects[i];
		for (size_t j = 0; j < project->running.count; j++) {
			struct action *action = (struct action *)project->running.items[j];
			if (action->finish_ms == ACTION_NEVER_ENDS || (next && action->finish_ms >= next->finish_ms))
				continue;
			next = action;
			*ret_project = project;
		}
	}
	return next;
}

void action_end(struct sim *sim, struct project *project, struct action *action)
{
	resource_list_remove(&project->running, &action->base);
	action->status = action->fails ? ACTION_ERROR : ACTION_SUCCESS;
	if (action->rule->locks) {
		struct server *server =
			(struct server *)resource_find(&project->servers, action_target(action, "server"));
		if (server && server->locks > 0)
			server->locks--;
	}
	if (action->rule->finish)
		action->rule->finish(sim, project, action);
}

void action_free(struct action *action)
{
	resource_release(&action->base);
	free(action);
}

static int64_t progress(const struct action *action, int64_t now_ms)
{
	int64_t whole = action->finish_ms - action->base.created_ms;

	if (action->status != ACTION_RUNNING)
		return 100;
	return whole > 0 ? (now_ms - action->base.created_ms) * 100 / whole : 0;
}

void action_render(struct call *call, const struct resource *resource)
{
	const struct action *action = (const struct action *)resource;
	int64_t finished = action->status == ACTION_RUNNING ? -1 : action->finish_ms;

	write_json(call, "{'id':%i,'command':%s,'status':%s,'progress':%i,'started':%t,'finished':%t,'resources':[",
		   action->base.id, action->rule->command, statuses[action->status],
		   progress(action, call->sim->now_ms), action->base.created_ms, finished);
	for (size_t i = 0; i < action->target_count; i++)
		write_json(call, "%r{'id':%i,'type':%s}", i > 0 ? "," : "", action->targets[i].id,
			   action->targets[i].type);
	write_json(call, "],'error':%r}",
		   action->status == ACTION_ERROR ? "{\"code\":\"action_failed\",\"message\":\"Action failed\"}"
						  : "null");
}

void answer_action(struct call *call, const struct action *action)
{
	answer(call, 201, "{'action':%v}", action_render, &action->base);
}

static bool has_status(struct call *call, const struct action *action)
{
	return action->rule->command && query_allows(&call->query, "status", statuses[action->status]);
}

static bool is_wanted(struct call *call, const struct resource *resource)
{
	return has_status(call, (const struct action *)resource);
}

static void list(struct call *call, const struct resource_list *actions, list_filter *keeps)
{
	const struct list_rules rules = { .member = "actions",
					  .render = action_render,
					  .keeps = keeps,
					  .sorts = { "id", "command", "status", "progress", "started" } };

	list_answer(call, &rules, &actions, 1);
}

static bool contains(const struct resource_list *list, const struct resource *resource)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i] == resource)
			return true;
	return false;
}

/* The actions that the query names; false after a 422. */
static bool find_named(struct call *call, struct resource_list *ret)
{
	struct error err = ERROR_INIT;
	size_t position = 0;
	int64_t id;

	for (const char *word; (word = query_next(&call->query, "id", &position));) {
		if (number_parse(word, 1, INT64_MAX, "id", &id, &err)) {
			answer_invalid(call, "id", "%s", err.message);
			return false;
		}
		struct resource *action = resource_find(&call->project->actions, id);
		if (action && !contains(ret, action))
			resource_list_add(ret, action);
	}
	if (!query_get(&call->query, "id")) {
		answer_invalid(call, "id", "id is required");
		return false;
	}
	return true;
}

void actions_list(struct call *call)
{
	struct resource_list named = { 0 };

	if (find_named(call, &named))
		list(call, &named, is_wanted);
	resource_list_release(&named);
}

static const struct action *visible(struct call *call, int64_t id)
{
	const struct action *action = (const struct action *)resource_find(&call->project->actions, id);

	if (action && action->rule->command)
		return action;
	answer_not_found(call, "action", id);
	return NULL;
}

void actions_get(struct call *call)
{
	const struct action *action = visible(call, call->ids[0]);

	if (action)
		answer(call, 200, "{'action':%v}", action_render, &action->base);
}

/* "/servers/{id}/actions": the collection's name without its s is the target's type. */
static bool concerns_path(const struct call *call, const struct action *action, int64_t id)
{
	const char *collection = call->route->pattern + 1;
	size_t length = strcspn(collection, "/") - 1;

	for (size_t i = 0; i < action->target_count; i++)
		if (strlen(action->targets[i].type) == length &&
		    strncmp(action->targets[i].type, collection, length) == 0 &&
		    (id == 0 || action->targets[i].id == id))
			return true;
	return false;
}

static bool of_resource(struct call *call, const struct resource *resource)
{
	const struct action *action = (const struct action *)resource;

	return has_status(call, action) && concerns_path(call, action, call->ids[0]);
}

static bool of_collection(struct call *call, const struct resource *resource)
{
	const struct action *action = (const struct action *)resource;

	return has_status(call, action) && concerns_path(call, action, 0);
}

void resource_actions_list(struct call *call)
{
	list(call, &call->project->actions, of_resource);
}

void collection_actions_list(struct call *call)
{
	list(call, &call->project->actions, of_collection);
}

void resource_action_get(struct call *call)
{
	const struct action *action = visible(call, call->ids[1]);

	if (action && concerns_path(call, action, call->ids[0]))
		answer(call, 200, "{'action':%v}", action_render, &action->base);
	else if (action)
		answer_not_found(call, "action", call->ids[1]);
}
