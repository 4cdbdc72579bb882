/* The state against the history, which is written first and never changed. */
#include <stdio.h>
#include <string.h>

#include "audit/audit.h"
#include "base/json.h"

static void advise_rebuilding(struct finding *finding, const char *fleet)
{
	finding_advise(finding,
		       "put the newest copy of instances.json back, or move the file away and rebuild it from the "
		       "history: ccc init --adopt --fleet %s; ccc fsck --fix",
		       fleet);
}

/* What is derived (status) or counted apart (revision) is no fact. */
static bool is_fact(const char *member)
{
	return strcmp(member, "status") != 0 && strcmp(member, "revision") != 0;
}

/* The first member that differs, or NULL. Both are written by this version, so that the form can't differ. */
static const char *difference(const json_t *left, const json_t *right)
{
	const char *member;
	json_t *value;
	json_object_foreach((json_t *)(uintptr_t)left, member, value) {
		if (is_fact(member) && !json_equal(value, json_object_get(right, member)))
			return member;
	}
	json_object_foreach((json_t *)(uintptr_t)right, member, value) {
		if (is_fact(member) && !json_object_get(left, member))
			return member;
	}
	return NULL;
}

static void add_short(const struct record *record, struct findings *ret, const char *detail)
{
	finding_advise(
		findings_add(ret, FINDING_SHORT_HISTORY, record->id, "%.300s", detail),
		"put the missing lines back from a copy of history.jsonl; without one the record stays good, but "
		"'ccc whois' and a rebuilt state know nothing of what the lines said: keep ccc status %s -o json",
		record->id);
}

static void compare_facts(const struct record *record, const struct life *life, struct findings *ret)
{
	struct error error = ERROR_INIT;
	struct record told;
	if (life_record(life, &told, &error) < 0) {
		add_short(record, ret, error.message);
		return;
	}
	AUTO_JSON json_t *ours = record_to_json(record);
	AUTO_JSON json_t *theirs = record_to_json(&told);
	const char *member = difference(ours, theirs);
	if (member)
		finding_advise(findings_add(ret, FINDING_EDITED_RECORD, record->id,
					    "member '%.40s' is not what the history says", member),
			       "ccc status %s", record->id);
	record_release(&told);
}

/* One ahead is what a crash between history and state leaves. */
bool audit_is_stale(const char *fleet, int64_t commit, const struct past *past, struct findings *ret)
{
	if (past->commit <= commit + 1)
		return false;
	advise_rebuilding(findings_add(ret, FINDING_STALE_STATE, "",
				       "change %lld in instances.json, %lld in the history; nothing writes it any "
				       "more, and nothing else can be judged by it",
				       (long long)commit, (long long)past->commit),
			  fleet);
	return true;
}

static void compare_record(const char *fleet, const struct record *before, const struct record *record,
			   const struct past *past, struct findings *ret)
{
	const struct life *life = past_find_instance(past, record->id);
	if (!life || life->revision < before->revision) {
		char revisions[80];
		snprintf(revisions, sizeof(revisions), "revision %lld of the state, %lld of the history",
			 (long long)before->revision, life ? (long long)life->revision : 0);
		add_short(record, ret, revisions);
	} else if (life->revision > record->revision + 1) { /* one ahead: a commit that crashed, and comes again */
		advise_rebuilding(findings_add(ret, FINDING_STALE_STATE, record->id,
					       "revision %lld of the state, %lld of the history",
					       (long long)record->revision, (long long)life->revision),
				  fleet);
	} else if (life->revision == record->revision && before->revision == record->revision) {
		compare_facts(record, life, ret);
	}
}

void audit_history(const char *fleet, const struct record *earlier, size_t earlier_count, const struct record *records,
		   size_t count, const struct past *past, struct findings *ret)
{
	for (size_t i = 0; i < count; i++) {
		const struct record *before = audit_find(earlier, earlier_count, records[i].id);
		if (before)
			compare_record(fleet, before, &records[i], past, ret);
	}
	for (size_t i = 0; i < past->count; i++) {
		const struct life *life = &past->lives[i];
		if (!life_is_open(life) || past_find_instance(past, life->instance) != life ||
		    audit_find(earlier, earlier_count, life->instance) || audit_find(records, count, life->instance))
			continue;
		findings_add(ret, FINDING_LOST_RECORD, life->instance, "of %.254s, %.40s",
			     *life_string(life, "email") ? life_string(life, "email") : "an unknown user",
			     *life_string(life, "serverIp") ? life_string(life, "serverIp") : "no server");
	}
}
