#include "cloud/cloud.h"

#include <string.h>

#include "base/number.h"
#include "base/timestamp.h"

void cloud_create_server(struct cloud *cloud, const struct cloud_order *order, cloud_done_fn *done, void *data)
{
	cloud->driver->create_server(cloud, order, done, data);
}

void cloud_get_server(struct cloud *cloud, int64_t id, cloud_done_fn *done, void *data)
{
	cloud->driver->get_server(cloud, id, done, data);
}

void cloud_find_server(struct cloud *cloud, const char *name, cloud_done_fn *done, void *data)
{
	cloud->driver->find_server(cloud, name, done, data);
}

void cloud_list_servers(struct cloud *cloud, const char *fleet, cloud_done_fn *done, void *data)
{
	cloud->driver->list_servers(cloud, fleet, done, data);
}

void cloud_delete_server(struct cloud *cloud, int64_t id, cloud_done_fn *done, void *data)
{
	cloud->driver->delete_server(cloud, id, done, data);
}

void cloud_label_server(struct cloud *cloud, int64_t id, const struct cloud_labels *labels, cloud_done_fn *done,
			void *data)
{
	cloud->driver->label_server(cloud, id, labels, done, data);
}

void cloud_rebuild_server(struct cloud *cloud, int64_t id, const char *image, cloud_done_fn *done, void *data)
{
	cloud->driver->rebuild_server(cloud, id, image, done, data);
}

void cloud_wait_actions(struct cloud *cloud, const int64_t *ids, size_t count, cloud_done_fn *done, void *data)
{
	cloud->driver->wait_actions(cloud, ids, count, done, data);
}

void cloud_get_firewall(struct cloud *cloud, int64_t id, cloud_done_fn *done, void *data)
{
	cloud->driver->get_firewall(cloud, id, done, data);
}

void cloud_list_firewalls(struct cloud *cloud, const char *fleet, cloud_done_fn *done, void *data)
{
	cloud->driver->list_firewalls(cloud, fleet, done, data);
}

void cloud_create_firewall(struct cloud *cloud, const char *name, const char *fleet, cloud_done_fn *done, void *data)
{
	cloud->driver->create_firewall(cloud, name, fleet, done, data);
}

void cloud_find_ssh_key(struct cloud *cloud, const char *fingerprint, cloud_done_fn *done, void *data)
{
	cloud->driver->find_ssh_key(cloud, fingerprint, done, data);
}

void cloud_create_ssh_key(struct cloud *cloud, const char *name, const char *fleet, const char *public_key,
			  cloud_done_fn *done, void *data)
{
	cloud->driver->create_ssh_key(cloud, name, fleet, public_key, done, data);
}

void cloud_list_offers(struct cloud *cloud, cloud_done_fn *done, void *data)
{
	cloud->driver->list_offers(cloud, done, data);
}

void cloud_create_isolation(struct cloud *cloud, const char *name, const char *fleet, cloud_done_fn *done, void *data)
{
	cloud->driver->create_isolation(cloud, name, fleet, done, data);
}

void cloud_set_rules(struct cloud *cloud, int64_t firewall, const char *role, cloud_done_fn *done, void *data)
{
	cloud->driver->set_rules(cloud, firewall, role, done, data);
}

void cloud_apply_firewall(struct cloud *cloud, int64_t firewall, int64_t server, cloud_done_fn *done, void *data)
{
	cloud->driver->apply_firewall(cloud, firewall, server, done, data);
}

void cloud_remove_firewall(struct cloud *cloud, int64_t firewall, int64_t server, cloud_done_fn *done, void *data)
{
	cloud->driver->remove_firewall(cloud, firewall, server, done, data);
}

void cloud_list_ssh_keys(struct cloud *cloud, cloud_done_fn *done, void *data)
{
	cloud->driver->list_ssh_keys(cloud, done, data);
}

void cloud_list_primary_ips(struct cloud *cloud, cloud_done_fn *done, void *data)
{
	cloud->driver->list_primary_ips(cloud, done, data);
}

void cloud_list_snapshots(struct cloud *cloud, cloud_done_fn *done, void *data)
{
	cloud->driver->list_snapshots(cloud, done, data);
}

void cloud_list_prices(struct cloud *cloud, cloud_done_fn *done, void *data)
{
	cloud->driver->list_prices(cloud, done, data);
}

bool cloud_clock_offset(const struct cloud *cloud, int64_t *ret_seconds)
{
	return cloud->driver->clock_offset(cloud, ret_seconds);
}

bool cloud_rate_limit(const struct cloud *cloud, int64_t *ret_remaining, int64_t *ret_limit)
{
	return cloud->driver->rate_limit(cloud, ret_remaining, ret_limit);
}

void cloud_free(struct cloud *cloud)
{
	if (cloud)
		cloud->driver->free(cloud);
}

int64_t cloud_label_expiry(const struct cloud_labels *labels)
{
	struct error ignored = ERROR_INIT;
	int64_t expires;
	return number_parse(labels->expires, 1, TIMESTAMP_LAST, "label", &expires, &ignored) == 0 ? expires : 0;
}

bool cloud_is_of_fleet(const struct cloud_labels *labels, const char *fleet)
{
	return strcmp(labels->managed_by, "ccc") == 0 && strcmp(labels->fleet, fleet) == 0;
}

bool cloud_server_has(const struct cloud_server *server, int64_t firewall)
{
	for (size_t i = 0; i < server->attachment_count; i++)
		if (server->attachments[i].firewall == firewall)
			return true;
	return false;
}

bool cloud_isolates(const struct cloud_firewall *firewall, const char *fleet)
{
	return cloud_is_of_fleet(&firewall->labels, fleet) && strcmp(firewall->labels.role, CLOUD_ROLE_ISOLATED) == 0 &&
	       !*firewall->changes;
}

bool cloud_server_matches(const struct cloud_server *server, const char *name, const char *fleet, const char *instance,
			  const char *nonce)
{
	const struct cloud_labels *labels = &server->labels;
	return strcmp(server->name, name) == 0 && cloud_is_of_fleet(labels, fleet) &&
	       strcmp(labels->instance, instance) == 0 && *nonce && strcmp(labels->nonce, nonce) == 0;
}
