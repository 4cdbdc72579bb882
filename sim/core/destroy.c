#include "core/destroy.h"

#include "core/actions.h"

void ssh_key_free(struct ssh_key *key)
{
	resource_release(&key->base);
	free(key->public_key);
	free(key);
}

void server_free(struct server *server)
{
	resource_release(&server->base);
	free(server->user_data);
	for (size_t i = 0; i < server->ssh_key_count; i++)
		free(server->ssh_keys[i]);
	free(server->ssh_keys);
	free(server);
}

void image_free(struct image *image)
{
	resource_release(&image->base);
	free(image->description);
	free(image->created_from_name);
	free(image);
}

void firewall_free(struct firewall *firewall)
{
	resource_release(&firewall->base);
	free(firewall->rules);
	json_decref(firewall->applied_to);
	free(firewall);
}

void primary_ip_free(struct primary_ip *address)
{
	resource_release(&address->base);
	free(address->reverse_name);
	free(address);
}

void project_destroy(struct project *project)
{
	for (size_t i = 0; i < project->servers.count; i++)
		server_free((struct server *)project->servers.items[i]);
	for (size_t i = 0; i < project->ssh_keys.count; i++)
		ssh_key_free((struct ssh_key *)project->ssh_keys.items[i]);
	for (size_t i = 0; i < project->firewalls.count; i++)
		firewall_free((struct firewall *)project->firewalls.items[i]);
	for (size_t i = 0; i < project->images.count; i++)
		image_free((struct image *)project->images.items[i]);
	for (size_t i = 0; i < project->primary_ips.count; i++)
		primary_ip_free((struct primary_ip *)project->primary_ips.items[i]);
	for (size_t i = 0; i < project->actions.count; i++)
		action_free((struct action *)project->actions.items[i]);
	resource_list_release(&project->servers);
	resource_list_release(&project->ssh_keys);
	resource_list_release(&project->firewalls);
	resource_list_release(&project->images);
	resource_list_release(&project->primary_ips);
	resource_list_release(&project->actions);
	resource_list_release(&project->running);
}

static void catalogue_list_free(struct resource_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		resource_release(list->items[i]);
		free(list->items[i]);
	}
	resource_list_release(list);
}

void catalogue_destroy(struct sim *sim)
{
	catalogue_list_free(&sim->locations);
	catalogue_list_free(&sim->server_types);
	catalogue_list_free(&sim->system_images);
}
