/* Records in themselves, and against each other. */
#include <string.h>
#include <strings.h>

#include "audit/audit.h"
#include "instance/names.h"

static bool server_without_create(const struct record *record)
{
	return record->server_id && !record->create_sent_at;
}

static bool answered_without_server(const struct record *record)
{
	return record->reachable_at && !record->server_id;
}

static bool installed_without_answer(const struct record *record)
{
	return record->installed_at && !record->reachable_at;
}

static bool verified_without_server(const struct record *record)
{
	return record->verified_at && !record->server_id;
}

static bool verified_without_install(const struct record *record)
{
	return record->verified_at && !record->installed_at && !record->adopted_at;
}

static bool verified_without_host_key(const struct record *record)
{
	return record->verified_at && record->takes_user_data && !record->rotated_at && !record->adopted_at;
}

static bool expires_without_start(const struct record *record)
{
	return record->expires_at && !record->verified_at && !record->adopted_at;
}

static bool started_without_expiry(const struct record *record)
{
	return record->verified_at && !record->expires_at;
}

static bool expires_before_start(const struct record *record)
{
	return record->verified_at && record->expires_at && record->expires_at < record->verified_at;
}

static bool gone_without_reason(const struct record *record)
{
	return record->goal == GOAL_GONE && !*record->reason;
}

static bool running_with_reason(const struct record *record)
{
	return record->goal == GOAL_RUNNING && *record->reason;
}

static bool deleting_and_running(const struct record *record)
{
	return record->goal == GOAL_RUNNING && record->deleting_at;
}

static bool deleted_undecided(const struct record *record)
{
	return (record->delete_confirmed_at || record->deleted_at) && !record->deleting_at;
}

static bool gone_unconfirmed(const struct record *record)
{
	return record->deleted_at && record->server_id && !record->delete_confirmed_at;
}

static bool has_no_nonce(const struct record *record)
{
	return !*record->nonce;
}

static bool is_misnamed(const struct record *record)
{
	char name[SERVER_NAME_SIZE];
	instance_server_name(record->id, name);
	return strcmp(record->server_name, name) != 0;
}

static bool sum_is_wrong(const struct record *record)
{
	int64_t sum = 0;
	for (size_t i = 0; i < json_array_size(record->payments); i++)
		sum += json_integer_value(json_object_get(json_array_get(record->payments, i), "hours")) * 3600;
	return sum != record->paid_seconds;
}

static bool accepted_without_adoption(const struct record *record)
{
	return record->accepted_at && !record->adopted_at;
}

static const struct {
	bool (*is_wrong)(const struct record *record);
	const char *says;
} contradictions[] = {
	{ server_without_create, "it has a server that was never asked for" },
	{ answered_without_server, "it answered and has no server" },
	{ installed_without_answer, "it was installed and never answered" },
	{ verified_without_server, "it was verified and has no server" },
	{ verified_without_install, "it was verified and never installed" },
	{ verified_without_host_key, "it was verified and never given its host key" },
	{ expires_without_start, "it expires and its time never began" },
	{ started_without_expiry, "its time began and it never expires" },
	{ expires_before_start, "it expires before its time began" },
	{ gone_without_reason, "it is to be gone and nothing says why" },
	{ running_with_reason, "it is to run and has a reason to be gone" },
	{ deleting_and_running, "it is being deleted and is to run" },
	{ deleted_undecided, "it was deleted before that was decided" },
	{ gone_unconfirmed, "it is gone and no delete was confirmed" },
	{ has_no_nonce, "it has no nonce, so that no server can be proven to be its own" },
	{ is_misnamed, "its server is not named after it" },
	{ sum_is_wrong, "the paid time is not the sum of the payments" },
	{ accepted_without_adoption, "it was accepted and never adopted" },
};

/* P4. Of an adopted machine nobody knows what was paid. */
static bool is_short(const struct record *record)
{
	return record->verified_at && record->expires_at && !record->adopted_at &&
	       record->expires_at - record->verified_at < record->paid_seconds;
}

static void check_alone(const struct record *record, struct findings *ret)
{
	for (size_t i = 0; i < sizeof(contradictions) / sizeof(contradictions[0]); i++)
		if (contradictions[i].is_wrong(record))
			finding_advise(
				findings_add(ret, FINDING_CONTRADICTION, record->id, "%s", contradictions[i].says),
				"ccc status %s", record->id);
	if (is_short(record))
		finding_advise(
			findings_add(ret, FINDING_SHORT_TIME, record->id, "by %lld s",
				     (long long)(record->paid_seconds - (record->expires_at - record->verified_at))),
			"ccc extend %s --hours H", record->id);
}

static const char *shared(const struct record *left, const struct record *right)
{
	if (left->server_id && left->server_id == right->server_id)
		return "server";
	if (*left->nonce && strcmp(left->nonce, right->nonce) == 0)
		return "nonce";
	if (*left->email && strcasecmp(left->email, right->email) == 0)
		return "e-mail address";
	return NULL;
}

void audit_records(const struct record *records, size_t count, struct findings *ret)
{
	for (size_t i = 0; i < count; i++) {
		check_alone(&records[i], ret);
		for (size_t k = 0; k < i; k++) {
			const char *what = shared(&records[k], &records[i]);
			if (what)
				finding_advise(findings_add(ret, FINDING_TWIN_RECORDS, records[i].id,
							    "instances %s and %s have the same %s", records[k].id,
							    records[i].id, what),
					       "ccc status %s; ccc status %s", records[k].id, records[i].id);
		}
	}
}
