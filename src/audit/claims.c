/* Records against the servers that they claim. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/compare.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "instance/adoption.h"
#include "instance/status.h"

static bool has_labels(const struct audit_input *input, const struct record *record, const struct cloud_server *server)
{
	return cloud_server_matches(server, server->name, input->fleet, record->id, record->nonce);
}

static bool has_name(const struct audit_input *input, const struct record *record, const struct cloud_server *server)
{
	(void)input;
	return strcmp(server->name, record->server_name) == 0;
}

static bool can_be_deleted(const struct audit_input *input, const struct record *record,
			   const struct cloud_server *server)
{
	(void)input;
	(void)record;
	return !server->delete_protected;
}

static bool is_on(const struct audit_input *input, const struct record *record, const struct cloud_server *server)
{
	(void)input;
	(void)record;
	return strcmp(server->status, "off") != 0;
}

static bool has_address(const struct audit_input *input, const struct record *record, const struct cloud_server *server)
{
	(void)input;
	return strcmp(server->ipv4, record->server_ip) == 0;
}

static bool has_type(const struct audit_input *input, const struct record *record, const struct cloud_server *server)
{
	(void)input;
	return !*record->built_type || strcmp(server->type, record->built_type) == 0;
}

/* The label is raised before the box learns of more time; what is on its way there is none of ours. */
static bool has_expiry(const struct audit_input *input, const struct record *record, const struct cloud_server *server)
{
	(void)input;
	if (!record->expires_at || record->label_expires_at < record->expires_at)
		return true;
	return cloud_label_expiry(&server->labels) >= record->expires_at;
}

/* 0: none can be told, as the network is just being changed, or the firewall is not known. */
static int64_t wanted_firewall(const struct audit_input *input, const struct record *record)
{
	if (record->suspended_at)
		return record->isolated_at ? input->isolation : 0;
	return input->observed->anchor_seen && !status_is_cut_off(record) ? input->anchor : 0;
}

/* Nobody asked for it: perhaps it was suspended, and the record is of another time. */
static bool is_not_cut_off(const struct audit_input *input, const struct record *record,
			   const struct cloud_server *server)
{
	return status_is_cut_off(record) || record->goal == GOAL_GONE ||
	       !observed_is_cut_off(input->observed, input->fleet, server);
}

/* What takes longer has failed, or nobody is at it; as long as the step itself may take. */
#define SUSPENDING_S 300

/* Somebody may be at work on it; of how long it takes to give the network back only a failure tells. */
static bool may_be_in_work(const struct audit_input *input, const struct record *record)
{
	return !record->attempts && (!record->suspended_at || input->now - record->suspended_at < SUSPENDING_S);
}

static bool has_wanted_network(const struct audit_input *input, const struct record *record,
			       const struct cloud_server *server)
{
	if (status_network_is_as_wanted(record) || record->goal == GOAL_GONE || may_be_in_work(input, record))
		return true;
	if (record->suspended_at)
		return observed_is_cut_off(input->observed, input->fleet, server);
	return cloud_server_has(server, input->anchor) && !cloud_server_has(server, input->isolation);
}

/* Of several firewalls the rules add up: one that is suspended has no other. 0: it has none too many. */
static int64_t firewall_too_many(const struct record *record, const struct cloud_server *server, int64_t wanted)
{
	for (size_t i = 0; record->suspended_at && i < server->attachment_count; i++)
		if (server->attachments[i].firewall != wanted)
			return server->attachments[i].firewall;
	return 0;
}

static bool is_closed(const struct audit_input *input, const struct record *record, const struct cloud_server *server)
{
	int64_t wanted = wanted_firewall(input, record);
	if (!wanted || record->goal == GOAL_GONE || !is_not_cut_off(input, record, server))
		return true;
	return cloud_server_has(server, wanted) && !firewall_too_many(record, server, wanted);
}

/* clang-format off */
static const struct {
	enum finding_kind kind;
	bool (*is_fine)(const struct audit_input *, const struct record *, const struct cloud_server *);
} checks[] = {
	{ FINDING_RELABELLED_SERVER, has_labels },
	{ FINDING_RENAMED_SERVER, has_name },
	{ FINDING_PROTECTED_SERVER, can_be_deleted },
	{ FINDING_SERVER_OFF, is_on },
	{ FINDING_CHANGED_ADDRESS, has_address },
	{ FINDING_RESCALED_SERVER, has_type },
	{ FINDING_STALE_LABEL, has_expiry },
	{ FINDING_OPEN_SERVER, is_closed },
	{ FINDING_CUT_OFF_SERVER, is_not_cut_off },
	{ FINDING_SUSPENSION_PENDING, has_wanted_network },
};
/* clang-format on */

static void advise_labels(const struct audit_input *input, const struct record *record,
			  const struct cloud_server *server, struct finding *finding)
{
	finding_advise_label(finding, "managed-by", server->labels.managed_by, "ccc");
	finding_advise_label(finding, "ccc-fleet", server->labels.fleet, input->fleet);
	finding_advise_label(finding, "ccc-instance", server->labels.instance, record->id);
	finding_advise_label(finding, "ccc-nonce", server->labels.nonce, record->nonce);
}

/* Never with what would open it at once: why it is cut off, only the operator can know. */
static void advise_cut_off(const struct record *record, struct finding *finding)
{
	char accept[64] = "";
	if (adoption_is_open(record))
		snprintf(accept, sizeof(accept), "accept it first: ccc extend %s --hours H; ", record->id);
	finding_advise(finding,
		       "%sto leave it so: ccc suspend %s; to give its network back: the same, then ccc unsuspend %s",
		       accept, record->id, record->id);
}

/* What it lacks comes first: at no moment is it without. */
static void tell_firewalls(const struct record *record, const struct cloud_server *server, int64_t wanted,
			   struct finding *finding)
{
	long long other = firewall_too_many(record, server, wanted);
	size_t end = strlen(finding->detail), size = sizeof(finding->detail) - end;
	if (!cloud_server_has(server, wanted)) {
		snprintf(finding->detail + end, size, "; it lacks firewall %lld", (long long)wanted);
		finding_advise(finding, "hcloud firewall apply-to-resource --type server --server %lld %lld",
			       (long long)server->id, (long long)wanted);
	} else {
		snprintf(finding->detail + end, size,
			 "; it has firewall %lld beside the isolating one, and their rules add up", other);
		finding_advise(finding, "hcloud firewall remove-from-resource --type server --server %lld %lld",
			       (long long)server->id, other);
	}
}

static void advise(const struct audit_input *input, const struct record *record, const struct cloud_server *server,
		   struct finding *finding)
{
	long long id = server->id;
	if (finding->kind == FINDING_RELABELLED_SERVER)
		advise_labels(input, record, server, finding);
	else if (finding->kind == FINDING_RENAMED_SERVER)
		finding_advise(finding, "hcloud server update --name %s %lld", record->server_name, id);
	else if (finding->kind == FINDING_PROTECTED_SERVER)
		finding_advise(finding, "hcloud server disable-protection %lld delete rebuild", id);
	else if (finding->kind == FINDING_SERVER_OFF)
		finding_advise(finding, "hcloud server poweron %lld", id);
	else if (finding->kind == FINDING_STALE_LABEL)
		finding_advise(finding, "hcloud server add-label --overwrite %lld ccc-expires=%lld", id,
			       (long long)record->label_expires_at);
	else if (finding->kind == FINDING_CUT_OFF_SERVER)
		advise_cut_off(record, finding);
	else if (finding->kind == FINDING_SUSPENSION_PENDING)
		finding_advise(finding, "ccc resume %s", record->id);
	else if (finding->kind == FINDING_OPEN_SERVER)
		tell_firewalls(record, server, wanted_firewall(input, record), finding);
	else
		finding_advise(finding, "see what was done to it: hcloud server describe %lld", id);
}

#define LABEL_TIME_SIZE (CLOUD_LABEL_SIZE + TIMESTAMP_SIZE)

/* As people read a time, and as the label has it. */
static void label_time(const struct cloud_server *server, char ret[LABEL_TIME_SIZE])
{
	char when[TIMESTAMP_SIZE];
	int64_t time = cloud_label_expiry(&server->labels);
	if (!*server->labels.expires) {
		text_copy(ret, LABEL_TIME_SIZE, "nothing");
	} else if (!time) {
		snprintf(ret, LABEL_TIME_SIZE, "'%s'", server->labels.expires);
	} else {
		timestamp_format(time, when);
		snprintf(ret, LABEL_TIME_SIZE, "%s (%lld)", when, (long long)time);
	}
}

static void describe(const struct record *record, const struct cloud_server *server, struct finding *finding)
{
	const char *address = *server->ipv4 ? server->ipv4 : "no IPv4";
	const char *wanted = record->suspended_at ? "be cut off from the network" : "have its network back";
	char label[LABEL_TIME_SIZE], recorded[TIMESTAMP_SIZE] = "";
	label_time(server, label);
	if (finding->kind == FINDING_STALE_LABEL)
		timestamp_format(record->label_expires_at, recorded);
	if (finding->kind == FINDING_SUSPENSION_PENDING)
		snprintf(finding->detail, sizeof(finding->detail), "%s, to %s, not yet%s%.200s", address, wanted,
			 *record->last_error ? ": " : "", record->last_error);
	else
		snprintf(finding->detail, sizeof(finding->detail), "'%.200s', %s, %s, label until %s%s%s", server->name,
			 server->type, address, label, *recorded ? ", recorded as " : "", recorded);
}

static void compare(const struct audit_input *input, const struct record *record, const struct cloud_server *server,
		    struct findings *ret)
{
	int64_t price = observed_server_price(input->observed, server);
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		if (checks[i].is_fine(input, record, server))
			continue;
		struct finding *finding = findings_add(ret, checks[i].kind, record->id, "%s", "");
		describe(record, server, finding);
		finding_about(finding, THING_SERVER, server->id, price);
		advise(input, record, server, finding);
	}
	if (record->delete_confirmed_at) {
		struct finding *finding = findings_add(ret, FINDING_UNDELETED_SERVER, record->id, "'%s'", server->name);
		finding_about(finding, THING_SERVER, server->id, price);
		finding_advise(finding, "when it is really this one: hcloud server delete %lld, then ccc reap",
			       (long long)server->id);
	}
}

static void judge_adopted(const struct audit_input *input, const struct record *record, struct findings *ret)
{
	const struct cloud_server *server = observed_server(input->observed, record->server_id);
	char when[TIMESTAMP_SIZE] = "nobody knows when";
	bool overdue = record->expires_at && input->now >= record->expires_at;
	if (record->expires_at)
		timestamp_format(record->expires_at, when);
	struct finding *finding = findings_add(ret, overdue ? FINDING_ADOPTED_OVERDUE : FINDING_ADOPTED, record->id,
					       "%s, %s %s", record->server_ip, overdue ? "over since" : "until", when);
	finding_about(finding, THING_SERVER, record->server_id,
		      server ? observed_server_price(input->observed, server) : 0);
	finding_advise(finding, "or ccc extend %s --hours H, or ccc deprovision %s", record->id, record->id);
	if (!record->expires_at)
		finding->fix = FIX_NONE;
}

/* A list that lacks it proves nothing: it was asked for by id, and the anchor was seen (P3). */
static bool is_absent(const struct observed *observed, int64_t id)
{
	for (size_t i = 0; observed->anchor_seen && i < observed->look_count; i++)
		if (observed->looks[i].id == id)
			return observed->looks[i].presence == PRESENCE_ABSENT;
	return false;
}

void compare_records(const struct audit_input *input, struct findings *ret)
{
	for (size_t i = 0; i < input->record_count; i++) {
		const struct record *record = &input->records[i];
		const struct record *before = audit_find(input->earlier, input->earlier_count, record->id);
		if (!record->server_id || !before || before->server_id != record->server_id ||
		    before->revision != record->revision)
			continue; /* it was worked on meanwhile */
		const struct cloud_server *server = observed_server(input->observed, record->server_id);
		if (server)
			compare(input, record, server, ret);
		else if (!record->delete_confirmed_at && is_absent(input->observed, record->server_id))
			finding_advise(findings_add(ret, FINDING_VANISHED_SERVER, record->id, "%s, server %lld",
						    record->server_ip, (long long)record->server_id),
				       "tell the user, and close the record: ccc deprovision %s", record->id);
		if (adoption_is_open(record) && record->goal == GOAL_RUNNING)
			judge_adopted(input, record, ret);
	}
}
