#include "lifecycle/inspection.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "fleet/anchor.h"
#include "system/clock.h"

/* Several questions at once; the first error is kept. */
struct look {
	size_t pending;
	struct error error;
	const struct fleet_identity *fleet;
	struct observed *observed;
};

struct question { /* of one server */
	struct look *look;
	size_t index; /* in observed->looks */
};

static int wait_for(struct loop *loop, const struct look *look, struct error *err)
{
	while (look->pending)
		if (loop_turn(loop, err) < 0)
			return -1;
	if (look->error.kind == ERROR_NONE)
		return 0;
	*err = look->error;
	return -1;
}

static bool take_error(struct look *look, const struct cloud_reply *reply)
{
	look->pending--;
	if (reply->error && look->error.kind == ERROR_NONE)
		look->error = *reply->error;
	return reply->error != NULL;
}

static void *copy(const void *items, size_t count, size_t size)
{
	void *copied = memory_grow(NULL, count + 1, size);
	if (count)
		memcpy(copied, items, count * size);
	return copied;
}

static void on_anchor(void *data, const struct cloud_reply *reply)
{
	struct look *look = data;
	struct error ignored = ERROR_INIT;
	if (!take_error(look, reply))
		look->observed->anchor_seen = anchor_check(look->fleet, reply, &ignored) == 0;
}

static void take_lists(struct observed *observed, const struct cloud_reply *reply)
{
	if (reply->servers) {
		observed->servers = copy(reply->servers, reply->server_count, sizeof(*reply->servers));
		observed->server_count = reply->server_count;
	}
	if (reply->firewalls) {
		observed->firewalls = copy(reply->firewalls, reply->firewall_count, sizeof(*reply->firewalls));
		observed->firewall_count = reply->firewall_count;
	}
	if (reply->ssh_keys) {
		observed->ssh_keys = copy(reply->ssh_keys, reply->ssh_key_count, sizeof(*reply->ssh_keys));
		observed->ssh_key_count = reply->ssh_key_count;
	}
	if (reply->primary_ips) {
		observed->primary_ips = copy(reply->primary_ips, reply->primary_ip_count, sizeof(*reply->primary_ips));
		observed->primary_ip_count = reply->primary_ip_count;
	}
	if (reply->snapshots) {
		observed->snapshots = copy(reply->snapshots, reply->snapshot_count, sizeof(*reply->snapshots));
		observed->snapshot_count = reply->snapshot_count;
	}
	if (reply->prices) {
		observed->prices = copy(reply->prices, reply->price_count, sizeof(*reply->prices));
		observed->price_count = reply->price_count;
	}
	if (reply->currency)
		text_copy(observed->currency, sizeof(observed->currency), reply->currency);
}

/* Each reply fills the list that it was asked for. */
static void on_list(void *data, const struct cloud_reply *reply)
{
	struct look *look = data;
	if (!take_error(look, reply))
		take_lists(look->observed, reply);
}

static void on_server(void *data, const struct cloud_reply *reply)
{
	struct question *question = data;
	struct server_look *look = &question->look->observed->looks[question->index];
	if (take_error(question->look, reply))
		return;
	look->presence = reply->presence;
	if (reply->presence == PRESENCE_PRESENT)
		look->server = reply->servers[0];
}

/* P3: what was recorded before the list began and is not in it is asked for by its id. */
static int look_up(struct loop *loop, struct cloud *cloud, const struct snapshot *state, struct look *look,
		   struct error *err)
{
	struct observed *observed = look->observed;
	AUTO_FREE struct question *questions = memory_grow(NULL, state->count + 1, sizeof(*questions));
	observed->looks = memory_grow(NULL, state->count + 1, sizeof(*observed->looks));
	for (size_t i = 0; i < state->count; i++) {
		int64_t id = state->records[i].server_id;
		if (!id || state->records[i].delete_confirmed_at || observed_server(observed, id))
			continue;
		observed->looks[observed->look_count] = (struct server_look){ .id = id };
		questions[observed->look_count] = (struct question){ look, observed->look_count };
		observed->look_count++;
	}
	for (size_t i = 0; i < observed->look_count; i++) {
		look->pending++;
		cloud_get_server(cloud, observed->looks[i].id, on_server, &questions[i]);
	}
	return wait_for(loop, look, err);
}

static int look_at_project(struct loop *loop, struct cloud *cloud, const struct snapshot *state,
			   struct observed *observed, struct error *err)
{
	struct look look = { .error = ERROR_INIT, .fleet = &state->fleet, .observed = observed };
	look.pending = 1;
	cloud_get_firewall(cloud, state->fleet.anchor, on_anchor, &look);
	if (wait_for(loop, &look, err) < 0)
		return -1;
	look.pending = 6;
	cloud_list_servers(cloud, NULL, on_list, &look);
	cloud_list_firewalls(cloud, NULL, on_list, &look);
	cloud_list_ssh_keys(cloud, on_list, &look);
	cloud_list_primary_ips(cloud, on_list, &look);
	cloud_list_snapshots(cloud, on_list, &look);
	cloud_list_prices(cloud, on_list, &look);
	if (wait_for(loop, &look, err) < 0)
		return -1;
	return look_up(loop, cloud, state, &look, err);
}

static int compare(struct system *system, struct inspection *inspection, struct error *err)
{
	const struct fleet_identity *fleet = &inspection->state.fleet;
	struct audit_input input = {
		.fleet = fleet->id,
		.anchor = fleet->anchor,
		.ssh_key = fleet->ssh_key,
		.ssh_key_print = fleet->ssh_key_fingerprint,
		.isolation = fleet->isolation,
		.now = clock_now(system),
		.earlier = inspection->earlier.records,
		.earlier_count = inspection->earlier.count,
		.records = inspection->state.records,
		.record_count = inspection->state.count,
		.commit = inspection->state.commit,
		.past = &inspection->past,
		.observed = &inspection->observed,
	};
	if (!inspection->observed.anchor_seen && !audit_proves_project(&input))
		return error_set(err, ERROR_REMOTE, 0,
				 "neither the firewall of fleet '%s' (id %lld) nor any server of its records is in "
				 "this token's project; use the token of the project in which 'ccc init' ran",
				 fleet->id, (long long)fleet->anchor);
	audit_compare(&input, &inspection->findings, &inspection->foreign);
	return 0;
}

static int look(struct loop *loop, struct store *store, struct cloud *cloud, struct inspection *inspection,
		struct error *err)
{
	struct system *system = loop_system(loop);
	struct observed before = { 0 };
	int result = -1;
	if (store_read(store, &inspection->earlier, err) == 0 &&
	    inspection_list_files(system, store, &before.files, err) == 0 &&
	    look_at_project(loop, cloud, &inspection->earlier, &inspection->observed, err) == 0 &&
	    store_whole_history(store, past_add, &inspection->past, err) == 0 &&
	    store_read(store, &inspection->state, err) == 0 &&
	    inspection_list_files(system, store, &inspection->observed.files, err) == 0) {
		inspection_keep_common(&inspection->observed.files, &before.files);
		result = compare(system, inspection, err);
	}
	observed_release(&before);
	return result;
}

int inspection_make(struct loop *loop, struct store *store, struct cloud *cloud, struct inspection *ret,
		    struct error *err)
{
	struct inspection inspection = { .past = PAST_INIT, .findings = FINDINGS_INIT };
	if (look(loop, store, cloud, &inspection, err) < 0) {
		inspection_release(&inspection);
		return -1;
	}
	*ret = inspection;
	return 0;
}

void inspection_release(struct inspection *inspection)
{
	snapshot_release(&inspection->earlier);
	snapshot_release(&inspection->state);
	past_release(&inspection->past);
	observed_release(&inspection->observed);
	findings_release(&inspection->findings);
}
