/* On, off and again. The host follows at once, the status when the action ends. */
#include "core/server_power.h"

#include "core/routes.h"
#include "core/servers.h"

static struct server *server_of(const struct project *project, const struct action *action)
{
	return (struct server *)resource_find(&project->servers, action_target(action, "server"));
}

/* Another action may have been quicker: one that finds a server in another status leaves it. */
static void leave(const struct project *project, const struct action *action, enum server_status from,
		  enum server_status to)
{
	struct server *server = server_of(project, action);

	if (server && server->status == from)
		server->status = to;
}

static void started(struct sim *sim, struct project *project, const struct action *action)
{
	(void)sim;
	leave(project, action, SERVER_STARTING, action->fails ? SERVER_OFF : SERVER_RUNNING);
}

static void stopped(struct sim *sim, struct project *project, const struct action *action)
{
	(void)sim;
	leave(project, action, SERVER_STOPPING, SERVER_OFF);
}

/* The system inside obeyed the button: some time after the action had its success. */
static void shut_down(struct sim *sim, struct project *project, const struct action *action)
{
	struct server *server = server_of(project, action);

	if (!server || server->status != SERVER_STOPPING)
		return;
	server->status = SERVER_OFF;
	sim_add_event(sim, SIM_HOST_OFF, server->base.id);
}

const struct action_rule start_server = { .command = "start_server", .duration_ms = 1000, .finish = started };
static const struct action_rule stop_server = { .command = "stop_server", .duration_ms = 1500, .finish = stopped };
static const struct action_rule reboot_server = { .command = "reboot_server", .duration_ms = 1500 };
static const struct action_rule reset_server = { .command = "reset_server", .duration_ms = 1500 };
static const struct action_rule shutdown_server = { .command = "shutdown_server", .duration_ms = 500 };
static const struct action_rule background_shutdown = { .command = NULL, .duration_ms = 3000, .finish = shut_down };

struct server *server_unlocked(struct call *call)
{
	struct server *server = server_of_path(call);

	if (server && server->locks > 0) {
		answer_error(call, 423, "locked", NULL, "server is locked");
		return NULL;
	}
	return server;
}

void servers_power_on(struct call *call)
{
	struct server *server = server_unlocked(call);

	if (!server)
		return;
	const struct action *action = action_start(call, &start_server, "server", server->base.id);
	if (server->status != SERVER_RUNNING && !call->fault->fail_action) {
		server->status = SERVER_STARTING;
		if (server->host_exists)
			sim_add_event(call->sim, SIM_HOST_ON, server->base.id);
		else
			server_boot_host(call, server, action);
	}
	answer_action(call, action);
}

void servers_power_off(struct call *call)
{
	struct server *server = server_unlocked(call);

	if (!server)
		return;
	if (!call->fault->fail_action) {
		server->status = SERVER_STOPPING;
		if (server->host_exists)
			sim_add_event(call->sim, SIM_HOST_OFF, server->base.id);
	}
	answer_action(call, action_start(call, &stop_server, "server", server->base.id));
}

static void restart(struct call *call, const struct action_rule *rule)
{
	struct server *server = server_unlocked(call);

	if (!server)
		return;
	if (server->host_exists && !call->fault->fail_action) {
		sim_add_event(call->sim, SIM_HOST_OFF, server->base.id);
		sim_add_event(call->sim, SIM_HOST_ON, server->base.id);
	}
	answer_action(call, action_start(call, rule, "server", server->base.id));
}

void servers_reboot(struct call *call)
{
	restart(call, &reboot_server);
}

void servers_reset(struct call *call)
{
	restart(call, &reset_server);
}

void servers_shutdown(struct call *call)
{
	struct server *server = server_unlocked(call);

	if (!server)
		return;
	const struct action *action = action_start(call, &shutdown_server, "server", server->base.id);
	if (server->status == SERVER_RUNNING && !call->fault->fail_action) {
		server->status = SERVER_STOPPING;
		action_start(call, &background_shutdown, "server", server->base.id);
	}
	answer_action(call, action);
}
