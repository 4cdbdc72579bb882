#include "host.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "cloud_view.h"
#include "hosts/user_data.h"
#include "story.h"

#define REBOOT_MS   20000
#define STRANGE_KEY "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

const char *host_trouble_words(enum host_trouble trouble)
{
	static const char *const words[HOST_TROUBLES] = {
		[HOST_FINE] = "is fine",
		[HOST_NEVER_ANSWERS] = "never answers",
		[HOST_OTHER_KEY] = "has another host key than ordered",
		[HOST_HANGS] = "takes connections and says nothing",
		[HOST_KEXEC_FAILS] = "comes back in the base system from the kexec",
		[HOST_NO_REBOOT] = "never comes back from the reboot into the box",
		[HOST_OTHER_BOX] = "comes back as another instance",
		[HOST_UNIT_FAILED] = "works, but for one unit",
		[HOST_KEEPS_KEY] = "keeps the host key that it has",
	};
	return words[trouble];
}

struct host *host_of(const struct world *world, int64_t server_id)
{
	for (struct host *host = world->hosts; host; host = host->next)
		if (host->server_id == server_id)
			return host;
	return NULL;
}

static void host_free(struct host *host)
{
	free(host->keys);
	free(host);
}

static void remove_host(struct world *world, int64_t server_id)
{
	for (struct host **link = &world->hosts; *link; link = &(*link)->next)
		if ((*link)->server_id == server_id) {
			struct host *host = *link;
			*link = host->next;
			host_free(host);
			return;
		}
}

/* The first two words of a public key. */
static void copy_key(char *target, size_t size, const char *line)
{
	size_t type = strcspn(line, " "), length = type;
	if (line[type])
		length = type + 1 + strcspn(line + type + 1, " \n");
	text_copy(target, length + 1 < size ? length + 1 : size, line);
}

/* What the cloud wants of it comes first, then what the plan has for the next machines. */
static enum host_trouble choose_trouble(struct world *world, const struct sim_host_event *event)
{
	static const enum host_trouble wanted[] = {
		[SIM_SSH_ANSWERS] = HOST_FINE,
		[SIM_SSH_NEVER] = HOST_NEVER_ANSWERS,
		[SIM_SSH_OTHER_HOST_KEY] = HOST_OTHER_KEY,
		[SIM_SSH_HANGS] = HOST_HANGS,
	};
	enum host_trouble trouble = wanted[event->ssh];
	if (trouble == HOST_FINE) {
		trouble = (enum host_trouble)world->next_trouble;
		if (world->next_troubles <= 1)
			world->next_trouble = HOST_FINE;
		else
			world->next_troubles--;
	}
	return trouble;
}

static void boot_fresh(struct world *world, const struct sim_host_event *event)
{
	struct host_key key;
	struct error error = ERROR_INIT;
	remove_host(world, event->server_id);
	struct host *host = calloc(1, sizeof(*host));
	host->next = world->hosts;
	world->hosts = host;
	host->server_id = event->server_id;
	text_copy(host->address, sizeof(host->address), event->address);
	host->stage = host->installed = HOST_BASE;
	host->up_at_ms = world->now_ms + event->boot_ms;
	host->trouble = choose_trouble(world, event);
	if (event->ssh_key_count)
		copy_key(host->operator_key, sizeof(host->operator_key), event->ssh_keys[0]);
	text_copy(host->host_key, sizeof(host->host_key), STRANGE_KEY);
	if (host->trouble != HOST_OTHER_KEY && user_data_read(event->user_data, &key, &error) == 0) {
		if (key.public_half)
			copy_key(host->host_key, sizeof(host->host_key), key.public_half);
		host_key_release(&key);
	}
	story_tell(world, "  machine %s boots for server %lld%s%s", host->address, (long long)host->server_id,
		   host->trouble ? " and " : "", host->trouble ? host_trouble_words(host->trouble) : "");
}

void host_obey(struct world *world, const struct sim_host_event *event)
{
	struct host *host = host_of(world, event->server_id);
	switch (event->kind) {
	case SIM_HOST_BOOT:
		boot_fresh(world, event);
		break;
	case SIM_HOST_ON:
		if (host)
			host_reboot(world, host, host->installed);
		break;
	case SIM_HOST_OFF:
		if (host)
			host->stage = HOST_OFF;
		break;
	case SIM_HOST_REMOVE:
		remove_host(world, event->server_id);
		break;
	}
}

struct host *host_at(const struct world *world, const char *address)
{
	for (struct host *host = world->hosts; host; host = host->next)
		if (strcmp(host->address, address) == 0)
			return host;
	return NULL;
}

bool host_is_strange(const struct world *world, int64_t server_id)
{
	const struct host *host = host_of(world, server_id);
	return host && (host->trouble == HOST_OTHER_KEY || strcmp(host->host_key, STRANGE_KEY) == 0);
}

bool host_has_key(const struct host *host, const char *key)
{
	return host->stage != HOST_BOX || (strcmp(host->host_key, key) == 0 && strcmp(host->box_host_key, key) == 0);
}

bool host_is_up(const struct world *world, const struct host *host)
{
	return host && host->stage != HOST_OFF && world->now_ms >= host->up_at_ms &&
	       host->trouble != HOST_NEVER_ANSWERS;
}

/* As the first boot does. */
static bool read_user_data(struct world *world, struct host *host, struct store_path *ret, char *host_key, size_t size)
{
	static const char head[] = "#cloud-config\n";
	struct error error = ERROR_INIT;
	const char *data = cloud_user_data(world, host->server_id);
	if (strncmp(data, head, strlen(head)) != 0)
		return false;
	AUTO_JSON json_t *object = json_parse(data + strlen(head), strlen(data) - strlen(head), &error);
	const json_t *key = json_object_get(json_object_get(object, "ssh_keys"), "ed25519_public");
	if (!json_is_string(key) || store_path_read(json_object_get(object, "ccc"), ret, &error) < 0)
		return false;
	copy_key(host_key, size, json_string_value(key));
	return true;
}

static void install_parameters(struct host *host, const struct store_path *box, const char *host_key)
{
	free(host->keys);
	host->keys = strdup(box->keys);
	host->installed = HOST_BOX;
	host->expires = box->expires;
	text_copy(host->instance, sizeof(host->instance), host->trouble == HOST_OTHER_BOX ? "0ther1" : box->instance);
	text_copy(host->box_host_key, sizeof(host->box_host_key), host_key);
	text_copy(host->box_operator_key, sizeof(host->box_operator_key), box->operator_key);
}

void host_install(struct world *world, struct host *host, const struct store_path *box, const char *host_key)
{
	struct store_path described = { 0 };
	char key[128];
	if (!box->takes_user_data) {
		install_parameters(host, box, host_key);
	} else if (read_user_data(world, host, &described, key, sizeof(key))) {
		install_parameters(host, &described, key);
		free(described.keys);
	} else {
		host->installed = HOST_OFF;
	}
}

void host_reboot(struct world *world, struct host *host, enum host_stage into)
{
	host->stage = into;
	host->up_at_ms = world->now_ms + REBOOT_MS;
	if (into == HOST_BOX) {
		text_copy(host->host_key, sizeof(host->host_key), host->box_host_key);
		text_copy(host->operator_key, sizeof(host->operator_key), host->box_operator_key);
		if (host->trouble == HOST_NO_REBOOT)
			host->stage = HOST_OFF;
	}
}

void hosts_free(struct world *world)
{
	while (world->hosts) {
		struct host *host = world->hosts;
		world->hosts = host->next;
		host_free(host);
	}
	while (world->store_paths) {
		struct store_path *path = world->store_paths;
		world->store_paths = path->next;
		free(path->keys);
		free(path);
	}
}
