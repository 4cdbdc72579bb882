#include "audit/observed.h"

#include <stdlib.h>
#include <string.h>

#include "audit/money.h"

void observed_release(struct observed *observed)
{
	free(observed->servers);
	free(observed->looks);
	free(observed->firewalls);
	free(observed->ssh_keys);
	free(observed->primary_ips);
	free(observed->snapshots);
	free(observed->prices);
	arguments_release(&observed->files.folders);
	arguments_release(&observed->files.locks);
	arguments_release(&observed->files.pinned);
	arguments_release(&observed->files.temporaries);
	*observed = (struct observed){ 0 };
}

const struct cloud_server *observed_server(const struct observed *observed, int64_t id)
{
	for (size_t i = 0; i < observed->server_count; i++)
		if (observed->servers[i].id == id)
			return &observed->servers[i];
	for (size_t i = 0; i < observed->look_count; i++)
		if (observed->looks[i].id == id && observed->looks[i].presence == PRESENCE_PRESENT)
			return &observed->looks[i].server;
	return NULL;
}

const struct cloud_firewall *observed_firewall(const struct observed *observed, int64_t id)
{
	for (size_t i = 0; i < observed->firewall_count; i++)
		if (observed->firewalls[i].id == id)
			return &observed->firewalls[i];
	return NULL;
}

int64_t observed_isolation(const struct observed *observed, const char *fleet)
{
	for (size_t i = 0; i < observed->firewall_count; i++)
		if (cloud_isolates(&observed->firewalls[i], fleet))
			return observed->firewalls[i].id;
	return 0;
}

bool observed_is_cut_off(const struct observed *observed, const char *fleet, const struct cloud_server *server)
{
	if (server->attachment_count != 1 || server->attachments[0].pending)
		return false;
	const struct cloud_firewall *firewall = observed_firewall(observed, server->attachments[0].firewall);
	return firewall && cloud_isolates(firewall, fleet);
}

int64_t observed_price(const struct observed *observed, const char *item, const char *location)
{
	for (size_t i = 0; i < observed->price_count; i++) {
		const struct cloud_price_row *row = &observed->prices[i];
		int64_t micros;
		if (strcmp(row->item, item) == 0 && (!*row->location || strcmp(row->location, location) == 0) &&
		    decimal_parse(row->monthly, MONEY_PLACES, &micros))
			return micros;
	}
	return MONEY_UNKNOWN;
}

int64_t observed_server_price(const struct observed *observed, const struct cloud_server *server)
{
	int64_t price = observed_price(observed, server->type, server->location);
	int64_t address = *server->ipv4 ? observed_price(observed, CLOUD_ITEM_IPV4, server->location) : 0;
	return price == MONEY_UNKNOWN || address == MONEY_UNKNOWN ? MONEY_UNKNOWN : price + address;
}
