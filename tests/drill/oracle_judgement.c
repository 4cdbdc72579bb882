/* What must be so after a sweep, and in the end. */
#include "oracle_inside.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "owner.h"

static void describe(const struct server_view *server, struct stranger *ret)
{
	text_copy(ret->name, sizeof(ret->name), server->name);
	snprintf(ret->labels, sizeof(ret->labels), "%s %s %s %s", server->managed_by, server->fleet, server->instance,
		 server->nonce);
}

static void remember(void *data, const struct server_view *server)
{
	struct oracle *oracle = data;
	if (oracle_is_ours(oracle, server) || oracle_knows_stranger(oracle, server))
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

static void check_gone(void *data, const struct server_view *server)
{
	struct oracle *oracle = data;
	const struct known *known = oracle_find_known(oracle, server->instance);
	if (oracle_is_ours(oracle, server) && !known->excused)
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
