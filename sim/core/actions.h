#ifndef SIM_CORE_ACTIONS_H
#define SIM_CORE_ACTIONS_H
/*
 * Actions: what takes time. One is started by a request, ends when its time is
 * over, and its effect comes with the end.
 */
#include "core/call.h"

struct action;

/* What kind of action it is; static tables next to their handlers. */
struct action_rule {
	const char *command; /* NULL: happens in the background, no request ever sees it */
	int64_t duration_ms; /* at speed 1 */
	bool locks;          /* the server lets no other action in meanwhile */
	void (*finish)(struct sim *sim, struct project *project, const struct action *action); /* NULL: no effect */
};

enum action_status { ACTION_RUNNING, ACTION_SUCCESS, ACTION_ERROR };

struct action {
	struct resource base; /* its name is the command */
	const struct action_rule *rule;
	enum action_status status;
	int64_t finish_ms; /* or ACTION_NEVER_ENDS */
	bool fails;
	struct action_target {
		int64_t id;
		const char *type; /* "server", "image", "firewall", "primary_ip" */
	} targets[2];
	size_t target_count;
};

#define ACTION_NEVER_ENDS INT64_MAX

/* Starts one that ends `duration_ms` from now, which is already scaled by the speed, unless a
 * fault changes that. Stays the project's. */
struct action *action_start_for(struct call *call, const struct action_rule *rule, int64_t duration_ms,
				const char *type, int64_t id);

/* The same with the rule's own duration. */
struct action *action_start(struct call *call, const struct action_rule *rule, const char *type, int64_t id);

void action_add_target(struct action *action, const char *type, int64_t id);
int64_t action_target(const struct action *action, const char *type); /* 0: has none of that type */

/* {"action": ...} with 201. */
void answer_action(struct call *call, const struct action *action);

renderer action_render;

/* The running action that ends first; NULL: none of them will. */
struct action *action_next(const struct sim *sim, struct project **ret_project);
void action_end(struct sim *sim, struct project *project, struct action *action);
void action_free(struct action *action);

call_handler actions_list, actions_get;
/* Below any collection whose things actions can have as targets: /servers/{id}/actions, ... */
call_handler resource_actions_list, collection_actions_list, resource_action_get;
#endif
