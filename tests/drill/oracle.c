#include "oracle.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "cloud_view.h"
#include "evidence.h"
#include "instance/record.h"
#include "owner.h"
#include "process.h"
#include "read_once.h"
#include "story.h"
#include "system/child.h"

#define STATE_PATH STATE_DIRECTORY "/instances.json"
/* Times are recorded in whole seconds, and clocks of ours and Hetzner's are compared in them. */
#define ROUNDING_MS 2000

/* What the oracle knows of an instance. */
struct known {
	struct known *next;
	char id[INSTANCE_ID_SIZE], nonce[NONCE_SIZE], name[16];
	const json_t *object; /* that it was learned from */
	int64_t server_id;
	int64_t expires_at;                         /* as stamped; 0: never verified */
	int64_t paid_seconds, acknowledged_seconds; /* of the latter the user was told */
	int64_t promised_until_ms;                  /* true time; 0: the clock did not start yet */
	bool recorded;                              /* at the last look */
	bool released, excused, failed;
	bool over, deleting, tried; /* its time is over; its end is begun; and was tried in vain */
	bool due;                   /* was over and neither of these when the sweep began */
};

struct stranger {
	struct stranger *next;
	int64_t id;
	char name[64], labels[256];
};

struct oracle {
	struct world *world;
	struct known *known;
	struct stranger *strangers;
	struct evidence *evidence;
	char fleet[16];
	char verdict[512];
	uint64_t seen;  /* of the state at the last look */
	bool fell_back; /* since then */
	uint64_t instances, seconds;
};

struct oracle *oracle_new(struct world *world)
{
	struct oracle *oracle = owner_world_calloc(1, sizeof(*oracle));
	oracle->world = world;
	oracle->evidence = evidence_new(world);
	return oracle;
}

void oracle_free(struct oracle *oracle)
{
	if (!oracle)
		return;
	while (oracle->known) {
		struct known *known = oracle->known;
		oracle->known = known->next;
		free(known);
	}
	while (oracle->strangers) {
		struct stranger *stranger = oracle->strangers;
		oracle->strangers = stranger->next;
		free(stranger);
	}
	evidence_free(oracle->evidence);
	free(oracle);
}

const char *oracle_verdict(const struct oracle *oracle)
{
	return *oracle->verdict ? oracle->verdict : NULL;
}

void oracle_violated(struct oracle *oracle, const char *promise, const char *format, ...)
{
	char what[400];
	va_list args;
	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	story_tell(oracle->world, "VIOLATED %s: %s", promise, what);
	if (!*oracle->verdict)
		snprintf(oracle->verdict, sizeof(oracle->verdict), "%s: %s", promise, what);
}

static struct known *find_known(const struct oracle *oracle, const char *id)
{
	for (struct known *known = oracle->known; known; known = known->next)
		if (strcmp(known->id, id) == 0)
			return known;
	return NULL;
}

/* --- looking at the state ------------------------------------------------------------ */

struct search {
	const struct oracle *oracle;
	const struct known *known;
	bool found;
};

static void is_its_server(void *data, const struct server_view *server)
{
	struct search *search = data;
	if (server->project == 0 && strcmp(server->nonce, search->known->nonce) == 0 &&
	    strcmp(server->name, search->known->name) == 0)
		search->found = true;
}

static bool has_server(const struct oracle *oracle, const struct known *known)
{
	struct search search = { oracle, known, false };
	cloud_each_server(oracle->world, is_its_server, &search);
	return search.found;
}

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

static void check_payments(struct oracle *oracle, const struct record *record)
{
	for (size_t i = 0; i < json_array_size(record->payments); i++)
		for (size_t j = 0; j < i; j++)
			if (json_equal(json_object_get(json_array_get(record->payments, i), "reference"),
				       json_object_get(json_array_get(record->payments, j), "reference")))
				oracle_violated(oracle, "P4", "a payment for %s counts twice", record->id);
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
	if (known->promised_until_ms && added_ms > 0) {
		/* a clock that is wrong may not know that the time was over */
		bool clock_right = llabs(oracle->world->clock_error_ms) < 1000;
		int64_t paid_ms = last_payment_ms(oracle, record);
		if (clock_right && paid_ms > known->promised_until_ms)
			known->promised_until_ms = paid_ms;
		known->promised_until_ms += added_ms;
	} else if (!known->promised_until_ms && record->verified_at) {
		known->promised_until_ms = true_ms(oracle, record->verified_at) + record->paid_seconds * 1000;
		oracle->instances++;
		added_ms = record->paid_seconds * 1000;
		evidence_sees_handover(oracle->evidence, record->id, record->server_id);
	}
	if (known->promised_until_ms && added_ms > 0)
		oracle->seconds += (uint64_t)(added_ms / 1000);
	known->paid_seconds = record->paid_seconds;
}

static struct known *get_known(struct oracle *oracle, const char *id)
{
	struct known *known = find_known(oracle, id);
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
	text_copy(known->nonce, sizeof(known->nonce), record->nonce);
	text_copy(known->name, sizeof(known->name), record->server_name);
	known->server_id = record->server_id;
	known->failed = known->failed || record->failed_at != 0;
	known->deleting = record->deleting_at != 0;
	known->tried = record->attempts != 0;
	known->expires_at = record->verified_at ? record->expires_at : 0;
	if (strcmp(record->reason, "abandoned") == 0 || strcmp(record->reason, "deprovision") == 0)
		known->released = true;
	check_payments(oracle, record);
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

static uint64_t digest(const char *bytes, size_t length)
{
	uint64_t sum = UINT64_C(14695981039346656037);
	for (; length >= 8; bytes += 8, length -= 8) {
		uint64_t word;
		memcpy(&word, bytes, 8);
		sum = (sum ^ word) * UINT64_C(1099511628211);
		sum ^= sum >> 29;
	}
	for (; length; bytes++, length--)
		sum = (sum ^ (unsigned char)*bytes) * UINT64_C(1099511628211);
	return sum;
}

static void look(struct oracle *oracle, const char *bytes, size_t length)
{
	struct error error = ERROR_INIT;
	json_t *fleet, *instances;
	const char *id, *key;
	json_t *object;
	const json_t *document = read_once(bytes, length);
	if (!document || json_get_object(document, "fleet", &fleet, &error) < 0 ||
	    json_get_string(fleet, "id", &id, &error) < 0 ||
	    json_get_object(document, "instances", &instances, &error) < 0) {
		oracle_violated(oracle, "P7", "the state can't be read: %s", error.message);
		return;
	}
	text_copy(oracle->fleet, sizeof(oracle->fleet), id);
	for (struct known *known = oracle->known; known; known = known->next)
		known->recorded = false;
	json_object_foreach(instances, key, object)
		learn(oracle, key, object);
	oracle->fell_back = false;
	for (struct known *known = oracle->known; known; known = known->next)
		if (!known->recorded && !known->excused && has_server(oracle, known))
			oracle_violated(oracle, "P3", "the record of %s is gone and its server is not", known->id);
}

void oracle_looks(struct oracle *oracle)
{
	const char *bytes;
	size_t length;
	if (disk_peek(oracle->world->disk, STATE_PATH, &bytes, &length) != 0) {
		if (oracle->seen)
			oracle_violated(oracle, "P7", "the state is gone");
		return;
	}
	uint64_t seen = digest(bytes, length) | 1;
	if (seen == oracle->seen)
		return;
	oracle->seen = seen;
	struct owner *before = owner_switch(NULL);
	look(oracle, bytes, length);
	owner_switch(before);
}

/* --- requests ---------------------------------------------------------------------------- */

static int64_t server_of_path(const char *path)
{
	static const char prefix[] = "/v1/servers/";
	if (strncmp(path, prefix, sizeof(prefix) - 1) != 0 || strchr(path + sizeof(prefix) - 1, '/'))
		return 0;
	return strtoll(path + sizeof(prefix) - 1, NULL, 10);
}

static void check_delete(struct oracle *oracle, const struct server_view *server)
{
	const struct known *known = find_known(oracle, server->instance);
	if (strcmp(server->managed_by, "ccc") != 0 || strcmp(server->fleet, oracle->fleet) != 0 || !known ||
	    strcmp(server->nonce, known->nonce) != 0 || strcmp(server->name, known->name) != 0) {
		oracle_violated(oracle, "P2", "server %lld ('%s') is not ours and was to be deleted",
				(long long)server->id, server->name);
		return;
	}
	if (known->released || known->failed)
		return;
	int64_t left_ms = known->promised_until_ms - oracle->world->now_ms;
	if (!known->promised_until_ms)
		oracle_violated(oracle, "P4", "%s was never handed over and is deleted although nothing failed",
				known->id);
	else if (left_ms > ROUNDING_MS)
		oracle_violated(oracle, "P4", "%s is deleted with %lld s of paid time left", known->id,
				(long long)(left_ms / 1000));
}

void oracle_sees_request(struct oracle *oracle, const char *method, const char *path, const char *bearer)
{
	struct server_view server;
	if (!oracle || strcmp(method, "GET") == 0)
		return;
	int64_t id = server_of_path(path);
	if (!id || !cloud_find(oracle->world, id, &server) || !bearer ||
	    strcmp(bearer, sim_token(oracle->world->sim, server.project)) != 0)
		return; /* it will answer 404 or 401 */
	oracle_looks(oracle);
	if (strcmp(method, "DELETE") == 0)
		check_delete(oracle, &server);
	else if (strcmp(server.managed_by, "ccc") != 0 || strcmp(server.fleet, oracle->fleet) != 0)
		oracle_violated(oracle, "P2", "server %lld ('%s') is not ours and was to be changed",
				(long long)server.id, server.name);
}

static bool is_ours(const struct oracle *oracle, const struct server_view *server)
{
	const struct known *known = find_known(oracle, server->instance);
	return server->project == 0 && known && strcmp(known->nonce, server->nonce) == 0 &&
	       strcmp(known->name, server->name) == 0;
}

static void check_recorded(void *data, const struct server_view *server)
{
	struct oracle *oracle = data;
	const struct known *known = find_known(oracle, server->instance);
	if (is_ours(oracle, server))
		evidence_sees_server(oracle->evidence, server);
	if (server->project != 0 || strcmp(server->fleet, oracle->fleet) != 0 || strcmp(server->managed_by, "ccc") != 0)
		return;
	for (struct stranger *stranger = oracle->strangers; stranger; stranger = stranger->next)
		if (stranger->id == server->id)
			return;
	if (!known || !known->recorded)
		oracle_violated(oracle, "P1", "server %lld ('%s') costs money and no record knows it",
				(long long)server->id, server->name);
}

void oracle_sees_effect(struct oracle *oracle)
{
	if (!oracle)
		return;
	oracle_looks(oracle);
	cloud_each_server(oracle->world, check_recorded, oracle);
}

void oracle_sees_answer(struct oracle *oracle, const char *method, const char *path, int status)
{
	if (status == 201 && strcmp(method, "POST") == 0 && strcmp(path, "/v1/servers") == 0)
		oracle_sees_effect(oracle);
}

void oracle_sees_start(struct oracle *oracle, const struct child_order *order)
{
	if (!oracle)
		return;
	const char *token = sim_token(oracle->world->sim, 0);
	for (size_t i = 0; order->argv[i]; i++)
		if (strstr(order->argv[i], token))
			oracle_violated(oracle, "P5", "the token is in the words of '%s'", order->argv[0]);
	for (size_t i = 0; order->environment[i]; i++)
		if (strstr(order->environment[i], token))
			oracle_violated(oracle, "P5", "the token is in the environment of '%s'", order->argv[0]);
}

/* --- what people did ------------------------------------------------------------------------ */

void oracle_excuses(struct oracle *oracle, const char *instance)
{
	struct known *known = find_known(oracle, instance);
	if (known)
		known->excused = true;
	evidence_excuses(oracle->evidence, instance);
}

bool oracle_has_record(const struct oracle *oracle, const char *instance)
{
	const struct known *known = find_known(oracle, instance);
	return known && known->recorded;
}

void oracle_sees_power_cut(struct oracle *oracle)
{
	oracle->fell_back = true;
	oracle_looks(oracle);
}

void oracle_hears_success(struct oracle *oracle, const char *instance)
{
	oracle_looks(oracle);
	struct known *known = find_known(oracle, instance);
	if (known)
		known->acknowledged_seconds = known->paid_seconds;
}

void oracle_expects_payment(struct oracle *oracle, const char *instance, const char *reference)
{
	const char *bytes;
	size_t length;
	if (disk_peek(oracle->world->disk, STATE_DIRECTORY "/history.jsonl", &bytes, &length) != 0 ||
	    !memmem(bytes, length, reference, strlen(reference)))
		oracle_violated(oracle, "P4", "payment %s for %s was accepted and is recorded nowhere", reference,
				instance);
}

static void describe(const struct server_view *server, struct stranger *ret)
{
	text_copy(ret->name, sizeof(ret->name), server->name);
	snprintf(ret->labels, sizeof(ret->labels), "%s %s %s %s", server->managed_by, server->fleet, server->instance,
		 server->nonce);
}

static void remember(void *data, const struct server_view *server)
{
	struct oracle *oracle = data;
	if (is_ours(oracle, server))
		return;
	for (struct stranger *stranger = oracle->strangers; stranger; stranger = stranger->next)
		if (stranger->id == server->id)
			return;
	struct stranger *stranger = owner_world_calloc(1, sizeof(*stranger));
	stranger->id = server->id;
	describe(server, stranger);
	stranger->next = oracle->strangers;
	oracle->strangers = stranger;
}

void oracle_remembers_strangers(struct oracle *oracle)
{
	oracle_looks(oracle);
	cloud_each_server(oracle->world, remember, oracle);
}

/* --- the end --------------------------------------------------------------------------------- */

static void check_gone(void *data, const struct server_view *server)
{
	struct oracle *oracle = data;
	const struct known *known = find_known(oracle, server->instance);
	if (is_ours(oracle, server) && !known->excused)
		oracle_violated(oracle, "P1", "everybody's time is over and the server of %s is still there%s",
				known->id, known->recorded ? "" : ", known to no record");
}

void oracle_notes_what_is_due(struct oracle *oracle)
{
	oracle->seen = 0; /* the same state may mean something else by now */
	oracle_looks(oracle);
	for (struct known *known = oracle->known; known; known = known->next)
		known->due = known->recorded && known->over && !known->deleting && !known->tried && !known->excused;
}

void oracle_judges_the_sweep(struct oracle *oracle)
{
	oracle_looks(oracle);
	for (struct known *known = oracle->known; known; known = known->next)
		if (known->due && known->recorded && known->over && !known->tried)
			oracle_violated(oracle, "P8",
					"a sweep left %s, whose time was over and with which nothing was wrong",
					known->id);
}

static void check_name(void *data, const char *name)
{
	struct oracle *oracle = data;
	size_t length = strlen(name);
	if (length > 4 && strcmp(name + length - 4, ".tmp") == 0)
		oracle_violated(oracle, "P7", "the temporary file '%s' is left", name);
}

static void check_lock(void *data, const char *name)
{
	struct oracle *oracle = data;
	char path[64];
	snprintf(path, sizeof(path), STATE_DIRECTORY "/locks/%s", name);
	if (disk_is_locked(oracle->world->disk, path))
		oracle_violated(oracle, "P7", "the lease of '%s' is still held", name);
}

void oracle_judges_the_end(struct oracle *oracle)
{
	struct server_view server;
	oracle_looks(oracle);
	cloud_each_server(oracle->world, check_gone, oracle);
	for (struct known *known = oracle->known; known; known = known->next)
		if (known->recorded && !known->excused)
			oracle_violated(oracle, "P8", "everybody's time is over and the record of %s is still there",
					known->id);
	for (struct stranger *stranger = oracle->strangers; stranger; stranger = stranger->next) {
		struct stranger now = { 0 };
		if (!cloud_find(oracle->world, stranger->id, &server)) {
			oracle_violated(oracle, "P2", "a stranger's server ('%s') is gone", stranger->name);
			continue;
		}
		describe(&server, &now);
		if (strcmp(now.name, stranger->name) != 0 || strcmp(now.labels, stranger->labels) != 0)
			oracle_violated(oracle, "P2", "a stranger's server ('%s') was changed", stranger->name);
	}
	disk_list(oracle->world->disk, STATE_DIRECTORY, check_name, oracle);
	disk_list(oracle->world->disk, STATE_DIRECTORY "/locks", check_lock, oracle);
	evidence_is_judged(oracle->evidence);
}

int64_t oracle_last_promise(const struct oracle *oracle)
{
	int64_t last = 0;
	for (const struct known *known = oracle->known; known; known = known->next)
		if (known->recorded && known->promised_until_ms > last)
			last = known->promised_until_ms;
	return last;
}

void oracle_counts(const struct oracle *oracle, uint64_t *ret_instances, uint64_t *ret_seconds)
{
	*ret_instances = oracle->instances;
	*ret_seconds = oracle->seconds;
}
