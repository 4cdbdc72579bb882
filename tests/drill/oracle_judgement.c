/* What must be so in the end. */
#include "oracle_inside.h"

#include <stdio.h>
#include <string.h>

static void check_gone(void *data, const struct server_view *server)
{
	struct oracle *oracle = data;
	const struct known *known = oracle_find_known(oracle, server->instance);
	if (oracle_is_ours(oracle, server) && !known->excused)
		oracle_violated(oracle, "P1", "everybody's time is over and the server of %s is still there%s",
				known->id, known->recorded ? "" : ", known to no record");
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
	oracle_looks(oracle);
	cloud_each_server(oracle->world, check_gone, oracle);
	for (struct known *known = oracle->known; known; known = known->next)
		if (known->recorded && !known->excused)
			oracle_violated(oracle, "P8", "everybody's time is over and the record of %s is still there",
					known->id);
	oracle_judges_others(oracle);
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
