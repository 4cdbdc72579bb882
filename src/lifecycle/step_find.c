/*
 * find: a server whose create was sent and never answered is looked for by its
 * name. Found with our nonce, it is taken on and then deleted; not found, that is
 * believed only the second time, at least ten minutes after the last send (P1).
 */
#include "audit/rebuild.h"
#include "base/memory.h"
#include "fleet/anchor.h"
#include "lifecycle/plausible.h"
#include "lifecycle/run.h"

struct search {
	int64_t asked_at; /* what a list says is true of when it was asked for, not of when it came */
	struct cloud_server server;
};

static int change_adopted(struct record *record, struct activity *activity, struct error *err)
{
	const struct search *search = activity->memory;
	(void)err;
	rebuild_address(&search->server, record);
	return 0;
}

static int change_missing(struct record *record, struct activity *activity, struct error *err)
{
	(void)err;
	record->missing_at = ((const struct search *)activity->memory)->asked_at;
	return 0;
}

static int change_absent(struct record *record, struct activity *activity, struct error *err)
{
	(void)err;
	record->deleted_at = activity_now(activity);
	return 0;
}

static const struct cloud_server *ours(struct activity *activity, const struct cloud_reply *reply)
{
	for (size_t i = 0; i < reply->server_count; i++)
		if (activity_owns(activity, &reply->servers[i]))
			return &reply->servers[i];
	return NULL;
}

static void come_back_later(struct activity *activity)
{
	const struct record *record = activity_record(activity);
	struct error error = ERROR_INIT;
	long long wait = record->create_sent_at + SETTLE_SECONDS - activity_true_now(activity);
	error_set(&error, ERROR_REMOTE, 0,
		  "the create request was never answered and no server is seen; 'ccc reap' looks once more in %lld s "
		  "before it is forgotten",
		  wait > 0 ? wait : 0);
	activity_later(activity, &error);
}

static void on_list(struct activity *activity, const struct cloud_reply *reply)
{
	const struct record *record = activity_record(activity);
	struct search *search = activity->memory;
	struct error error = ERROR_INIT;
	if (reply->error) {
		activity_fail(activity, reply->error);
		return;
	}
	const struct cloud_server *server = ours(activity, reply);
	if (server) {
		search->server = *server;
		activity_commit(activity, change_adopted, "adopted", server->name, NULL);
	} else if (plausible_list(activity, reply, &error) < 0) {
		activity_fail(activity, &error);
	} else if (record->missing_at && search->asked_at >= record->create_sent_at + SETTLE_SECONDS) {
		activity_commit(activity, change_absent, "never-created", "", NULL);
	} else {
		activity_commit(activity, change_missing, "missing", "", come_back_later);
	}
}

static void on_anchor(struct activity *activity, const struct cloud_reply *reply)
{
	struct error error = ERROR_INIT;
	if (anchor_check(activity_fleet(activity), reply, &error) < 0) {
		activity_fail(activity, &error);
		return;
	}
	struct search *search = memory_new(sizeof(*search));
	activity->memory = search;
	search->asked_at = activity_true_now(activity);
	cloud_list_servers(activity_parts(activity)->cloud, activity_fleet(activity)->id, activity_called,
			   activity_call(activity, on_list));
}

void step_find(struct activity *activity)
{
	cloud_get_firewall(activity_parts(activity)->cloud, activity_fleet(activity)->anchor, activity_called,
			   activity_call(activity, on_anchor));
}
