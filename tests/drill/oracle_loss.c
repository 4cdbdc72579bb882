/* What is remembered, forgiven and required when records were lost. */
#include "oracle_loss.h"

#include <string.h>

#include "base/text.h"
#include "oracle_inside.h"
#include "read_once.h"

/* --- what happened ------------------------------------------------------------------------ */

static void lose(struct known *known)
{
	known->lost = known->was_lost = true;
	known->recorded = false;
	known->object = NULL;
}

/* From now on the label is all that says until when it was paid. It is raised after an extension was taken, so
 * that it may be behind: fsck calls that a stale label. */
static void shorten(void *data, const struct server_view *server)
{
	struct oracle *oracle = data;
	struct known *known = oracle_find_known(oracle, server->instance);
	if (!oracle_is_ours(oracle, server) || !known->promised_until_ms)
		return;
	int64_t label_ms = server->expires * 1000;
	if (label_ms < known->promised_until_ms)
		known->promised_until_ms = label_ms;
}

static void shorten_lost(void *data, const struct server_view *server)
{
	const struct known *known = oracle_find_known(data, server->instance);
	if (known && known->lost)
		shorten(data, server);
}

void oracle_sees_loss(struct oracle *oracle, bool history)
{
	for (struct known *known = oracle->known; known; known = known->next)
		if (known->recorded)
			lose(known);
	oracle->seen = NULL;
	oracle->swept_at = 0;
	if (!history)
		return;
	cloud_each_server(oracle->world, shorten, oracle);
	oracle_forgets_payments(oracle);
	evidence_forgives(oracle->evidence);
}

void oracle_sees_record_lost(struct oracle *oracle, const char *id)
{
	struct known *known = oracle_find_known(oracle, id);
	if (known && known->recorded)
		lose(known);
}

void oracle_sees_operator_key_lost(struct oracle *oracle)
{
	oracle->lost_keys++;
}

struct search {
	const struct known *known;
	const char *id;
	int64_t found;
};

static void is_its_server(void *data, const struct server_view *server)
{
	struct search *search = data;
	if (oracle_is_server_of(search->known, server))
		search->found = server->id;
}

static int64_t server_of(const struct oracle *oracle, const struct known *known)
{
	struct search search = { .known = known };
	cloud_each_server(oracle->world, is_its_server, &search);
	return search.found;
}

static bool has_server(const struct oracle *oracle, const struct known *known)
{
	return server_of(oracle, known) != 0;
}

/* --- old copies ------------------------------------------------------------------------------ */

void oracle_sees_old_state(struct oracle *oracle)
{
	oracle->old = read_state(oracle->world);
}

bool oracle_state_is_old(const struct oracle *oracle)
{
	return oracle->old != NULL;
}

void oracle_sees_old_state_away(struct oracle *oracle)
{
	oracle->old = NULL;
	oracle_sees_loss(oracle, false);
}

bool oracle_loss_learns_from(struct oracle *oracle, const json_t *state)
{
	if (!oracle->old)
		return true;
	if (state != oracle->old)
		oracle_violated(oracle, "P4", "something was written on an old copy of the state");
	return false;
}

/* Until when the product can know that it was paid: by the label only what the record has no room for. */
static int64_t known_until_ms(const struct oracle *oracle, const struct known *known, const struct record *record)
{
	struct server_view server;
	int64_t until = record->verified_at ? record->expires_at : 0;
	if (until && !known->label_is_off && cloud_find(oracle->world, record->server_id, &server) &&
	    server.expires > until && server.expires > record->label_expires_at)
		until = server.expires;
	return until * 1000;
}

static void fall_behind(const struct oracle *oracle, struct known *known, const struct record *record)
{
	int64_t until_ms = known_until_ms(oracle, known, record);
	known->behind = true;
	known->object = NULL;
	known->attempt = (struct attempt){ 0 };
	known->paid_seconds = known->acknowledged_seconds = record->paid_seconds;
	if (known->promised_until_ms > until_ms)
		known->promised_until_ms = until_ms;
}

void oracle_sees_old_copies(struct oracle *oracle)
{
	struct error ignored = ERROR_INIT;
	struct record record;
	oracle->seen = NULL;
	oracle->swept_at = 0;
	const json_t *instances = json_object_get(read_state(oracle->world), "instances");
	for (struct known *known = oracle->known; known; known = known->next) {
		const json_t *object = json_object_get(instances, known->id);
		if (object && record_from_json(known->id, object, &record, &ignored) == 0) {
			fall_behind(oracle, known, &record);
			if (!record.create_sent_at && has_server(oracle, known))
				oracle_excuses(oracle, known->id); /* nothing was asked for by it: it leaves at once */
			record_release(&record);
		} else if (known->recorded) {
			lose(known);
		}
	}
	cloud_each_server(oracle->world, shorten_lost, oracle);
	oracle_forgets_payments(oracle);
	evidence_forgives(oracle->evidence);
}

/* --- at Hetzner ------------------------------------------------------------------------------- */

static void strip(void *data, const struct server_view *server)
{
	struct oracle *oracle = data;
	struct known *known = oracle_find_known(oracle, server->instance);
	if (known && server->project == 0)
		known->bare = true;
}

void oracle_sees_firewall_lost(struct oracle *oracle)
{
	cloud_each_server(oracle->world, strip, oracle);
}

void oracle_sees_label_changed(struct oracle *oracle, const char *id)
{
	struct known *known = oracle_find_known(oracle, id);
	if (!known)
		return;
	known->label_is_off = true;
	known->released = known->released || known->behind; /* it was all that said until when */
}

/* When the history says that its server was another one, fsck can't explain this one and leaves it alone: it is
 * as good as a stranger's. */
static void make_stranger(struct oracle *oracle, struct known *known)
{
	int64_t server = server_of(oracle, known);
	if (!known->late || !known->server_id || !server)
		return;
	known->excused = true;
	oracle_remembers_stranger(oracle, server);
}

void oracle_sees_late_server(struct oracle *oracle, const char *id)
{
	struct known *known = oracle_find_known(oracle, id);
	known->late = known->was_late = true;
	make_stranger(oracle, known);
}

void oracle_excuses_no_more(struct oracle *oracle, const char *id)
{
	struct known *known = oracle_find_known(oracle, id);
	if (!known || !known->excused || !has_server(oracle, known))
		return;
	known->excused = false;
	evidence_expects(oracle->evidence, id, server_of(oracle, known));
}

/* --- what is remembered ---------------------------------------------------------------------- */

const char *oracle_fleet(const struct oracle *oracle)
{
	return oracle->fleet;
}

void oracle_tells_users(const struct oracle *oracle, void (*each)(void *data, const char *id, const char *email),
			void *data)
{
	for (const struct known *known = oracle->known; known; known = known->next)
		if (known->was_lost)
			each(data, known->id, known->email);
}

static bool has_ended(const struct oracle *oracle, const struct known *known)
{
	return !known->recorded && !known->was_lost && !known->excused && !known->late && !has_server(oracle, known);
}

void oracle_tells_ended(const struct oracle *oracle, void (*each)(void *data, const char *id), void *data)
{
	for (const struct known *known = oracle->known; known; known = known->next)
		if (has_ended(oracle, known))
			each(data, known->id);
}

bool oracle_finds_forgotten(const struct oracle *oracle, struct forgotten *ret)
{
	const struct known *found = NULL;
	for (const struct known *known = oracle->known; known; known = known->next)
		if (known->asked && has_ended(oracle, known) && (!found || !known->server_id))
			found = known;
	if (!found)
		return false;
	text_copy(ret->id, sizeof(ret->id), found->id);
	text_copy(ret->name, sizeof(ret->name), found->name);
	text_copy(ret->nonce, sizeof(ret->nonce), found->nonce);
	return true;
}

/* --- what must be so ---------------------------------------------------------------------------- */

bool oracle_knows_records(const struct oracle *oracle)
{
	for (const struct known *known = oracle->known; known; known = known->next)
		if (known->recorded)
			return true;
	return false;
}

static void check_recorded(void *data, const struct server_view *server)
{
	struct oracle *oracle = data;
	const struct known *known = oracle_find_known(oracle, server->instance);
	if (oracle_is_ours(oracle, server) && !known->recorded && !known->excused)
		oracle_violated(oracle, "P1", "the fleet was taken over and no record knows the server of %s",
				known->id);
}

static void has_its_label(void *data, const struct server_view *server)
{
	struct search *search = data;
	if (server->project == 0 && strcmp(server->instance, search->id) == 0)
		search->found = server->id;
}

bool oracle_may_have_files(const struct oracle *oracle, const char *id)
{
	struct search search = { .id = id };
	if (oracle_has_record(oracle, id))
		return true;
	cloud_each_server(oracle->world, has_its_label, &search);
	return search.found != 0;
}

static void check_folder(void *data, const char *name)
{
	struct oracle *oracle = data;
	if (!oracle_may_have_files(oracle, name))
		oracle_violated(oracle, "P7", "fsck --fix leaves the folder of '%s', which is no instance", name);
}

void oracle_judges_the_taking_over(struct oracle *oracle, bool folders)
{
	oracle_looks(oracle);
	for (struct known *known = oracle->known; known; known = known->next)
		if (!known->excused)
			make_stranger(oracle, known); /* it was held back */
	cloud_each_server(oracle->world, check_recorded, oracle);
	if (folders)
		disk_list(oracle->world->disk, STATE_DIRECTORY "/instances", check_folder, oracle);
}

void oracle_judges_all_gone(struct oracle *oracle)
{
	oracle_looks(oracle);
	for (const struct known *known = oracle->known; known; known = known->next)
		if (!known->excused && (known->recorded || has_server(oracle, known)))
			oracle_violated(oracle, "P1", "the end of %s was asked for, and its %s is still there",
					known->id, has_server(oracle, known) ? "server" : "record");
}

int64_t oracle_next_expiry(const struct oracle *oracle)
{
	int64_t next = 0;
	for (const struct known *known = oracle->known; known; known = known->next) {
		int64_t at_ms = known->recorded ? known->expires_at * 1000 : 0;
		if (at_ms > oracle->world->now_ms && (!next || at_ms < next))
			next = at_ms;
	}
	return next;
}

int64_t oracle_last_expiry(const struct oracle *oracle)
{
	int64_t last = 0;
	for (const struct known *known = oracle->known; known; known = known->next)
		if (known->recorded && known->expires_at > last)
			last = known->expires_at;
	return last * 1000;
}

/* --- for the other parts --------------------------------------------------------------------------- */

/* What was paid, and what became of it earlier, went with the record. */
static void learn_adoption(struct oracle *oracle, struct known *known, const struct record *record)
{
	known->adopted = true;
	known->released = known->failed = false;
	known->paid_seconds = known->acknowledged_seconds = 0;
	enum network network = cloud_network(oracle->world, record->server_id, oracle->fleet);
	if (!record->suspended_at && network == NETWORK_CUT)
		oracle_violated(oracle, "suspension", "%s is cut off and is adopted as if it were not", known->id);
	/* a suspension that was half done is not known any more */
	known->bare = !record->suspended_at && network == NETWORK_OPEN;
	if (!known->excused)
		evidence_expects(oracle->evidence, known->id, record->server_id);
}

void oracle_loss_learns(struct oracle *oracle, struct known *known, const struct record *record)
{
	known->lost = known->late = false;
	known->asked = known->asked || record->create_sent_at;
	known->accepted = record->accepted_at || strcmp(record->reason, "deprovision") == 0;
	if (*record->email)
		text_copy(known->email, sizeof(known->email), record->email);
	if (record->adopted_at && !known->adopted)
		learn_adoption(oracle, known, record);
	if (strcmp(record->reason, "leaked") == 0)
		known->released = true;
}

void oracle_loss_falls_back(struct oracle *oracle)
{
	for (struct known *known = oracle->known; known; known = known->next) {
		if (known->was_lost && !known->recorded)
			lose(known);
		known->late = known->late || (known->was_late && !known->recorded);
	}
}

bool oracle_loss_excuses(const struct known *known)
{
	return known->lost || known->late;
}

bool oracle_loss_allows_delete(struct oracle *oracle, const struct known *known)
{
	if (!known->adopted)
		return true;
	if (!known->accepted)
		oracle_violated(oracle, "P2", "%s was adopted and is deleted without the operator's word", known->id);
	return known->accepted && known->promised_until_ms;
}
