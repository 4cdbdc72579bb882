#ifndef SIM_CORE_ROUTES_H
#define SIM_CORE_ROUTES_H
/* Which handler answers what: one table for the API, one for the control interface. */
#include "core/call.h"

extern const struct route api_routes[]; /* end at method NULL */
extern const struct route control_routes[];
size_t route_count(void); /* of api_routes */

/* Does the path fit the pattern? The numbers in it go to ids (-1: no number). */
bool route_fits(const char *pattern, const char *path, int64_t ids[2]);

/* Some API route has this method and pattern; NULL: any. */
bool route_exists(const char *method, const char *pattern);

call_handler server_types_list, server_types_get, locations_list, locations_get, pricing_get;
call_handler ssh_keys_list, ssh_keys_create, ssh_keys_get, ssh_keys_update, ssh_keys_delete;
call_handler firewalls_list, firewalls_create, firewalls_get, firewalls_update, firewalls_delete, firewalls_set_rules,
	firewalls_apply, firewalls_remove;
call_handler images_list, images_get, images_update, images_delete, images_protect;
call_handler primary_ips_list, primary_ips_get;
call_handler servers_list, servers_create, servers_get, servers_update, servers_delete;
call_handler servers_power_on, servers_power_off, servers_reboot, servers_reset, servers_shutdown, servers_rebuild,
	servers_protect, servers_create_image, servers_change_type, servers_enable_rescue, servers_disable_rescue,
	servers_enable_backup, servers_disable_backup, servers_reset_password, servers_change_dns, servers_console;
call_handler nothing_list, nothing_get, gone_get;

/* Of the control interface: what somebody does to a server in the provider's console. */
call_handler console_do;
#endif
