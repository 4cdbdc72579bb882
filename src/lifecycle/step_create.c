/*
 * create: the server. The intent is durable before each send (P1). A lost answer
 * is resolved by sending the same again: names are unique in a project, so a 409
 * proves that the first one arrived, and the nonce label proves that it is ours.
 * A refusal for want of stock tries the next candidate.
 */
#include <string.h>

#include "audit/rebuild.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "fleet/anchor.h"
#include "fleet/candidates.h"
#include "lifecycle/parameters.h"
#include "lifecycle/user_data.h"
#include "system/random.h"

#define RESEND_MAXIMUM 6
#define RATE_PAUSE_MS  10000
/* The label is an upper bound of the expiry: what was bought, after the longest provision. */
#define LABEL_ALLOWANCE (4 * 3600)

struct creation {
	struct candidate candidates[CANDIDATES_MAXIMUM];
	size_t count, index;
	bool asked_catalogue;
	struct cloud_server server; /* the answer */
};

static void send_intent(struct activity *activity);
static void ask_catalogue(struct activity *activity);

static struct candidate *candidate(struct activity *activity)
{
	struct creation *creation = activity->memory;
	return &creation->candidates[creation->index];
}

static int change_created(struct record *record, struct activity *activity, struct error *err)
{
	const struct creation *creation = activity->memory;
	const struct cloud_server *server = &creation->server;
	(void)err;
	rebuild_server(server, record);
	record->label_expires_at = cloud_label_expiry(&server->labels);
	return 0;
}

static void created(struct activity *activity, const struct cloud_server *server)
{
	struct creation *creation = activity->memory;
	char detail[128];
	creation->server = *server;
	snprintf(detail, sizeof(detail), "%s in %s, %s", server->type, server->location, server->ipv4);
	activity_progress(activity, "%s", detail);
	activity_commit(activity, change_created, "created", detail, NULL);
}

static void resend(struct activity *activity, const struct error *why)
{
	struct error error;
	activity->last = *why;
	if (++activity->attempts < RESEND_MAXIMUM) {
		activity_retry(activity, INT64_C(500) << activity->attempts, send_intent);
		return;
	}
	error = *why;
	error_wrap(&error, "gave up after %d attempts", RESEND_MAXIMUM);
	activity_fail(activity, &error);
}

static void on_found(struct activity *activity, const struct cloud_reply *reply)
{
	const struct record *record = activity_record(activity);
	struct error error = ERROR_INIT;
	if (reply->presence == PRESENCE_PRESENT && activity_owns(activity, &reply->servers[0])) {
		created(activity, &reply->servers[0]);
	} else if (reply->presence == PRESENCE_PRESENT) {
		error_set(&error, ERROR_REMOTE, 0,
			  "the name '%s' belongs to another server of this project; it was not touched",
			  record->server_name);
		activity_fail(activity, &error);
	} else {
		if (reply->error)
			error = *reply->error;
		else
			error_set(&error, ERROR_REMOTE, 0, "the name '%s' is said to be taken, yet no server has it",
				  record->server_name);
		resend(activity, &error);
	}
}

static bool is_out_of_stock(const struct error *error)
{
	static const char *const codes[] = { "resource_unavailable", "placement_error", "unsupported_error" };
	for (size_t i = 0; i < ARRAY_LENGTH(codes); i++)
		if (strcmp(error->code, codes[i]) == 0)
			return true;
	/* "unsupported location for server type", "server type 104 is deprecated": only the text tells */
	return strcmp(error->code, "invalid_input") == 0 &&
	       (strstr(error->message, "location") || strstr(error->message, "deprecated"));
}

/* A plain no proves that nothing was made: then nothing needs to be looked for, unless an
 * earlier one was never answered. */
static int change_refused(struct record *record, struct activity *activity, struct error *err)
{
	(void)activity;
	(void)err;
	if (record->resent)
		return CHANGE_NOTHING;
	record->create_sent_at = 0;
	return 0;
}

static void next_candidate(struct activity *activity)
{
	struct creation *creation = activity->memory;
	activity_warn(activity, "%s in %s: %s", candidate(activity)->type, candidate(activity)->location,
		      activity->last.message);
	if (++creation->index < creation->count) {
		send_intent(activity);
	} else if (!creation->asked_catalogue) {
		ask_catalogue(activity);
	} else {
		struct error error = activity->last;
		error_wrap(&error, "none of %zu choices of type and location could be had; the last", creation->count);
		activity_fail(activity, &error);
	}
}

static void after_refused(struct activity *activity)
{
	if (is_out_of_stock(&activity->last))
		next_candidate(activity);
	else if (strcmp(activity->last.code, "rate_limit_exceeded") == 0)
		activity_retry(activity, RATE_PAUSE_MS, send_intent); /* the step's deadline ends it */
	else
		activity_fail(activity, &activity->last);
}

static void on_created(struct activity *activity, const struct cloud_reply *reply)
{
	struct run *run = activity->run;
	if (!reply->error) {
		run->action_count = reply->action_count < ARRAY_LENGTH(run->actions) ? reply->action_count
										     : ARRAY_LENGTH(run->actions);
		memcpy(run->actions, reply->actions, run->action_count * sizeof(run->actions[0]));
		created(activity, &reply->servers[0]);
	} else if (strcmp(reply->error->code, "uniqueness_error") == 0) {
		cloud_find_server(activity_parts(activity)->cloud, activity_record(activity)->server_name,
				  activity_called, activity_call(activity, on_found));
	} else if (reply->maybe_done) {
		activity_progress(activity, "the answer was lost (%s); asking again", reply->error->message);
		resend(activity, reply->error);
	} else {
		activity->last = *reply->error;
		activity_commit(activity, change_refused, "refused", reply->error->message, after_refused);
	}
}

static void send(struct activity *activity)
{
	const struct record *record = activity_record(activity);
	const struct fleet_identity *fleet = activity_fleet(activity);
	const struct engine_parts *parts = activity_parts(activity);
	struct error error = ERROR_INIT;
	AUTO_TEXT struct text data = TEXT_INIT(USER_DATA_MAXIMUM);
	if (parameters_user_data(activity, record->takes_user_data, &data, &error) < 0) {
		activity_fail(activity, &error);
		return;
	}
	struct cloud_order order = {
		.name = record->server_name,
		.type = record->built_type,
		.location = record->location,
		.image = parts->settings->image,
		.user_data = text_string(&data),
		.ssh_keys = &fleet->ssh_key,
		.ssh_key_count = 1,
		.firewall = fleet->anchor,
		.labels = { .managed_by = "ccc" },
	};
	text_copy(order.labels.fleet, sizeof(order.labels.fleet), fleet->id);
	text_copy(order.labels.instance, sizeof(order.labels.instance), record->id);
	text_copy(order.labels.nonce, sizeof(order.labels.nonce), record->nonce);
	snprintf(order.labels.expires, sizeof(order.labels.expires), "%lld",
		 (long long)(record->created_at + record->paid_seconds + LABEL_ALLOWANCE));
	activity_progress(activity, "%s in %s", order.type, order.location);
	cloud_create_server(parts->cloud, &order, activity_called, activity_call(activity, on_created));
	memory_wipe(data.data, data.length);
}

static int change_intent(struct record *record, struct activity *activity, struct error *err)
{
	const struct candidate *choice = candidate(activity);
	(void)err;
	if (record->create_sent_at)
		record->resent = true; /* that one was not answered, or it would not stand here any more */
	record->create_sent_at = activity_true_now(activity);
	text_copy(record->built_type, sizeof(record->built_type), choice->type);
	text_copy(record->location, sizeof(record->location), choice->location);
	return 0;
}

static void send_intent(struct activity *activity)
{
	char detail[80];
	snprintf(detail, sizeof(detail), "%s in %s", candidate(activity)->type, candidate(activity)->location);
	activity_commit(activity, change_intent, "create-sent", detail, send);
}

static void on_offers(struct activity *activity, const struct cloud_reply *reply)
{
	struct creation *creation = activity->memory;
	const struct record *record = activity_record(activity);
	struct error error = ERROR_INIT;
	creation->index = 0;
	if (reply->error)
		activity_fail(activity, reply->error);
	else if (candidates_for(record, settings_terms(activity_parts(activity)->settings, record->server_type),
				reply->offers, reply->offer_count, creation->candidates, &creation->count, &error) < 0)
		activity_fail(activity, &error);
	else
		send_intent(activity);
}

static void ask_catalogue(struct activity *activity)
{
	struct creation *creation = activity->memory;
	creation->asked_catalogue = true;
	cloud_list_offers(activity_parts(activity)->cloud, activity_called, activity_call(activity, on_offers));
}

/* What a crashed run may have sent already is sent again as it was. */
static void on_anchor(struct activity *activity, const struct cloud_reply *reply)
{
	const struct record *record = activity_record(activity);
	struct creation *creation = activity->memory;
	struct error error = ERROR_INIT;
	if (anchor_check(activity_fleet(activity), reply, &error) < 0) {
		activity_fail(activity, &error);
	} else if (record->create_sent_at) {
		creation->count = 1;
		text_copy(creation->candidates[0].type, sizeof(creation->candidates[0].type), record->built_type);
		text_copy(creation->candidates[0].location, sizeof(creation->candidates[0].location), record->location);
		send_intent(activity);
	} else {
		ask_catalogue(activity);
	}
}

void step_create(struct activity *activity)
{
	struct error error = ERROR_INIT;
	/* what may be ordered, and with which image, is the operator's to say */
	if (settings_check(activity_parts(activity)->settings, &error) < 0) {
		activity_lacks(activity, &error);
		return;
	}
	activity->memory = memory_new(sizeof(struct creation));
	cloud_get_firewall(activity_parts(activity)->cloud, activity_fleet(activity)->anchor, activity_called,
			   activity_call(activity, on_anchor));
}
