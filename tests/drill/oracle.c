/* What is asked for, what takes effect, and what people did. */
#include "oracle_inside.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "oracle_loss.h"
#include "owner.h"
#include "process.h"
#include "story.h"
#include "system/child.h"

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
	oracle_forgets_payments(oracle);
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

struct known *oracle_find_known(const struct oracle *oracle, const char *id)
{
	for (struct known *known = oracle->known; known; known = known->next)
		if (strcmp(known->id, id) == 0)
			return known;
	return NULL;
}

bool oracle_is_server_of(const struct known *known, const struct server_view *server)
{
	return server->project == 0 && strcmp(known->nonce, server->nonce) == 0 &&
	       strcmp(known->name, server->name) == 0;
}

bool oracle_is_ours(const struct oracle *oracle, const struct server_view *server)
{
	const struct known *known = oracle_find_known(oracle, server->instance);
	return known && oracle_is_server_of(known, server);
}

/* --- requests ---------------------------------------------------------------------------- */

static bool has_our_labels(const struct oracle *oracle, const struct server_view *server)
{
	return strcmp(server->managed_by, "ccc") == 0 && strcmp(server->fleet, oracle->fleet) == 0;
}

static void check_delete(struct oracle *oracle, const struct server_view *server)
{
	const struct known *known = oracle_find_known(oracle, server->instance);
	if (!has_our_labels(oracle, server) || !known || !oracle_is_server_of(known, server)) {
		oracle_violated(oracle, "P2", "server %lld ('%s') is not ours and was to be deleted",
				(long long)server->id, server->name);
		return;
	}
	if (!oracle_loss_allows_delete(oracle, known) || known->released || known->failed)
		return;
	int64_t left_ms = known->promised_until_ms - oracle->world->now_ms;
	if (!known->promised_until_ms)
		oracle_violated(oracle, "P4", "%s was never handed over and is deleted although nothing failed",
				known->id);
	else if (left_ms > ROUNDING_MS)
		oracle_violated(oracle, "P4", "%s is deleted with %lld s of paid time left", known->id,
				(long long)(left_ms / 1000));
}

/* Whatever is on its disk is gone then. */
static bool is_rebuild(const char *method, const char *path)
{
	static const char end[] = "/actions/rebuild";
	size_t length = strlen(path);
	return strcmp(method, "POST") == 0 && length >= strlen(end) && strcmp(path + length - strlen(end), end) == 0;
}

static struct known *known_of_server(struct oracle *oracle, const char *path)
{
	enum thing_kind kind;
	int64_t id;
	struct server_view server;
	if (!cloud_thing_of_path(path, &kind, &id) || kind != THING_IS_SERVER ||
	    !cloud_find(oracle->world, id, &server))
		return NULL;
	return oracle_find_known(oracle, server.instance);
}

static void check_rebuild(struct oracle *oracle, const char *path)
{
	const struct known *known = known_of_server(oracle, path);
	if (known && known->promised_until_ms)
		oracle_violated(oracle, "P4", "%s was handed over and is rebuilt", known->id);
}

void oracle_sees_late(struct oracle *oracle, const char *method, const char *path)
{
	oracle_looks(oracle);
	if (is_rebuild(method, path))
		check_rebuild(oracle, path);
}

void oracle_sees_request(struct oracle *oracle, const char *method, const char *path, const char *bearer,
			 const char *body)
{
	enum thing_kind kind;
	int64_t id;
	struct thing thing;
	struct server_view server;
	if (!oracle || strcmp(method, "GET") == 0)
		return;
	if (!cloud_thing_of_path(path, &kind, &id) || !cloud_find_thing(oracle->world, kind, id, &thing) || !bearer ||
	    strcmp(bearer, sim_token(oracle->world->sim, thing.project)) != 0)
		return; /* it makes something new, or will answer 404 or 401 */
	oracle_looks(oracle);
	if (is_rebuild(method, path))
		check_rebuild(oracle, path);
	if (kind == THING_IS_SERVER && strcmp(method, "DELETE") == 0 && cloud_find(oracle->world, id, &server))
		check_delete(oracle, &server);
	else
		oracle_checks_change(oracle, &thing, body);
}

static void check_recorded(void *data, const struct server_view *server)
{
	struct oracle *oracle = data;
	const struct known *known = oracle_find_known(oracle, server->instance);
	if (oracle_knows_stranger(oracle, THING_IS_SERVER, server->id) || (known && oracle_loss_excuses(known)))
		return;
	/* before what its user data holds, as nothing explains the keys there when there is no record */
	if (server->project == 0 && has_our_labels(oracle, server) && (!known || !known->recorded))
		oracle_violated(oracle, "P1", "server %lld ('%s') costs money and no record knows it",
				(long long)server->id, server->name);
	if (oracle_is_ours(oracle, server) && !known->adopted && !oracle->old)
		evidence_sees_server(oracle->evidence, server);
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
	struct known *known =
		oracle && status == 201 && is_rebuild(method, path) ? known_of_server(oracle, path) : NULL;
	if (known && ++known->rebuilds > 1)
		oracle_violated(oracle, "P4", "%s is rebuilt a second time", known->id);
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

/* An older label may then replace a newer one, and nobody can know. */
void oracle_sees_held_back(struct oracle *oracle, const char *method, const char *path)
{
	enum thing_kind kind;
	int64_t id;
	if (strcmp(method, "PUT") != 0 || !cloud_thing_of_path(path, &kind, &id))
		return;
	for (struct known *known = oracle->known; known; known = known->next)
		known->label_is_off = known->label_is_off || known->server_id == id;
}

/* --- what people did ------------------------------------------------------------------------ */

void oracle_excuses(struct oracle *oracle, const char *instance)
{
	struct known *known = oracle_find_known(oracle, instance);
	if (known) {
		known->excused = true;
		known->touched_ms = oracle->world->now_ms;
	}
	evidence_excuses(oracle->evidence, instance);
}

bool oracle_has_record(const struct oracle *oracle, const char *instance)
{
	const struct known *known = oracle_find_known(oracle, instance);
	return known && known->recorded;
}

size_t oracle_claims(struct oracle *oracle)
{
	size_t count = 0;
	oracle_looks(oracle);
	for (const struct known *known = oracle->known; known; known = known->next)
		count += known->recorded && known->server_id && !known->deleting;
	return count;
}

void oracle_sees_power_cut(struct oracle *oracle)
{
	oracle->fell_back = true;
	oracle_looks(oracle);
}

void oracle_hears_success(struct oracle *oracle, const char *instance)
{
	oracle_looks(oracle);
	struct known *known = oracle_find_known(oracle, instance);
	if (known)
		known->acknowledged_seconds = known->paid_seconds;
}

void oracle_expects_payment(struct oracle *oracle, const char *instance, const char *reference)
{
	const char *bytes;
	size_t length;
	if (disk_peek(oracle->world->disk, HISTORY_PATH, &bytes, &length) != 0 ||
	    !memmem(bytes, length, reference, strlen(reference)))
		oracle_violated(oracle, "P4", "payment %s for %s was accepted and is recorded nowhere", reference,
				instance);
}
