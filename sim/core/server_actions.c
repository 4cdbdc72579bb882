/* What can be done with a server besides creating, deleting and switching it. */
#include "base/memory.h"
#include "core/images.h"
#include "core/primary_ips.h"
#include "core/routes.h"
#include "core/server_order.h"
#include "core/server_power.h"
#include "core/servers.h"

static struct server *server_of(const struct project *project, const struct action *action)
{
	return (struct server *)resource_find(&project->servers, action_target(action, "server"));
}

static void rebuilt(struct sim *sim, struct project *project, const struct action *action)
{
	struct server *server = server_of(project, action);

	(void)sim;
	if (server)
		server->status = action->fails ? SERVER_OFF : SERVER_RUNNING;
}

static void captured(struct sim *sim, struct project *project, const struct action *action)
{
	struct image *image = (struct image *)resource_find(&project->images, action_target(action, "image"));

	if (image && action->fails)
		image_remove(sim, project, image);
	else if (image)
		image_complete(sim, project, image);
}

static const struct action_rule rebuild_server = {
	.command = "rebuild_server", .duration_ms = 4000, .locks = true, .finish = rebuilt
};
static const struct action_rule create_image = {
	.command = "create_image", .duration_ms = 5000, .locks = true, .finish = captured
};
static const struct action_rule change_type = { .command = "change_server_type", .duration_ms = 3000, .locks = true };
static const struct action_rule change_protection = { .command = "change_protection", .duration_ms = 500 };
static const struct action_rule enable_rescue = { .command = "enable_rescue", .duration_ms = 500 };
static const struct action_rule disable_rescue = { .command = "disable_rescue", .duration_ms = 500 };
static const struct action_rule enable_backup = { .command = "enable_backup", .duration_ms = 500 };
static const struct action_rule disable_backup = { .command = "disable_backup", .duration_ms = 500 };
static const struct action_rule reset_password = { .command = "reset_server_password", .duration_ms = 500 };
static const struct action_rule change_dns = { .command = "change_dns_ptr", .duration_ms = 500 };
static const struct action_rule request_console = { .command = "request_console", .duration_ms = 500 };

static void answer_with_password(struct call *call, const struct action *action, bool wanted)
{
	char password[PASSWORD_SIZE];

	answer(call, 201, "{'action':%v,'root_password':%s}", action_render, &action->base,
	       server_password(call->sim, wanted, password));
}

void servers_rebuild(struct call *call)
{
	struct server *server = server_unlocked(call);
	const char *user_data = NULL;

	if (!server)
		return;
	if (server->rebuild_protected) {
		answer_error(call, 423, "protected", NULL, "server rebuild is protected");
		return;
	}
	struct image *image = image_refer(call, json_object_get(call->body, "image"));
	if (!image_usable(call, image, server->type->row) || !call_string(call, "user_data", &user_data))
		return;
	const struct action *action = action_start(call, &rebuild_server, "server", server->base.id);
	if (user_data) {
		free(server->user_data);
		server->user_data = memory_copy_string(user_data);
	}
	server->image = image->base.id;
	server->image_origin = image->origin;
	server->status = SERVER_REBUILDING;
	if (server->host_exists)
		sim_add_event(call->sim, SIM_HOST_REMOVE, server->base.id);
	server->host_exists = false;
	server_boot_host(call, server, action);
	answer_with_password(call, action, server->ssh_key_count == 0);
}

void servers_protect(struct call *call)
{
	struct server *server = server_of_path(call);

	if (!server)
		return;
	bool delete = server->delete_protected, rebuild = server->rebuild_protected;
	if (!call_flag(call, "delete", &delete) || !call_flag(call, "rebuild", &rebuild))
		return;
	/* The service knows one state for both; who names only one of them means both. */
	if (!json_object_get(call->body, "rebuild"))
		rebuild = delete;
	else if (!json_object_get(call->body, "delete"))
		delete = rebuild;
	if (delete != rebuild) {
		answer_invalid(call, "rebuild", "delete and rebuild protection must be equal");
		return;
	}
	server->delete_protected = delete;
	server->rebuild_protected = rebuild;
	answer_action(call, action_start(call, &change_protection, "server", server->base.id));
}

void servers_create_image(struct call *call)
{
	struct server *server = server_unlocked(call);
	const char *type = "snapshot", *description = NULL;
	json_t *labels = NULL;

	if (!server || !call_string(call, "type", &type) || !call_string(call, "description", &description) ||
	    !call_labels(call, &labels))
		return;
	bool is_backup = strcmp(type, "backup") == 0;
	if (!is_backup && strcmp(type, "snapshot") != 0) {
		answer_invalid(call, "type", "type must be snapshot or backup");
		return;
	}
	if (is_backup && !server->backup) {
		answer_error(call, 422, "service_error", NULL, "backups are not enabled");
		return;
	}
	struct image *image = image_capture(call, server, is_backup, description, labels);
	struct action *action = action_start(call, &create_image, "server", server->base.id);
	action_add_target(action, "image", image->base.id);
	answer(call, 201, "{'image':%v,'action':%v}", image_render, &image->base, action_render, &action->base);
}

void servers_change_type(struct call *call)
{
	struct server *server = server_unlocked(call);
	bool upgrade_disk = false;

	if (!server || !call_flag(call, "upgrade_disk", &upgrade_disk))
		return;
	if (server->status != SERVER_OFF) {
		answer_error(call, 422, "server_not_stopped", NULL, "server must be stopped");
		return;
	}
	const struct server_type *type = server_type_refer(call);
	if (!type || !server_type_sold(call, type->row, server->location))
		return;
	if (type->row->disk_gb < server->disk_gb ||
	    strcmp(type->row->architecture, server->type->row->architecture) != 0) {
		answer_error(call, 422, "invalid_server_type", NULL, "the server can't become a %s", type->row->name);
		return;
	}
	server->type = type;
	if (upgrade_disk)
		server->disk_gb = type->row->disk_gb;
	bill_end(&call->sim->bill, "server", server->base.id, call->sim->now_ms);
	server_start_bill(call->sim, call->project, server);
	answer_action(call, action_start(call, &change_type, "server", server->base.id));
}

void servers_enable_rescue(struct call *call)
{
	struct server *server = server_unlocked(call);

	if (!server)
		return;
	server->rescue = true;
	answer_with_password(call, action_start(call, &enable_rescue, "server", server->base.id), true);
}

static void set_flag(struct call *call, const struct action_rule *rule, struct server *server, bool *flag, bool value)
{
	*flag = value;
	answer_action(call, action_start(call, rule, "server", server->base.id));
}

void servers_disable_rescue(struct call *call)
{
	struct server *server = server_unlocked(call);

	if (server)
		set_flag(call, &disable_rescue, server, &server->rescue, false);
}

void servers_enable_backup(struct call *call)
{
	struct server *server = server_unlocked(call);

	if (server)
		set_flag(call, &enable_backup, server, &server->backup, true);
}

void servers_disable_backup(struct call *call)
{
	struct server *server = server_unlocked(call);

	if (!server)
		return;
	image_remove_backups(call->sim, call->project, server->base.id);
	set_flag(call, &disable_backup, server, &server->backup, false);
}

void servers_reset_password(struct call *call)
{
	const struct server *server = server_unlocked(call);

	if (server)
		answer_with_password(call, action_start(call, &reset_password, "server", server->base.id), true);
}

void servers_change_dns(struct call *call)
{
	const struct server *server = server_of_path(call);
	const char *ip = NULL, *name = NULL;

	if (!server || !call_string(call, "ip", &ip) || !call_string(call, "dns_ptr", &name))
		return;
	if (!ip || (!primary_ip_set_name(call->project, server->ipv4, ip, name) &&
		    !primary_ip_set_name(call->project, server->ipv6, ip, name))) {
		answer_invalid(call, "ip", "the server has no such address");
		return;
	}
	answer_action(call, action_start(call, &change_dns, "server", server->base.id));
}

/* The address is nobody's: a console is not simulated. */
void servers_console(struct call *call)
{
	const struct server *server = server_unlocked(call);
	char url[96], password[17];

	if (!server)
		return;
	snprintf(url, sizeof(url), "wss://console.example/?server_id=%lld", (long long)server->base.id);
	sim_random_word(call->sim, password, sizeof(password) - 1);
	const struct action *action = action_start(call, &request_console, "server", server->base.id);
	answer(call, 201, "{'wss_url':%s,'password':%s,'action':%v}", url, password, action_render, &action->base);
}
