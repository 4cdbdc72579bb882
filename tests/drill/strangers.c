#include "strangers.h"

#include <stdio.h>
#include <string.h>

#include "cloud_view.h"
#include "oracle.h"

#define MACHINE      "\"server_type\": \"cx23\", \"image\": \"debian-12\", \"location\": \"fsn1\""
#define OTHER_FLEET  "\"managed-by\": \"ccc\", \"ccc-fleet\": \"0badf1ee\""
#define OTHER_LABELS OTHER_FLEET ", \"ccc-instance\": \"fee1ed\", \"ccc-nonce\": \"0\", \"ccc-expires\": \"1\""
#define RULE_IN      "{\"direction\": \"in\", \"protocol\": \"tcp\", \"port\": \"22\", \"source_ips\": [\"0.0.0.0/0\"]}"
#define RULE_OUT     "{\"direction\": \"out\", \"protocol\": \"icmp\", \"destination_ips\": [\"192.0.2.1/32\"]}"
#define KEY          "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI"

#define SETTLING_MS 60000

/* What they ask for; '@' stands for the server called so. */
static const struct {
	const char *path, *server, *body;
} first[] = {
	{ "/v1/servers", "", "{\"name\": \"cc-0ddba1\", " MACHINE "}" },
	{ "/v1/servers", "", "{\"name\": \"cc-fee1ed\", " MACHINE ", \"labels\": {" OTHER_LABELS "}}" },
	{ "/v1/ssh_keys", "",
	  "{\"name\": \"laptop\", \"public_key\": \"" KEY "G9uZSBzdHJhbmdlcidzIGtleSwgMzItIGJ5dGVzLi4u\"}" },
	{ "/v1/ssh_keys", "",
	  "{\"name\": \"ccc-0badf1ee\", \"public_key\": \"" KEY
	  "GFub3RoZXIgZmxlZXQncyBrZXksIDMyIGJ5dGVzLi4u\", \"labels\": {" OTHER_FLEET "}}" },
	{ "/v1/firewalls", "cc-0ddba1",
	  "{\"name\": \"office\", \"rules\": [" RULE_IN
	  "], \"apply_to\": [{\"type\": \"server\", \"server\": {\"id\": @}}]}" },
	{ "/v1/firewalls", "cc-fee1ed",
	  "{\"name\": \"ccc-0badf1ee\", \"labels\": {" OTHER_FLEET "}, \"rules\": [" RULE_IN
	  "], \"apply_to\": [{\"type\": \"server\", \"server\": {\"id\": @}}]}" },
	{ "/v1/firewalls", "",
	  "{\"name\": \"ccc-0badf1ee-isolated\", \"labels\": {" OTHER_FLEET
	  ", \"ccc-role\": \"isolated\"}, \"rules\": [" RULE_OUT "]}" },
}, later[] = {
	{ "/v1/servers/@/actions/create_image", "cc-0ddba1", "{\"type\": \"snapshot\", \"description\": \"cc-0ddba1\"}" },
	{ "/v1/servers/@/actions/create_image", "cc-fee1ed",
	  "{\"type\": \"snapshot\", \"description\": \"before\", \"labels\": {" OTHER_LABELS "}}" },
};

struct search {
	const char *name;
	int64_t id;
};

static void find_name(void *data, const struct server_view *server)
{
	struct search *search = data;
	if (strcmp(server->name, search->name) == 0)
		search->id = server->id;
}

static void fill(char *ret, size_t size, const char *template, int64_t id)
{
	const char *place = strchr(template, '@');
	if (place)
		snprintf(ret, size, "%.*s%lld%s", (int)(place - template), template, (long long)id, place + 1);
	else
		snprintf(ret, size, "%s", template);
}

static void ask(struct world *world, const char *path, const char *server, const char *body)
{
	char full_path[64], full_body[512];
	struct search search = { server, 0 };
	cloud_each_server(world, find_name, &search);
	fill(full_path, sizeof(full_path), path, search.id);
	fill(full_body, sizeof(full_body), body, search.id);
	int status = cloud_ask(world, 0, "POST", full_path, full_body);
	if (status >= 300)
		oracle_violated(world->oracle, "the drill", "strangers can't have %s %s (%d)", full_path, full_body,
				status);
}

void strangers_come(struct world *world)
{
	for (size_t i = 0; i < sizeof(first) / sizeof(*first); i++)
		ask(world, first[i].path, first[i].server, first[i].body);
	world_run_until(world, world->now_ms + SETTLING_MS); /* a server that is being made can't be copied */
	for (size_t i = 0; i < sizeof(later) / sizeof(*later); i++)
		ask(world, later[i].path, later[i].server, later[i].body);
	world_run_until(world, world->now_ms + SETTLING_MS);
	oracle_remembers_strangers(world->oracle);
}
