#include "core/routes.h"

#include "base/number.h"
#include "core/actions.h"

/* A literal pattern stands before one with a number in the same place. */
const struct route api_routes[] = {
	{ "GET", "/actions", actions_list },
	{ "GET", "/actions/{id}", actions_get },

	{ "GET", "/servers", servers_list },
	{ "POST", "/servers", servers_create },
	{ "GET", "/servers/actions", collection_actions_list },
	{ "GET", "/servers/actions/{id}", actions_get },
	{ "GET", "/servers/{id}", servers_get },
	{ "PUT", "/servers/{id}", servers_update },
	{ "DELETE", "/servers/{id}", servers_delete },
	{ "GET", "/servers/{id}/actions", resource_actions_list },
	{ "POST", "/servers/{id}/actions/poweron", servers_power_on },
	{ "POST", "/servers/{id}/actions/poweroff", servers_power_off },
	{ "POST", "/servers/{id}/actions/reboot", servers_reboot },
	{ "POST", "/servers/{id}/actions/reset", servers_reset },
	{ "POST", "/servers/{id}/actions/shutdown", servers_shutdown },
	{ "POST", "/servers/{id}/actions/rebuild", servers_rebuild },
	{ "POST", "/servers/{id}/actions/change_protection", servers_protect },
	{ "POST", "/servers/{id}/actions/create_image", servers_create_image },
	{ "POST", "/servers/{id}/actions/change_type", servers_change_type },
	{ "POST", "/servers/{id}/actions/enable_rescue", servers_enable_rescue },
	{ "POST", "/servers/{id}/actions/disable_rescue", servers_disable_rescue },
	{ "POST", "/servers/{id}/actions/enable_backup", servers_enable_backup },
	{ "POST", "/servers/{id}/actions/disable_backup", servers_disable_backup },
	{ "POST", "/servers/{id}/actions/reset_password", servers_reset_password },
	{ "POST", "/servers/{id}/actions/change_dns_ptr", servers_change_dns },
	{ "POST", "/servers/{id}/actions/request_console", servers_console },
	{ "GET", "/servers/{id}/actions/{action_id}", resource_action_get },

	{ "GET", "/ssh_keys", ssh_keys_list },
	{ "POST", "/ssh_keys", ssh_keys_create },
	{ "GET", "/ssh_keys/{id}", ssh_keys_get },
	{ "PUT", "/ssh_keys/{id}", ssh_keys_update },
	{ "DELETE", "/ssh_keys/{id}", ssh_keys_delete },

	{ "GET", "/firewalls", firewalls_list },
	{ "POST", "/firewalls", firewalls_create },
	{ "GET", "/firewalls/actions", collection_actions_list },
	{ "GET", "/firewalls/actions/{id}", actions_get },
	{ "GET", "/firewalls/{id}", firewalls_get },
	{ "PUT", "/firewalls/{id}", firewalls_update },
	{ "DELETE", "/firewalls/{id}", firewalls_delete },
	{ "GET", "/firewalls/{id}/actions", resource_actions_list },
	{ "POST", "/firewalls/{id}/actions/set_rules", firewalls_set_rules },
	{ "POST", "/firewalls/{id}/actions/apply_to_resources", firewalls_apply },
	{ "POST", "/firewalls/{id}/actions/remove_from_resources", firewalls_remove },
	{ "GET", "/firewalls/{id}/actions/{action_id}", resource_action_get },

	{ "GET", "/images", images_list },
	{ "GET", "/images/actions", collection_actions_list },
	{ "GET", "/images/actions/{id}", actions_get },
	{ "GET", "/images/{id}", images_get },
	{ "PUT", "/images/{id}", images_update },
	{ "DELETE", "/images/{id}", images_delete },
	{ "GET", "/images/{id}/actions", resource_actions_list },
	{ "POST", "/images/{id}/actions/change_protection", images_protect },
	{ "GET", "/images/{id}/actions/{action_id}", resource_action_get },

	{ "GET", "/primary_ips", primary_ips_list },
	{ "GET", "/primary_ips/{id}", primary_ips_get },
	{ "GET", "/server_types", server_types_list },
	{ "GET", "/server_types/{id}", server_types_get },
	{ "GET", "/locations", locations_list },
	{ "GET", "/locations/{id}", locations_get },
	{ "GET", "/pricing", pricing_get },
	{ "GET", "/datacenters", gone_get },
	{ "GET", "/datacenters/{id}", gone_get },

	/* Not simulated; a project just has none of them. */
	{ "GET", "/isos", nothing_list },
	{ "GET", "/isos/{id}", nothing_get },
	{ "GET", "/volumes", nothing_list },
	{ "GET", "/volumes/{id}", nothing_get },
	{ "GET", "/networks", nothing_list },
	{ "GET", "/networks/{id}", nothing_get },
	{ "GET", "/placement_groups", nothing_list },
	{ "GET", "/placement_groups/{id}", nothing_get },
	{ "GET", "/floating_ips", nothing_list },
	{ "GET", "/floating_ips/{id}", nothing_get },
	{ "GET", "/load_balancers", nothing_list },
	{ "GET", "/load_balancers/{id}", nothing_get },
	{ "GET", "/load_balancer_types", nothing_list },
	{ "GET", "/load_balancer_types/{id}", nothing_get },
	{ "GET", "/certificates", nothing_list },
	{ "GET", "/certificates/{id}", nothing_get },
	{ NULL, NULL, NULL },
};

static int64_t read_id(const char *segment, size_t length)
{
	struct error err = ERROR_INIT;
	char copy[24] = "";
	int64_t id = -1;

	if (length < sizeof(copy)) {
		memcpy(copy, segment, length);
		if (number_parse(copy, 1, INT64_MAX, "id", &id, &err))
			id = -1;
	}
	return id;
}

bool route_fits(const char *pattern, const char *path, int64_t ids[2])
{
	size_t found = 0;

	while (*pattern == '/' && *path == '/') {
		size_t wanted = strcspn(++pattern, "/");
		size_t given = strcspn(++path, "/");
		if (pattern[0] == '{' && given > 0 && found < 2)
			ids[found++] = read_id(path, given);
		else if (wanted != given || strncmp(pattern, path, given) != 0)
			return false;
		pattern += wanted;
		path += given;
	}
	return !*pattern && !*path;
}

size_t route_count(void)
{
	return sizeof(api_routes) / sizeof(api_routes[0]) - 1;
}

bool route_exists(const char *method, const char *pattern)
{
	for (const struct route *route = api_routes; route->method; route++)
		if ((!method || strcmp(route->method, method) == 0) &&
		    (!pattern || strcmp(route->pattern, pattern) == 0))
			return true;
	return false;
}
