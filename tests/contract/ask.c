/*
 * Asks one question of cloud.h through the driver that is named, and prints what came back in a form that is the same
 * for every driver: ask DRIVER QUESTION [ARGUMENT...]. tests/cli/drivers.bats compares what the drivers say.
 *
 *   found | absent           of a look-up          done                    of a change
 *   listed N                 of a list             error CODE              nothing was done, or nothing was learnt
 *                                                  maybe CODE              it may have been done
 *
 * Below it a line for each thing that came with it; and what became of the actions.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "cloud/hcloud/hcloud.h"
#include "cloud/hetzner/hetzner.h"
#include "programs/environment.h"

extern char **environ;

#define FLEET  "f1"
#define OTHER  "-" /* as an argument: every fleet's */
#define COPIES 3

enum shape { LOOK_UP, LIST, CHANGE };

struct asking {
	struct loop *loop;
	struct cloud *cloud;
	char **arguments;
	enum shape shape;
	unsigned pending;
	bool arrived;
	int64_t actions[32];
	size_t action_count;
};

/* --- what came back ------------------------------------------------------------------ */

static void print_labels(const struct cloud_labels *labels)
{
	printf(" %s/%s/%s/%s/%s/%s\n", labels->managed_by, labels->fleet, labels->instance, labels->nonce,
	       labels->expires, labels->role);
}

static void print_servers(const struct cloud_reply *reply)
{
	for (size_t i = 0; i < reply->server_count; i++) {
		const struct cloud_server *server = &reply->servers[i];
		printf("server %lld %s %s %s:%lld %s:%lld %s %s %lld%s", (long long)server->id, server->name,
		       server->status, server->ipv4, (long long)server->ipv4_id, server->ipv6,
		       (long long)server->ipv6_id, server->type, server->location, (long long)server->created,
		       server->delete_protected ? " protected" : "");
		for (size_t at = 0; at < server->attachment_count; at++)
			printf(" %s%lld", server->attachments[at].pending ? "pending:" : "firewall:",
			       (long long)server->attachments[at].firewall);
		print_labels(&server->labels);
	}
}

static void print_others(const struct cloud_reply *reply)
{
	for (size_t i = 0; i < reply->firewall_count; i++) {
		const struct cloud_firewall *firewall = &reply->firewalls[i];
		printf("firewall %lld %s changes:%s", (long long)firewall->id, firewall->name, firewall->changes);
		print_labels(&firewall->labels);
	}
	for (size_t i = 0; i < reply->ssh_key_count; i++) {
		printf("key %lld %s %s", (long long)reply->ssh_keys[i].id, reply->ssh_keys[i].name,
		       reply->ssh_keys[i].fingerprint);
		print_labels(&reply->ssh_keys[i].labels);
	}
	for (size_t i = 0; i < reply->primary_ip_count; i++)
		printf("address %lld %s %s %s %lld\n", (long long)reply->primary_ips[i].id, reply->primary_ips[i].ip,
		       reply->primary_ips[i].type, reply->primary_ips[i].location,
		       (long long)reply->primary_ips[i].assignee);
	for (size_t i = 0; i < reply->snapshot_count; i++)
		printf("snapshot %lld %s %lld\n", (long long)reply->snapshots[i].id, reply->snapshots[i].description,
		       (long long)reply->snapshots[i].size_mb);
}

static void print_money(const struct cloud_reply *reply)
{
	for (size_t i = 0; i < reply->offer_count; i++) {
		const struct cloud_offer *offer = &reply->offers[i];
		printf("offer %s %s %s %d %g %d %d %d %s %s\n", offer->type, offer->location, offer->architecture,
		       offer->cores, offer->memory_gb, offer->disk_gb, offer->available, offer->orderable,
		       offer->price.hourly, offer->price.monthly);
	}
	for (size_t i = 0; i < reply->price_count; i++)
		printf("price %s %s %s %s\n", reply->prices[i].item, reply->prices[i].location,
		       reply->prices[i].monthly, reply->currency);
	if (reply->created_id)
		printf("made %lld\n", (long long)reply->created_id);
}

static size_t length_of(const struct cloud_reply *reply)
{
	return reply->server_count + reply->firewall_count + reply->ssh_key_count + reply->primary_ip_count +
	       reply->snapshot_count + reply->offer_count + reply->price_count;
}

static void print_verdict(const struct asking *asking, const struct cloud_reply *reply)
{
	if (reply->error) {
		printf("%s %s\n", reply->maybe_done && asking->shape == CHANGE ? "maybe" : "error",
		       *reply->error->code ? reply->error->code : "-");
		fprintf(stderr, "%s\n", reply->error->message);
		if (reply->presence != PRESENCE_UNKNOWN)
			printf("presence beside an error\n");
	} else if (asking->shape == LIST) {
		printf("listed %zu\n", length_of(reply));
	} else if (reply->presence == PRESENCE_ABSENT) {
		printf("absent\n");
	} else if (reply->presence == PRESENCE_PRESENT) {
		printf("%s\n", asking->shape == LOOK_UP ? "found" : "done");
	} else {
		printf("unknown\n");
	}
}

static void on_actions(void *data, const struct cloud_reply *reply)
{
	struct asking *asking = data;
	if (reply->error) {
		printf("actions: %s\n", *reply->error->code ? reply->error->code : "-");
		fprintf(stderr, "%s\n", reply->error->message);
	} else {
		printf("actions: success\n");
	}
	asking->arrived = true;
}

static void on_reply(void *data, const struct cloud_reply *reply)
{
	struct asking *asking = data;
	print_verdict(asking, reply);
	print_servers(reply);
	print_others(reply);
	print_money(reply);
	if (asking->shape == CHANGE && !reply->error && reply->presence == PRESENCE_PRESENT && !reply->created_id) {
		asking->action_count = reply->action_count;
		for (size_t i = 0; i < reply->action_count && i < ARRAY_LENGTH(asking->actions); i++)
			asking->actions[i] = reply->actions[i];
		cloud_wait_actions(asking->cloud, asking->actions, asking->action_count, on_actions, asking);
	} else if (asking->pending == 0 || --asking->pending == 0) {
		asking->arrived = true;
	}
}

/* --- the questions --------------------------------------------------------------------- */

static int64_t number(const struct asking *asking, size_t index)
{
	return strtoll(asking->arguments[index], NULL, 10);
}

static const char *fleet(const struct asking *asking)
{
	return strcmp(asking->arguments[0], OTHER) == 0 ? NULL : asking->arguments[0];
}

static void create(struct asking *asking) /* NAME TYPE LOCATION IMAGE FIREWALL KEY */
{
	const int64_t key = number(asking, 5);
	struct cloud_order order = { .name = asking->arguments[0],
				     .type = asking->arguments[1],
				     .location = asking->arguments[2],
				     .image = asking->arguments[3],
				     .firewall = number(asking, 4),
				     .ssh_keys = &key,
				     .ssh_key_count = 1,
				     .user_data = "#cloud-config\n{\"a\": \"b c\\n'\"}\n",
				     .labels = { "ccc", FLEET, "abc123", "n-1", "1769076000", "" } };
	cloud_create_server(asking->cloud, &order, on_reply, asking);
}

static void get(struct asking *asking)
{
	cloud_get_server(asking->cloud, number(asking, 0), on_reply, asking);
}

static void get_many(struct asking *asking) /* COUNT, of as many servers */
{
	asking->pending = (unsigned)number(asking, 0);
	for (int64_t id = 1; id <= number(asking, 0); id++)
		cloud_get_server(asking->cloud, id, on_reply, asking);
}

static void find(struct asking *asking)
{
	cloud_find_server(asking->cloud, asking->arguments[0], on_reply, asking);
}

static void list(struct asking *asking)
{
	cloud_list_servers(asking->cloud, fleet(asking), on_reply, asking);
}

static void list_at_once(struct asking *asking)
{
	asking->pending = COPIES;
	for (int i = 0; i < COPIES; i++)
		list(asking);
}

static void delete(struct asking *asking)
{
	cloud_delete_server(asking->cloud, number(asking, 0), on_reply, asking);
}

static void rebuild(struct asking *asking) /* ID IMAGE */
{
	cloud_rebuild_server(asking->cloud, number(asking, 0), asking->arguments[1], on_reply, asking);
}

static void label(struct asking *asking) /* ID EXPIRES */
{
	struct cloud_labels labels = { "ccc", FLEET, "abc123", "n-1", "", "" };
	text_copy(labels.expires, sizeof(labels.expires), asking->arguments[1]);
	cloud_label_server(asking->cloud, number(asking, 0), &labels, on_reply, asking);
}

static void get_firewall(struct asking *asking)
{
	cloud_get_firewall(asking->cloud, number(asking, 0), on_reply, asking);
}

static void list_firewalls(struct asking *asking)
{
	cloud_list_firewalls(asking->cloud, fleet(asking), on_reply, asking);
}

static void create_firewall(struct asking *asking)
{
	cloud_create_firewall(asking->cloud, asking->arguments[0], FLEET, on_reply, asking);
}

static void create_isolation(struct asking *asking)
{
	cloud_create_isolation(asking->cloud, asking->arguments[0], FLEET, on_reply, asking);
}

static void set_rules(struct asking *asking) /* FIREWALL ROLE */
{
	cloud_set_rules(asking->cloud, number(asking, 0), asking->arguments[1], on_reply, asking);
}

static void apply(struct asking *asking) /* FIREWALL SERVER */
{
	cloud_apply_firewall(asking->cloud, number(asking, 0), number(asking, 1), on_reply, asking);
}

static void take_off(struct asking *asking) /* FIREWALL SERVER */
{
	cloud_remove_firewall(asking->cloud, number(asking, 0), number(asking, 1), on_reply, asking);
}

static void find_key(struct asking *asking)
{
	cloud_find_ssh_key(asking->cloud, asking->arguments[0], on_reply, asking);
}

static void create_key(struct asking *asking) /* NAME PUBLIC-KEY */
{
	cloud_create_ssh_key(asking->cloud, asking->arguments[0], FLEET, asking->arguments[1], on_reply, asking);
}

static void list_keys(struct asking *asking)
{
	cloud_list_ssh_keys(asking->cloud, on_reply, asking);
}

static void list_addresses(struct asking *asking)
{
	cloud_list_primary_ips(asking->cloud, on_reply, asking);
}

static void list_snapshots(struct asking *asking)
{
	cloud_list_snapshots(asking->cloud, on_reply, asking);
}

static void list_offers(struct asking *asking)
{
	cloud_list_offers(asking->cloud, on_reply, asking);
}

static void list_prices(struct asking *asking)
{
	cloud_list_prices(asking->cloud, on_reply, asking);
}

static const struct question {
	const char *name;
	enum shape shape;
	int arguments;
	void (*ask)(struct asking *asking);
} questions[] = {
	{ "create", CHANGE, 6, create },
	{ "get", LOOK_UP, 1, get },
	{ "get-many", LOOK_UP, 1, get_many },
	{ "find", LOOK_UP, 1, find },
	{ "list", LIST, 1, list },
	{ "list-at-once", LIST, 1, list_at_once },
	{ "delete", CHANGE, 1, delete },
	{ "rebuild", CHANGE, 2, rebuild },
	{ "label", CHANGE, 2, label },
	{ "get-firewall", LOOK_UP, 1, get_firewall },
	{ "list-firewalls", LIST, 1, list_firewalls },
	{ "create-firewall", CHANGE, 1, create_firewall },
	{ "create-isolation", CHANGE, 1, create_isolation },
	{ "set-rules", CHANGE, 2, set_rules },
	{ "apply", CHANGE, 2, apply },
	{ "remove", CHANGE, 2, take_off },
	{ "find-key", LOOK_UP, 1, find_key },
	{ "create-key", CHANGE, 2, create_key },
	{ "list-keys", LIST, 0, list_keys },
	{ "list-addresses", LIST, 0, list_addresses },
	{ "list-snapshots", LIST, 0, list_snapshots },
	{ "list-offers", LIST, 0, list_offers },
	{ "list-prices", LIST, 0, list_prices },
};

/* --- the driver --------------------------------------------------------------------------- */

static const char *from_environment(const char *name, const char *otherwise)
{
	const char *value = getenv(name);
	return value && *value ? value : otherwise;
}

static int open_driver(struct loop *loop, const char *name, struct cloud **ret, struct error *err)
{
	AUTO_ARGUMENTS struct arguments environment = ARGUMENTS_INIT;
	const char *endpoint = from_environment("HCLOUD_ENDPOINT", "http://127.0.0.1:1/v1");
	int64_t timeout_ms = strtoll(from_environment("ASK_TIMEOUT_MS", "10000"), NULL, 10);
	if (strcmp(name, "hetzner") == 0) {
		if (hetzner_new(loop, endpoint, from_environment("HCLOUD_TOKEN", "none"), ret, err) < 0)
			return -1;
		hetzner_set_timeout(*ret, timeout_ms);
		return 0;
	}
	environment_for_hcloud(environ, &environment);
	struct hcloud_program program = { .guard = from_environment("ASK_GUARD", "/nonexistent"),
					  .path = from_environment("PATH", "/usr/bin"),
					  .environment = arguments_list(&environment),
					  .endpoint = endpoint,
					  .timeout_ms = timeout_ms };
	return hcloud_new(loop, &program, ret, err);
}

static void print_meters(const struct cloud *cloud)
{
	int64_t offset, remaining, limit;
	if (!cloud_clock_offset(cloud, &offset))
		printf("clock: unknown\n");
	else
		printf("clock: %s\n", llabs(offset) <= 2 ? "agrees" : "differs");
	if (cloud_rate_limit(cloud, &remaining, &limit))
		printf("rate: %s of %lld\n", remaining < limit ? "less" : "all", (long long)limit);
	else
		printf("rate: unknown\n");
}

static void leave(void *data)
{
	*(bool *)data = true;
}

int main(int argc, char **argv)
{
	struct error error = ERROR_INIT;
	struct system *system = system_new();
	struct asking asking = { .loop = loop_new(system) };
	const struct question *question = questions;
	while (argc > 2 && question < questions + ARRAY_LENGTH(questions) && strcmp(question->name, argv[2]) != 0)
		question++;
	if (argc < 3 || question == questions + ARRAY_LENGTH(questions) || argc != 3 + question->arguments) {
		fprintf(stderr, "ask DRIVER QUESTION [ARGUMENT...]\n");
		return 2;
	}
	asking.arguments = argv + 3;
	asking.shape = question->shape;
	if (open_driver(asking.loop, argv[1], &asking.cloud, &error) == 0) {
		question->ask(&asking);
		if (getenv("ASK_LEAVE_MS")) /* and frees the driver, whatever is under way */
			loop_after(asking.loop, strtoll(getenv("ASK_LEAVE_MS"), NULL, 10), leave, &asking.arrived);
		(void)loop_until(asking.loop, &asking.arrived, &error);
		if (getenv("ASK_METERS"))
			print_meters(asking.cloud);
		cloud_free(asking.cloud);
	}
	if (error.kind != ERROR_NONE)
		fprintf(stderr, "%s\n", error.message);
	loop_free(asking.loop);
	system_free(system);
	return error.kind == ERROR_NONE ? 0 : 1;
}
