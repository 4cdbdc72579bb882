#include "cloud/hcloud/hcloud.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "cloud/hcloud/call.h"
#include "cloud/hetzner/decode.h"
#include "cloud/hetzner/pages.h"
#include "net/url.h"
#include "system/clock.h"

struct hcloud *hcloud_of(struct cloud *cloud)
{
	return (struct hcloud *)cloud;
}

struct asker *asker_new(cloud_done_fn *done, void *data)
{
	struct asker *asker = memory_new(sizeof(*asker));
	*asker = (struct asker){ .done = done, .data = data };
	return asker;
}

void asker_answer_error(const struct asker *asker, const struct error *error, bool maybe_done)
{
	struct cloud_reply reply = { .error = error, .maybe_done = maybe_done };
	asker->done(asker->data, &reply);
}

void asker_answer(const struct asker *asker, const struct error *error, const struct cloud_reply *reply)
{
	if (error->kind != ERROR_NONE)
		asker_answer_error(asker, error, false);
	else
		asker->done(asker->data, reply);
}

void hcloud_describe(struct hcloud *hcloud, const char *thing, int64_t id, call_done_fn *done, call_drop_fn *drop,
		     void *data)
{
	char arguments[80];
	snprintf(arguments, sizeof(arguments), "%s describe -o json %lld", thing, (long long)id);
	struct call_order order = {
		.kind = CALL_READ, .method = "GET", .arguments = arguments, .done = done, .drop = drop, .data = data
	};
	snprintf(order.path, sizeof(order.path), "/%ss/%lld", thing, (long long)id);
	hcloud_call(hcloud, &order);
}

void hcloud_list(struct cloud *cloud, const char *path, const char *command, const char *fleet, call_done_fn *read,
		 struct asker *asker)
{
	AUTO_TEXT struct text arguments = TEXT_INIT(CLOUD_LABEL_SIZE + 128);
	text_addf(&arguments, "%s -o noheader -o columns=id", command);
	if (fleet)
		text_addf(&arguments, " -l managed-by=ccc,ccc-fleet=%s", fleet);
	struct call_order order = {
		.kind = CALL_READ, .method = "GET", .arguments = text_string(&arguments), .done = read, .data = asker
	};
	text_copy(order.path, sizeof(order.path), path);
	hcloud_call(hcloud_of(cloud), &order);
}

void asker_answer_created(struct asker *asker, const struct call_reply *reply, const char *name)
{
	struct error error = ERROR_INIT;
	struct cloud_reply answer = { .presence = PRESENCE_PRESENT };
	if (reply->error)
		asker_answer_error(asker, reply->error, reply->maybe_done);
	else if (decode_id(json_object_get(reply->document, name), "id", &answer.created_id, &error) < 0)
		asker_answer_error(asker, &error, true);
	else
		asker->done(asker->data, &answer);
	free(asker);
}

int reply_items(const struct call_reply *reply, const char *name, json_t **ret, struct error *err)
{
	struct pages pages;
	int result = 0;
	if (reply->error) {
		*err = *reply->error;
		return -1;
	}
	pages_init(&pages, name);
	for (size_t i = 0; i < reply->transcript->count && result == 0; i++) {
		const struct exchange *exchange = &reply->transcript->exchanges[i];
		if (!is_about(reply->order, exchange) || exchange->status < 200 || exchange->status > 299)
			continue; /* of something else, or the program asked once more */
		if (pages.page)
			result = pages_take(&pages, exchange->document, err);
		else
			result = error_set(err, ERROR_REMOTE, 0, "the list of %s goes on after its end", name);
	}
	if (result == 0 && pages.page)
		result = error_set(err, ERROR_REMOTE, 0, "the program hcloud read a part of the list of %s only", name);
	if (result == 0)
		*ret = json_incref(pages.items);
	pages_release(&pages);
	return result;
}

static bool clock_offset(const struct cloud *cloud, int64_t *ret_seconds)
{
	const struct hcloud *hcloud = (const struct hcloud *)cloud;
	struct system *system = loop_system(hcloud->loop);
	if (hcloud->date < 0)
		return false;
	*ret_seconds = clock_now(system) - hcloud->date - (clock_monotonic_ms(system) - hcloud->date_at_ms) / 1000;
	return true;
}

static bool rate_limit(const struct cloud *cloud, int64_t *ret_remaining, int64_t *ret_limit)
{
	const struct hcloud *hcloud = (const struct hcloud *)cloud;
	if (hcloud->rate_limit <= 0 || hcloud->rate_remaining < 0)
		return false;
	*ret_remaining = hcloud->rate_remaining;
	*ret_limit = hcloud->rate_limit;
	return true;
}

static void free_hcloud(struct cloud *cloud)
{
	struct hcloud *hcloud = hcloud_of(cloud);
	calls_drop(hcloud);
	actions_drop_waits(hcloud);
	arguments_release(&hcloud->environment);
	free(hcloud->guard);
	free(hcloud->path);
	free(hcloud);
}

static const struct cloud_driver driver = {
	.create_server = servers_create,
	.get_server = servers_get,
	.find_server = servers_find,
	.list_servers = servers_list,
	.delete_server = servers_delete,
	.label_server = servers_label,
	.wait_actions = actions_wait_for,
	.get_firewall = firewalls_get,
	.list_firewalls = firewalls_list,
	.create_firewall = firewalls_create,
	.set_rules = firewalls_set_rules,
	.find_ssh_key = keys_find,
	.create_ssh_key = keys_create,
	.list_offers = project_offers,
	.clock_offset = clock_offset,
	.free = free_hcloud,
	.create_isolation = firewalls_create_isolation,
	.apply_firewall = firewalls_apply,
	.remove_firewall = firewalls_remove,
	.list_ssh_keys = keys_list,
	.list_primary_ips = project_primary_ips,
	.list_snapshots = project_snapshots,
	.list_prices = project_prices,
	.rate_limit = rate_limit,
	.rebuild_server = servers_rebuild,
};

int hcloud_new(struct loop *loop, const struct hcloud_program *program, struct cloud **ret, struct error *err)
{
	struct url_facts facts;
	if (url_examine_for_token(program->endpoint, &facts, err) < 0)
		return error_wrap(err, "HCLOUD_ENDPOINT");
	struct hcloud *hcloud = memory_new(sizeof(*hcloud));
	hcloud->cloud.driver = &driver;
	hcloud->loop = loop;
	hcloud->guard = memory_copy_string(program->guard);
	hcloud->path = memory_copy_string(program->path);
	for (size_t i = 0; program->environment[i]; i++)
		arguments_add(&hcloud->environment, program->environment[i]);
	arguments_addf(&hcloud->environment, "HCLOUD_ENDPOINT=%s", program->endpoint);
	/* on the stream that is kept, whichever stream this version would take by itself */
	arguments_add(&hcloud->environment, "HCLOUD_DEBUG=1");
	arguments_add(&hcloud->environment, "HCLOUD_DEBUG_FILE=/dev/stdout");
	hcloud->timeout_ms = program->timeout_ms;
	hcloud->date = hcloud->rate_limit = hcloud->rate_remaining = -1;
	*ret = &hcloud->cloud;
	return 0;
}
