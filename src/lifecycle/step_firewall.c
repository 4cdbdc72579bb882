/*
 * firewall: a suspended machine has the isolating firewall and no other, every other
 * machine the anchor. Rules of several firewalls add up, so the wanted one is put on
 * before the other is taken off: at no moment is a machine without. What comes next is
 * read from the server each time; so a lost answer, a crash or a change of mind in the
 * middle cost another look and nothing else.
 */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "fleet/isolation.h"
#include "fleet/names.h"
#include "instance/status.h"
#include "lifecycle/absence.h"

#define TRY_AGAIN_MS 250  /* times the failures so far */
#define PENDING_MS   1000 /* until we look again at what is on its way */
#define TRIES        6    /* failed requests, and good ones without an effect, in one run */

/* The activity's memory. */
struct firewalls {
	int64_t isolation; /* 0: not looked for yet in this run */
	unsigned changes;  /* that were asked for */
	bool cut;          /* what was seen and is to be recorded */
};

static void look(struct activity *activity);
static void look_for_isolation(struct activity *activity);

static struct firewalls *firewalls(struct activity *activity)
{
	return activity->memory;
}

/* Fails when it was tried often enough; else calls fn after a while. */
static void try_again(struct activity *activity, const struct error *why, activity_fn *fn)
{
	activity->last = *why;
	if (++activity->attempts < TRIES)
		activity_retry(activity, TRY_AGAIN_MS * (int64_t)activity->attempts, fn);
	else
		activity_fail(activity, &activity->last);
}

/* It may have had its effect, or will another time. */
static bool is_worth_another(const struct cloud_reply *reply)
{
	const struct error *error = reply->error;
	return reply->maybe_done || error->http_status == 409 || error->http_status == 423 ||
	       strcmp(error->code, "firewall_already_applied") == 0;
}

/* --- what was seen is recorded ------------------------------------------------ */

/* A change of mind in between leaves both facts alone: the next look is for the other. */
static int change_seen(struct record *record, struct activity *activity, struct error *err)
{
	bool cut = firewalls(activity)->cut;
	(void)err;
	if (cut != (record->suspended_at != 0))
		return CHANGE_NOTHING;
	if (cut)
		record->isolated_at = activity_now(activity);
	else
		record->isolation_began_at = 0;
	return 0;
}

static void seen(struct activity *activity, bool cut)
{
	firewalls(activity)->cut = cut;
	activity_commit(activity, change_seen, "network", cut ? "cut" : "as usual", look);
}

/* --- changes at the server ------------------------------------------------------ */

static void on_action(struct activity *activity, const struct cloud_reply *reply)
{
	if (reply->error)
		try_again(activity, reply->error, look);
	else
		look(activity);
}

static void on_changed(struct activity *activity, const struct cloud_reply *reply)
{
	if (!reply->error)
		cloud_wait_actions(activity_parts(activity)->cloud, reply->actions, reply->action_count,
				   activity_called, activity_call(activity, on_action));
	else if (is_worth_another(reply))
		try_again(activity, reply->error, look);
	else
		activity_fail(activity, reply->error);
}

typedef void change_fn(struct cloud *cloud, int64_t firewall, int64_t server, cloud_done_fn *done, void *data);

static void change(struct activity *activity, change_fn *send, int64_t firewall, const char *what)
{
	struct error error = ERROR_INIT;
	if (++firewalls(activity)->changes > TRIES) {
		error_set(&error, ERROR_REMOTE, 0,
			  "Hetzner says that it is done and the server still shows other firewalls");
		activity_fail(activity, &error);
		return;
	}
	activity_progress(activity, "%s firewall %lld", what, (long long)firewall);
	send(activity_parts(activity)->cloud, firewall, activity_record(activity)->server_id, activity_called,
	     activity_call(activity, on_changed));
}

/* --- looking at the server -------------------------------------------------------- */

static const struct cloud_attachment *find(const struct cloud_server *server, int64_t firewall)
{
	for (size_t i = 0; i < server->attachment_count; i++)
		if (server->attachments[i].firewall == firewall)
			return &server->attachments[i];
	return NULL;
}

/* Whatever else it has would let something through. */
static int check_alone(const struct cloud_server *server, int64_t firewall, struct error *err)
{
	for (size_t i = 0; i < server->attachment_count; i++)
		if (server->attachments[i].firewall != firewall)
			return error_set(err, ERROR_REMOTE, 0,
					 "the server also has firewall %lld, which is not of this fleet, and is not "
					 "cut off by it; take it off in the console",
					 (long long)server->attachments[i].firewall);
	return 0;
}

static void bring_nearer(struct activity *activity, const struct cloud_server *server)
{
	bool cut = activity_record(activity)->suspended_at != 0;
	int64_t anchor = activity_fleet(activity)->anchor;
	int64_t isolation = cut ? firewalls(activity)->isolation : activity_fleet(activity)->isolation;
	int64_t wanted = cut ? isolation : anchor, other = cut ? anchor : isolation;
	const struct cloud_attachment *has = find(server, wanted), *has_other = find(server, other);
	struct error error = ERROR_INIT;
	if ((has && has->pending) || (has_other && has_other->pending))
		activity_retry(activity, PENDING_MS, look);
	else if (!has)
		change(activity, cloud_apply_firewall, wanted, "putting on");
	else if (has_other)
		change(activity, cloud_remove_firewall, other, "taking off");
	else if (cut && check_alone(server, wanted, &error) < 0)
		activity_fail(activity, &error);
	else
		seen(activity, cut);
}

static void on_seen(struct activity *activity, const struct cloud_reply *reply)
{
	const struct record *record = activity_record(activity);
	struct error error = ERROR_INIT;
	if (!reply->error && reply->presence != PRESENCE_PRESENT) {
		absence_fail(activity);
		return;
	}
	if (reply->error)
		error = *reply->error;
	else if (!activity_owns(activity, &reply->servers[0])) /* P2 */
		error_set(&error, ERROR_FAILED, 0,
			  "server %lld is called '%s' and its name or labels no longer match the record; it was not "
			  "touched: look at it in the console",
			  (long long)record->server_id, reply->servers[0].name);
	if (error.kind != ERROR_NONE)
		activity_fail(activity, &error);
	else if (record->suspended_at && !firewalls(activity)->isolation)
		look_for_isolation(activity); /* only now: with another project's token it would be made there */
	else
		bring_nearer(activity, &reply->servers[0]);
}

static void look(struct activity *activity)
{
	if (status_network_is_as_wanted(activity_record(activity)))
		return; /* the engine sees that the step is done */
	cloud_get_server(activity_parts(activity)->cloud, activity_record(activity)->server_id, activity_called,
			 activity_call(activity, on_seen));
}

/* --- the isolating firewall --------------------------------------------------------- */

static int change_isolation(struct record *record, struct activity *activity, struct error *err)
{
	(void)record;
	(void)err;
	activity_fleet_to_change(activity)->isolation = firewalls(activity)->isolation;
	return 0;
}

static void on_created(struct activity *activity, const struct cloud_reply *reply)
{
	/* whoever made it, the next list has it */
	if (!reply->error)
		look_for_isolation(activity);
	else if (is_worth_another(reply))
		try_again(activity, reply->error, look_for_isolation);
	else
		activity_fail(activity, reply->error);
}

static void create_isolation(struct activity *activity)
{
	char name[64];
	snprintf(name, sizeof(name), FLEET_ISOLATION_NAME, activity_fleet(activity)->id);
	activity_progress(activity, "making the isolating firewall");
	cloud_create_isolation(activity_parts(activity)->cloud, name, activity_fleet(activity)->id, activity_called,
			       activity_call(activity, on_created));
}

static void on_list(struct activity *activity, const struct cloud_reply *reply)
{
	const struct fleet_identity *fleet = activity_fleet(activity);
	char detail[40];
	struct error error = ERROR_INIT;
	int64_t id;
	if (reply->error) {
		activity_fail(activity, reply->error);
	} else if (isolation_find(fleet, reply, &id, &error) < 0) {
		try_again(activity, &error, look_for_isolation); /* its rules may be on their way */
	} else if (!id) {
		create_isolation(activity);
	} else {
		firewalls(activity)->isolation = id;
		snprintf(detail, sizeof(detail), "%lld", (long long)id);
		/* known to the fleet before any machine has it: it is what will be taken off */
		if (fleet->isolation == id)
			look(activity);
		else
			activity_commit(activity, change_isolation, "isolation-known", detail, look);
	}
}

static void look_for_isolation(struct activity *activity)
{
	cloud_list_firewalls(activity_parts(activity)->cloud, activity_fleet(activity)->id, activity_called,
			     activity_call(activity, on_list));
}

void step_firewall(struct activity *activity)
{
	activity->memory = memory_new(sizeof(struct firewalls));
	look(activity);
}
