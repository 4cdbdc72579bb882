#include "audit/audit.h"

#include <stdlib.h>
#include <string.h>

#include "audit/compare.h"

const struct record *audit_find(const struct record *records, size_t count, const char *id)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(records[i].id, id) == 0)
			return &records[i];
	return NULL;
}

bool audit_proves_project(const struct audit_input *input)
{
	for (size_t i = 0; i < input->observed->ssh_key_count; i++)
		if (input->observed->ssh_keys[i].id == input->ssh_key &&
		    cloud_is_of_fleet(&input->observed->ssh_keys[i].labels, input->fleet))
			return true;
	for (size_t i = 0; i < input->record_count; i++) {
		const struct record *record = &input->records[i];
		const struct cloud_server *server = observed_server(input->observed, record->server_id);
		if (record->server_id && server &&
		    cloud_server_matches(server, record->server_name, input->fleet, record->id, record->nonce))
			return true;
	}
	return false;
}

/* What a lost record costs is what its server does. */
static void price_lost(const struct audit_input *input, struct findings *ret)
{
	for (size_t i = 0; i < ret->count; i++) {
		const struct life *life = past_find_instance(input->past, ret->items[i].instance);
		if (ret->items[i].kind != FINDING_LOST_RECORD || !life)
			continue;
		const struct cloud_server *server = observed_server(input->observed, life_integer(life, "serverId"));
		if (server)
			finding_about(&ret->items[i], THING_SERVER, server->id,
				      observed_server_price(input->observed, server));
	}
}

/* By kind, and among those as they were found. */
static int by_kind(const void *left, const void *right)
{
	const struct finding *a = left, *b = right;
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (a->id != b->id)
		return a->id < b->id ? -1 : 1;
	int names = strcmp(a->instance, b->instance);
	return names ? names : strcmp(a->detail, b->detail);
}

void audit_compare(const struct audit_input *input, struct findings *ret, struct foreign *ret_foreign)
{
	struct findings unfounded = FINDINGS_INIT;
	bool is_stale = audit_is_stale(input->fleet, input->commit, input->past, ret);
	*ret_foreign = (struct foreign){ 0 };
	compare_servers(input, is_stale ? &unfounded : ret, ret_foreign);
	compare_project(input, is_stale ? &unfounded : ret, ret_foreign);
	findings_release(&unfounded);
	if (is_stale)
		return;
	compare_records(input, ret);
	audit_records(input->records, input->record_count, ret);
	audit_history(input->fleet, input->earlier, input->earlier_count, input->records, input->record_count,
		      input->past, ret);
	compare_files(input, ret);
	price_lost(input, ret);
	if (ret->count)
		qsort(ret->items, ret->count, sizeof(*ret->items), by_kind);
}
