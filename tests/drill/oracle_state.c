/* What the oracle learns from the state as it lies on the disk. */
#include "oracle_inside.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "oracle_loss.h"
#include "owner.h"
#include "read_once.h"

/* True time of what the machine's clock stamped. The clock is looked at before every change of it. */
static int64_t true_ms(const struct oracle *oracle, int64_t stamped)
{
	return stamped * 1000 - oracle->world->clock_error_ms;
}

static int64_t last_payment_ms(const struct oracle *oracle, const struct record *record)
{
	int64_t at = 0;
	const json_t *payment = json_array_get(record->payments, json_array_size(record->payments) - 1);
	const char *when = json_string_value(json_object_get(payment, "at"));
	return when && timestamp_parse(when, &at) ? true_ms(oracle, at) : 0;
}

/* A power cut may have undone what nobody was told of. */
static void take_back(struct known *known, const struct record *record)
{
	if (!record->verified_at && !known->acknowledged_seconds)
		known->promised_until_ms = 0;
	if (record->paid_seconds < known->paid_seconds && record->paid_seconds >= known->acknowledged_seconds) {
		if (known->promised_until_ms)
			known->promised_until_ms -= (known->paid_seconds - record->paid_seconds) * 1000;
		known->paid_seconds = record->paid_seconds;
	}
}

static void learn_times(struct oracle *oracle, struct known *known, const struct record *record)
{
	if (oracle->fell_back)
		take_back(known, record);
	if (record->paid_seconds < known->paid_seconds)
		oracle_violated(oracle, "P4", "the paid time of %s shrank", known->id);
	int64_t added_ms = (record->paid_seconds - known->paid_seconds) * 1000;
	if (known->promised_until_ms && added_ms > 0 && known->behind) {
		/* the label had room for it, perhaps, and did not say so */
		if (known->promised_until_ms < record->expires_at * 1000)
			known->promised_until_ms = record->expires_at * 1000;
	} else if (known->promised_until_ms && added_ms > 0) {
		/* a clock that is wrong may not know that the time was over */
		bool clock_right = llabs(oracle->world->clock_error_ms) < 1000;
		int64_t paid_ms = last_payment_ms(oracle, record);
		if (clock_right && paid_ms > known->promised_until_ms)
			known->promised_until_ms = paid_ms;
		known->promised_until_ms += added_ms;
	} else if (!known->promised_until_ms && record->verified_at && !record->adopted_at) {
		known->promised_until_ms = true_ms(oracle, record->verified_at) + record->paid_seconds * 1000;
		oracle->instances++;
		added_ms = record->paid_seconds * 1000;
		evidence_sees_handover(oracle->evidence, record->id, record->server_id, record->host_key);
	}
	if (known->promised_until_ms && added_ms > 0)
		oracle->seconds += (uint64_t)(added_ms / 1000);
	known->paid_seconds = record->paid_seconds;
}

static struct known *get_known(struct oracle *oracle, const char *id)
{
	struct known *known = oracle_find_known(oracle, id);
	if (known)
		return known;
	known = owner_world_calloc(1, sizeof(*known));
	known->next = oracle->known;
	oracle->known = known;
	text_copy(known->id, sizeof(known->id), id);
	return known;
}

static void learn_record(struct oracle *oracle, struct known *known, const struct record *record)
{
	oracle_loss_learns(oracle, known, record);
	text_copy(known->nonce, sizeof(known->nonce), record->nonce);
	text_copy(known->name, sizeof(known->name), record->server_name);
	known->server_id = record->server_id;
	known->failed = known->failed || record->failed_at != 0;
	known->deleting = record->deleting_at != 0;
	known->tried = record->attempts != 0;
	oracle_checks_patience(oracle, known, record);
	known->expires_at = record->verified_at ? record->expires_at : 0;
	if (strcmp(record->reason, "abandoned") == 0 || strcmp(record->reason, "deprovision") == 0)
		known->released = true;
	oracle_checks_payments(oracle, known, record);
	oracle_checks_network(oracle, known, record);
	oracle_checks_host_key(oracle, record);
	if (record->goal == GOAL_RUNNING && record->deleting_at)
		oracle_violated(oracle, "P4", "%s lives on past its point of no return", known->id);
	learn_times(oracle, known, record);
}

static void learn(struct oracle *oracle, const char *id, const json_t *object)
{
	struct error error = ERROR_INIT;
	struct record record;
	struct known *known = get_known(oracle, id);
	known->recorded = true;
	/* objects that say the same are the same one (read_once.h) */
	if (known->object != object || oracle->fell_back) {
		if (record_from_json(id, object, &record, &error) < 0) {
			oracle_violated(oracle, "P7", "a record can't be read: %s", error.message);
			return;
		}
		learn_record(oracle, known, &record);
		record_release(&record);
		known->object = object;
	}
	known->over = known->expires_at && true_ms(oracle, known->expires_at) + ROUNDING_MS < oracle->world->now_ms;
}

static void check_record_is_there(void *data, const struct server_view *server)
{
	struct oracle *oracle = data;
	for (const struct known *known = oracle->known; known; known = known->next)
		if (!known->recorded && !known->excused && !oracle_loss_excuses(known) &&
		    oracle_is_server_of(known, server))
			oracle_violated(oracle, "P3", "the record of %s is gone and its server is not", known->id);
}

static void look(struct oracle *oracle, const json_t *document)
{
	struct error error = ERROR_INIT;
	json_t *fleet, *instances;
	const char *id, *key;
	json_t *object;
	if (!document || json_get_object(document, "fleet", &fleet, &error) < 0 ||
	    json_get_string(fleet, "id", &id, &error) < 0 ||
	    json_get_object(document, "instances", &instances, &error) < 0) {
		oracle_violated(oracle, "P7", "the state can't be read: %s", error.message);
		return;
	}
	text_copy(oracle->fleet, sizeof(oracle->fleet), id);
	oracle_checks_sweeps(oracle, json_string_value(json_object_get(fleet, "sweptAt")));
	for (struct known *known = oracle->known; known; known = known->next)
		known->recorded = false;
	json_object_foreach(instances, key, object)
		learn(oracle, key, object);
	if (oracle->fell_back)
		oracle_loss_falls_back(oracle);
	oracle->fell_back = false;
	cloud_each_server(oracle->world, check_record_is_there, oracle);
}

void oracle_looks(struct oracle *oracle)
{
	const char *bytes;
	size_t length;
	if (disk_peek(oracle->world->disk, STATE_PATH, &bytes, &length) != 0) {
		/* an `init` that did not come to its end may be undone by a power cut */
		if (oracle->seen && !(oracle->fell_back && !oracle_knows_records(oracle)))
			oracle_violated(oracle, "P7", "the state is gone");
		oracle->seen = NULL;
		return;
	}
	const json_t *state = read_once(bytes, length);
	if ((!state || state != oracle->seen) && oracle_loss_learns_from(oracle, state)) {
		oracle->seen = state;
		struct owner *before = owner_switch(NULL);
		look(oracle, state);
		owner_switch(before);
	}
	oracle->looked_ms = oracle->world->now_ms;
}
