#include "core/errors.h"

#include <string.h>

#include "base/memory.h"

#define ANNOUNCEMENT "{\"announcement\":\"https://docs.hetzner.cloud/changelog\"}"

/* clang-format off */
static const struct known_error errors[] = {
	{ "json_error", 400, "invalid JSON", NULL },
	{ "unauthorized", 401, "the token you have provided is invalid", NULL },
	{ "token_readonly", 401, "the token is only allowed to perform GET requests", NULL },
	{ "forbidden", 403, "insufficient permissions for this request", NULL },
	{ "maintenance", 403, "cannot perform operation due to maintenance", NULL },
	{ "resource_limit_exceeded", 403, "server limit reached", "{\"limits\":[{\"name\":\"server_limit\"}]}" },
	{ "not_found", 404, "resource not found", NULL },
	{ "method_not_allowed", 405, "method not allowed", NULL },
	{ "uniqueness_error", 409, "server name is already used", "{\"fields\":[{\"name\":\"name\"}]}" },
	{ "conflict", 409, "the resource has changed during the request, please retry", NULL },
	{ "deprecated_api_endpoint", 410, "API functionality was removed", ANNOUNCEMENT },
	{ "resource_unavailable", 412, "error during placement", NULL },
	{ "invalid_input", 422, "invalid input in field 'name'", "{\"fields\":[{\"name\":\"name\",\"messages\":[\"is invalid\"]}]}" },
	{ "service_error", 422, "error within a service", NULL },
	{ "unsupported_error", 422, "the resource does not support the action", NULL },
	{ "locked", 423, "server is locked", NULL },
	{ "protected", 423, "server deletion is protected", NULL },
	{ "rate_limit_exceeded", 429, "limit of requests per hour reached", NULL },
	{ "server_error", 500, "error within the API backend", NULL },
	{ "bad_gateway", 502, "the request could not be answered by the API backend, please retry", NULL },
	{ "unavailable", 503, "a service or product is currently not available", NULL },
	{ "timeout", 504, "the request could not be answered in time, please retry", NULL },

	/* Of single operations: creating and changing servers, ... */
	{ "placement_error", 422, "an error during the placement occurred", NULL },
	{ "primary_ip_assigned", 422, "the primary IP is already assigned to a server", NULL },
	{ "primary_ip_datacenter_mismatch", 422, "the primary IP is in a different location", NULL },
	{ "primary_ip_version_mismatch", 412, "the primary IP has the wrong version", NULL },
	{ "invalid_server_type", 422, "the server type does not fit the server or is deprecated", NULL },
	{ "server_not_stopped", 422, "server must be stopped", NULL },
	/* ... and firewalls. */
	{ "firewall_already_applied", 422, "firewall is already applied to the resource", NULL },
	{ "firewall_managed_by_label_selector", 422, "firewall is applied by a label selector", NULL },
	{ "firewall_resource_not_found", 404, "firewall or its resource not found", NULL },
	{ "incompatible_network_type", 422, "the resource's network is not supported by firewalls", NULL },
	{ "private_net_only_server", 422, "the server has no public interface", NULL },
	{ "resource_in_use", 422, "firewall is still in use", NULL },
	{ "server_already_added", 422, "the server was applied more than once", NULL },
};
/* clang-format on */

const struct known_error *error_find(const char *code)
{
	for (size_t i = 0; i < ARRAY_LENGTH(errors); i++)
		if (strcmp(errors[i].code, code) == 0)
			return &errors[i];
	return NULL;
}
