#include "core/server_order.h"

#include <ctype.h>

#include "base/memory.h"
#include "core/images.h"

#define USER_DATA_MAXIMUM (32 * 1024)

/* RFC 1123: labels of letters, digits and inner hyphens, joined by dots. */
static bool is_host_name(const char *name)
{
	size_t length = strlen(name);

	if (length == 0 || length > 253)
		return false;
	while (*name) {
		size_t label = strcspn(name, ".");
		if (label == 0 || label > 63 || name[0] == '-' || name[label - 1] == '-')
			return false;
		for (size_t i = 0; i < label; i++)
			if (!isalnum((unsigned char)name[i]) && name[i] != '-')
				return false;
		name += label;
		if (*name == '.') {
			name++;
			if (!*name)
				return false;
		}
	}
	return true;
}

bool server_name_check(struct call *call, const char *name, const struct resource *self)
{
	if (!is_host_name(name)) {
		answer_invalid(call, "name", "invalid hostname");
		return false;
	}
	const struct resource *other = resource_find_name(&call->project->servers, name);
	if (other && other != self) {
		answer_not_unique(call, "name", "server name is already used");
		return false;
	}
	return true;
}

const struct server_type *server_type_refer(struct call *call)
{
	const struct server_type *type = (const struct server_type *)resource_refer(
		&call->sim->server_types, json_object_get(call->body, "server_type"));

	if (!type) {
		answer_invalid(call, "server_type", "server type not found");
		return NULL;
	}
	if (type->row->retired) {
		answer_invalid(call, "server_type", "server type %lld is deprecated", (long long)type->row->id);
		return NULL;
	}
	return type;
}

static bool orderable(const struct type_row *type, const struct location_row *location)
{
	const struct offer_row *offer = catalogue_offer(type, location->name);

	return offer && !offer->deprecated;
}

bool server_type_sold(struct call *call, const struct type_row *type, const struct location_row *location)
{
	if (!orderable(type, location)) {
		answer_invalid(call, "location", "unsupported location for server type");
		return false;
	}
	if (!sim_stock(call->sim, type, location).available) {
		answer_error(call, 412, "resource_unavailable", NULL, "error during placement");
		return false;
	}
	return true;
}

static bool read_location(struct call *call, struct server_order *order)
{
	const json_t *wanted = json_object_get(call->body, "location");

	if (wanted && !json_is_null(wanted)) {
		const struct resource *location = resource_refer(&call->sim->locations, wanted);
		if (!location) {
			answer_invalid(call, "location", "location '%s' not found",
				       json_is_string(wanted) ? json_string_value(wanted) : "?");
			return false;
		}
		order->location = ((const struct location *)location)->row;
		return true;
	}
	/* Left to the service: the first where the type is sold. */
	for (size_t i = 0; i < catalogue_location_count && !order->location; i++)
		if (orderable(order->type->row, &catalogue_locations[i]))
			order->location = &catalogue_locations[i];
	if (!order->location)
		answer_invalid(call, "location", "unsupported location for server type");
	return order->location != NULL;
}

static bool read_ssh_keys(struct call *call, struct server_order *order)
{
	json_t *wanted = NULL;

	if (!call_array(call, "ssh_keys", &wanted))
		return false;
	order->ssh_keys = memory_new((json_array_size(wanted) + 1) * sizeof(struct ssh_key *));
	for (size_t i = 0; i < json_array_size(wanted); i++) {
		const struct resource *key = resource_refer(&call->project->ssh_keys, json_array_get(wanted, i));
		if (!key) {
			answer_invalid(call, "ssh_keys", "SSH key not found");
			return false;
		}
		order->ssh_keys[order->ssh_key_count++] = (const struct ssh_key *)key;
	}
	return true;
}

static bool read_firewalls(struct call *call, struct server_order *order)
{
	json_t *wanted = NULL;

	if (!call_array(call, "firewalls", &wanted))
		return false;
	if (json_array_size(wanted) > FIREWALLS_MAXIMUM) {
		answer_invalid(call, "firewalls", "at most %d firewalls", FIREWALLS_MAXIMUM);
		return false;
	}
	for (size_t i = 0; i < json_array_size(wanted); i++) {
		const json_t *id = json_object_get(json_array_get(wanted, i), "firewall");
		struct resource *firewall = resource_find(&call->project->firewalls, json_integer_value(id));
		if (!firewall) {
			answer_error(call, 422, "firewall_resource_not_found", NULL, "firewall not found");
			return false;
		}
		order->firewalls[order->firewall_count++] = (struct firewall *)firewall;
	}
	return true;
}

static bool read_public_net(struct call *call, struct server_order *order)
{
	const json_t *net = json_object_get(call->body, "public_net");
	const json_t *ipv4 = json_object_get(net, "enable_ipv4");
	const json_t *ipv6 = json_object_get(net, "enable_ipv6");

	if (json_is_integer(json_object_get(net, "ipv4")) || json_is_integer(json_object_get(net, "ipv6"))) {
		answer_invalid(call, "public_net", "existing primary IPs are not simulated");
		return false;
	}
	order->ipv4 = !json_is_false(ipv4);
	order->ipv6 = !json_is_false(ipv6);
	return true;
}

/* Things that the simulator has none of: nothing can be attached. */
static bool refuse_attachments(struct call *call)
{
	static const char *const lists[] = { "volumes", "networks" };

	for (size_t i = 0; i < ARRAY_LENGTH(lists); i++)
		if (json_array_size(json_object_get(call->body, lists[i])) > 0) {
			answer_invalid(call, lists[i], "%s not found", lists[i]);
			return false;
		}
	if (json_is_integer(json_object_get(call->body, "placement_group"))) {
		answer_invalid(call, "placement_group", "placement group not found");
		return false;
	}
	return true;
}

static bool check_user_data(struct call *call, const struct server_order *order)
{
	if (!order->user_data || strlen(order->user_data) <= USER_DATA_MAXIMUM)
		return true;
	answer_invalid(call, "user_data", "user_data is limited to %d bytes", USER_DATA_MAXIMUM);
	return false;
}

static bool below_limit(struct call *call)
{
	if ((int64_t)call->project->servers.count < call->sim->options.server_limit)
		return true;
	answer_error(call, 403, "resource_limit_exceeded", "{\"limits\":[{\"name\":\"server_limit\"}]}",
		     "server limit reached");
	return false;
}

bool server_order_read(struct call *call, struct server_order *ret)
{
	*ret = (struct server_order){ .start = true };
	if (!call_string(call, "name", &ret->name))
		return false;
	if (!ret->name) {
		answer_invalid(call, "name", "name is required");
		return false;
	}
	if (!(ret->type = server_type_refer(call)) || !read_location(call, ret))
		return false;
	ret->image = image_refer(call, json_object_get(call->body, "image"));
	return image_usable(call, ret->image, ret->type->row) && call_string(call, "user_data", &ret->user_data) &&
	       check_user_data(call, ret) && call_labels(call, &ret->labels) && read_ssh_keys(call, ret) &&
	       read_firewalls(call, ret) && read_public_net(call, ret) && refuse_attachments(call) &&
	       call_flag(call, "start_after_create", &ret->start) && server_name_check(call, ret->name, NULL) &&
	       below_limit(call) && server_type_sold(call, ret->type->row, ret->location);
}

void server_order_release(struct server_order *order)
{
	free(order->ssh_keys);
}
