/*
 * What happens behind the operator's back: a person with the provider's console changes a
 * server. It takes the same way as a request for it.
 */
#include "base/memory.h"
#include "core/routes.h"

static struct server *find(struct call *call)
{
	for (size_t i = 0; i < call->sim->options.projects; i++) {
		call->project = &call->sim->projects[i];
		struct resource *server = resource_find(&call->project->servers, call->ids[0]);
		if (server)
			return (struct server *)server;
	}
	answer_not_found(call, "server", call->ids[0]);
	return NULL;
}

/* Protection and locks don't stop whoever is determined. */
static void vanish(struct call *call, struct server *server)
{
	server->delete_protected = false;
	server->locks = 0;
	servers_delete(call);
}

static void change(struct call *call, struct server *server)
{
	(void)server;
	servers_update(call);
}

/* With the image that it has unless another is named. */
static void rebuild(struct call *call, struct server *server)
{
	if (!json_object_get(call->body, "image"))
		json_object_set_new(call->body, "image", json_integer(server->image));
	server->locks = 0;
	servers_rebuild(call);
}

static void protect(struct call *call, struct server *server)
{
	bool wanted = strcmp(json_string_value(json_object_get(call->body, "do")), "protect") == 0;

	(void)server;
	json_object_set_new(call->body, "delete", json_boolean(wanted));
	json_object_set_new(call->body, "rebuild", json_boolean(wanted));
	servers_protect(call);
}

static void power_off(struct call *call, struct server *server)
{
	server->locks = 0;
	servers_power_off(call);
}

static const struct deed {
	const char *name;
	const char *member; /* that it takes; NULL: none */
	bool needs_member;
	void (*run)(struct call *call, struct server *server);
} deeds[] = {
	{ "vanish", NULL, false, vanish },      { "rename", "name", true, change },
	{ "relabel", "labels", true, change },  { "rebuild", "image", false, rebuild },
	{ "protect", NULL, false, protect },    { "unprotect", NULL, false, protect },
	{ "poweroff", NULL, false, power_off },
};

static const struct deed *find_deed(struct call *call)
{
	const char *name = json_string_value(json_object_get(call->body, "do"));

	for (size_t i = 0; name && i < ARRAY_LENGTH(deeds); i++)
		if (strcmp(deeds[i].name, name) == 0)
			return &deeds[i];
	answer_invalid(call, "do", "do must be vanish, rename, relabel, rebuild, protect, unprotect or poweroff");
	return NULL;
}

void console_do(struct call *call)
{
	struct server *server = find(call);
	const struct deed *deed = server ? find_deed(call) : NULL;

	if (!deed)
		return;
	const char *const members[] = { "do", deed->member, NULL };
	if (!call_only(call, members))
		return;
	const json_t *given = deed->member ? json_object_get(call->body, deed->member) : NULL;
	if (deed->needs_member && (!given || json_is_null(given)))
		answer_invalid(call, deed->member, "%s is required", deed->member);
	else
		deed->run(call, server);
}
