#include "audit_changes.h"

#include "base/text.h"

void audit_add_label(char label[CLOUD_LABEL_SIZE], const char *value)
{
	text_copy(label, CLOUD_LABEL_SIZE, value);
}

void audit_unrecorded(struct audit_world *world)
{
	struct cloud_server *server = audit_world_add_server(world, 43);
	text_copy(server->name, sizeof(server->name), "cc-def456");
	audit_add_label(server->labels.instance, "def456");
	audit_add_label(server->labels.nonce, "n2");
}

void audit_other_fleet(struct audit_world *world)
{
	audit_unrecorded(world);
	audit_add_label(audit_world_server(world, 43)->labels.fleet, "ffffffff");
}

void audit_vanished(struct audit_world *world)
{
	audit_world_drop_server(world, 42, PRESENCE_ABSENT);
}

void audit_relabelled(struct audit_world *world)
{
	audit_add_label(audit_world_server(world, 42)->labels.nonce, "");
}

void audit_renamed(struct audit_world *world)
{
	text_copy(audit_world_server(world, 42)->name, 256, "mine");
}

void audit_protected(struct audit_world *world)
{
	audit_world_server(world, 42)->delete_protected = true;
}

void audit_off(struct audit_world *world)
{
	text_copy(audit_world_server(world, 42)->status, 24, "off");
}

void audit_rescaled(struct audit_world *world)
{
	text_copy(audit_world_server(world, 42)->type, 32, "cx53");
}

void audit_idle_address(struct audit_world *world)
{
	audit_world_forget(world);
	audit_world_drop_server(world, 42, PRESENCE_ABSENT);
	world->observed.primary_ips[0].assignee = 0;
}

void audit_adopt(struct record *record)
{
	json_decref(record->payments);
	record->payments = NULL;
	record->paid_seconds = record->reachable_at = record->installed_at = record->verified_at = 0;
	record->host_key[0] = '\0';
	record->adopted_at = NOW - 100;
	record->expires_at = record->label_expires_at = NOW + 18000;
}

void audit_adopted(struct audit_world *world)
{
	audit_world_change(world, audit_adopt);
}
