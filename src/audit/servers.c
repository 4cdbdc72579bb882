/* Servers that no record claims. */
#include <stdio.h>
#include <string.h>

#include "audit/compare.h"
#include "base/timestamp.h"
#include "instance/names.h"

static const struct record *find_claim(const struct record *records, size_t count, int64_t id)
{
	for (size_t i = 0; i < count; i++)
		if (records[i].server_id == id)
			return &records[i];
	return NULL;
}

static bool is_claimed(const struct audit_input *input, int64_t id)
{
	return find_claim(input->records, input->record_count, id) ||
	       find_claim(input->earlier, input->earlier_count, id);
}

static struct finding *add(const struct audit_input *input, struct findings *ret, enum finding_kind kind,
			   const struct cloud_server *server, const char *detail)
{
	const char *instance = instance_id_is_valid(server->labels.instance) ? server->labels.instance : "";
	struct finding *finding =
		findings_add(ret, kind, instance, "'%s' in %s: %s", server->name, server->location, detail);
	finding_about(finding, THING_SERVER, server->id, observed_server_price(input->observed, server));
	return finding;
}

static void add_unexplained(const struct audit_input *input, struct findings *ret, const struct cloud_server *server,
			    const char *detail)
{
	struct finding *finding = add(input, ret, FINDING_UNEXPLAINED_SERVER, server, detail);
	finding_advise(finding, "see whose it is; ccc never touches it: hcloud server describe %lld",
		       (long long)server->id);
}

/* Its labels say what they would on a server that ccc made. */
static bool is_made_by_us(const struct cloud_server *server)
{
	char name[SERVER_NAME_SIZE];
	if (!instance_id_is_valid(server->labels.instance) || !*server->labels.nonce ||
	    strlen(server->labels.nonce) >= NONCE_SIZE)
		return false;
	instance_server_name(server->labels.instance, name);
	return strcmp(server->name, name) == 0;
}

static void judge_known(const struct audit_input *input, struct findings *ret, const struct cloud_server *server,
			const struct life *life)
{
	char detail[160], when[TIMESTAMP_SIZE];
	int64_t recorded = life_integer(life, "serverId");
	if (strcmp(life->instance, server->labels.instance) != 0) {
		snprintf(detail, sizeof(detail), "its nonce is the one of instance %s", life->instance);
		add_unexplained(input, ret, server, detail);
	} else if (recorded && recorded != server->id) {
		snprintf(detail, sizeof(detail), "the server of instance %s was %lld", life->instance,
			 (long long)recorded);
		add_unexplained(input, ret, server, detail);
	} else if (life->ended) {
		timestamp_format(life->changed_at, when);
		snprintf(detail, sizeof(detail), "instance %s ended at %s", life->instance, when);
		add(input, ret, FINDING_LEAKED_SERVER, server, detail);
	} /* else its record is lost: the history tells */
}

static void judge(const struct audit_input *input, struct findings *ret, const struct cloud_server *server)
{
	const char *instance = server->labels.instance;
	const struct record *record = audit_find(input->records, input->record_count, instance);
	const struct life *life = past_find_nonce(input->past, server->labels.nonce);
	if (!record)
		record = audit_find(input->earlier, input->earlier_count, instance);
	if (record && strcmp(record->nonce, server->labels.nonce) != 0) {
		add_unexplained(input, ret, server, "its instance has another nonce");
	} else if (record && record->server_id) {
		struct finding *finding =
			add(input, ret, FINDING_DUPLICATE_SERVER, server, "its instance has another server");
		finding_advise(finding, "see which one the user has, and delete the other: hcloud server delete %lld",
			       (long long)server->id);
	} else if (record) {
		return; /* a create that was not answered: the engine finds its server by itself */
	} else if (!is_made_by_us(server)) {
		add_unexplained(input, ret, server, "its name and labels do not fit together");
	} else if (life) {
		judge_known(input, ret, server, life);
	} else {
		bool cut_off = observed_is_cut_off(input->observed, input->fleet, server);
		add(input, ret, FINDING_UNRECORDED_SERVER, server,
		    cut_off ? "e-mail, payments, keys and host key can't be known; it is cut off by the isolating "
			      "firewall, so it is adopted as suspended"
			    : "e-mail, payments, keys and host key can't be known");
	}
}

void compare_servers(const struct audit_input *input, struct findings *ret, struct foreign *ret_foreign)
{
	for (size_t i = 0; i < input->observed->server_count; i++) {
		const struct cloud_server *server = &input->observed->servers[i];
		if (is_claimed(input, server->id))
			continue;
		if (cloud_is_of_fleet(&server->labels, input->fleet))
			judge(input, ret, server);
		else
			ret_foreign->servers++;
	}
}
