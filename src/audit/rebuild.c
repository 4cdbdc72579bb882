#include "audit/rebuild.h"

#include <string.h>

#include "base/text.h"
#include "base/timestamp.h"

void rebuild_address(const struct cloud_server *server, struct record *record)
{
	record->server_id = server->id;
	text_copy(record->server_ip, sizeof(record->server_ip), server->ipv4);
	text_copy(record->server_ipv6, sizeof(record->server_ipv6), server->ipv6);
	record->primary_ipv4_id = server->ipv4_id;
	record->primary_ipv6_id = server->ipv6_id;
}

void rebuild_server(const struct cloud_server *server, struct record *record)
{
	rebuild_address(server, record);
	text_copy(record->built_type, sizeof(record->built_type), server->type);
	text_copy(record->location, sizeof(record->location), server->location);
}

void rebuild_adopted(const struct cloud_server *server, const struct life *earlier, bool cut_off, int64_t now,
		     struct record *ret)
{
	int64_t expires = cloud_label_expiry(&server->labels);
	record_init(ret);
	text_copy(ret->id, sizeof(ret->id), server->labels.instance);
	text_copy(ret->nonce, sizeof(ret->nonce), server->labels.nonce);
	text_copy(ret->server_name, sizeof(ret->server_name), server->name);
	rebuild_server(server, ret);
	ret->created_at = ret->create_sent_at = server->created ? server->created : now;
	ret->label_expires_at = ret->expires_at = expires;
	ret->adopted_at = now;
	ret->revision = earlier ? earlier->revision : 0;
	if (!cut_off)
		return;
	ret->suspended_at = ret->isolation_began_at = ret->isolated_at = now;
	text_copy(ret->suspend_reason, sizeof(ret->suspend_reason),
		  "it had the isolating firewall when it was adopted; why is not known");
}

int rebuild_leaked(const struct life *life, const struct cloud_server *server, struct record *ret, struct error *err)
{
	if (life_record(life, ret, err) < 0)
		return -1;
	rebuild_server(server, ret);
	if (!ret->create_sent_at)
		ret->create_sent_at = server->created;
	ret->goal = GOAL_GONE;
	text_copy(ret->reason, sizeof(ret->reason), "leaked");
	ret->deleting_at = ret->missing_at = ret->delete_confirmed_at = ret->deleted_at = 0;
	ret->attempts = ret->retry_at = ret->keep_until = 0;
	ret->last_error[0] = '\0';
	return 0;
}
