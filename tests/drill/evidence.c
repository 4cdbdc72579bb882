#include "evidence.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "host.h"
#include "oracle.h"
#include "oracle_loss.h"
#include "owner.h"
#include "read_once.h"

#define OPERATOR_KEY  STATE_DIRECTORY "/keys/operator"
#define PRIVATE_START "PRIVATE KEY of " /* of what ssh-keygen makes here; the public half follows */
#define PATH_SIZE     512

/* A server that was made for us, once. */
struct made {
	struct made *next;
	int64_t id;
	char instance[8], address[16];
	bool excused;
};

struct evidence {
	struct world *world;
	struct made *made;
};

struct evidence *evidence_new(struct world *world)
{
	struct evidence *evidence = owner_world_calloc(1, sizeof(*evidence));
	evidence->world = world;
	return evidence;
}

void evidence_free(struct evidence *evidence)
{
	while (evidence->made) {
		struct made *made = evidence->made;
		evidence->made = made->next;
		free(made);
	}
	free(evidence);
}

/* --- user data: every process on the machine can read it ----------------------------------- */

static const char *recorded(const struct world *world, const char *instance, const char *member)
{
	const json_t *record = json_object_get(json_object_get(read_state(world), "instances"), instance);
	return json_string_value(json_object_get(record, member));
}

/* The bootstrap host key's private half has to be there; no other may. */
static void check_user_data(struct evidence *evidence, const struct made *made)
{
	struct world *world = evidence->world;
	const char *data = cloud_user_data(world, made->id);
	const char *bootstrap = recorded(world, made->instance, "bootstrapHostKey");
	const char *email = recorded(world, made->instance, "email");
	if (strstr(data, sim_token(world->sim, 0)))
		oracle_violated(world->oracle, "P5", "the user data of %s holds the token", made->instance);
	if (email && strstr(data, email))
		oracle_violated(world->oracle, "P5", "the user data of %s says whose it is", made->instance);
	for (const char *at = strstr(data, PRIVATE_START); at; at = strstr(at + 1, PRIVATE_START)) {
		const char *key = at + strlen(PRIVATE_START);
		if (!bootstrap || strncmp(key, bootstrap, strlen(bootstrap)) != 0)
			oracle_violated(world->oracle, "P5", "the user data of %s holds a lasting key: %.60s",
					made->instance, key);
	}
}

void evidence_sees_server(struct evidence *evidence, const struct server_view *server)
{
	for (const struct made *made = evidence->made; made; made = made->next)
		if (made->id == server->id)
			return;
	struct made *made = owner_world_calloc(1, sizeof(*made));
	made->next = evidence->made;
	evidence->made = made;
	made->id = server->id;
	text_copy(made->instance, sizeof(made->instance), server->instance);
	text_copy(made->address, sizeof(made->address), cloud_address(evidence->world, server->id));
	check_user_data(evidence, made);
}

void evidence_excuses(struct evidence *evidence, const char *id)
{
	for (struct made *made = evidence->made; made; made = made->next)
		if (strcmp(made->instance, id) == 0)
			made->excused = true;
}

void evidence_forgives(struct evidence *evidence)
{
	for (struct made *made = evidence->made; made; made = made->next)
		made->excused = true;
}

void evidence_expects(struct evidence *evidence, const char *id, int64_t server_id)
{
	for (struct made *made = evidence->made; made; made = made->next)
		if (made->id == server_id && strcmp(made->instance, id) == 0)
			made->excused = false;
}

/* --- the history ---------------------------------------------------------------------------- */

/* A line about that instance which has the address as a value. */
static bool tells(const char *bytes, size_t length, const struct made *made)
{
	char value[24], instance[16];
	int size = snprintf(value, sizeof(value), "\"%s\"", made->address);
	int instance_size = snprintf(instance, sizeof(instance), "\"%s\"", made->instance);
	const char *end = bytes + length;
	for (const char *at = bytes; (at = memmem(at, (size_t)(end - at), value, (size_t)size)); at++) {
		const char *line = memrchr(bytes, '\n', (size_t)(at - bytes));
		const char *line_end = memchr(at, '\n', (size_t)(end - at));
		line = line ? line + 1 : bytes;
		if (line_end && memmem(line, (size_t)(line_end - line), instance, (size_t)instance_size))
			return true;
	}
	return false;
}

static void check_history(struct evidence *evidence)
{
	struct world *world = evidence->world;
	const char *bytes = "";
	size_t length = 0;
	(void)disk_peek(world->disk, HISTORY_PATH, &bytes, &length);
	for (const struct made *made = evidence->made; made; made = made->next)
		if (!made->excused && !tells(bytes, length, made))
			oracle_violated(world->oracle, "whois",
					"no line of the history says that %s had %s (server %lld)", made->instance,
					made->address, (long long)made->id);
}

/* --- secrets on the disk ----------------------------------------------------------------- */

struct walk {
	struct world *world;
	char path[PATH_SIZE];
};

static struct walk below(const struct walk *above, const char *name)
{
	struct walk walk = { .world = above->world };
	if (snprintf(walk.path, sizeof(walk.path), "%s/%s", above->path, name) >= PATH_SIZE)
		oracle_violated(walk.world->oracle, "the drill", "a path is too long: %s", walk.path);
	return walk;
}

/* An instance that is still there may be about to need its keys. */
static bool may_hold_key(struct world *world, const char *path)
{
	static const char folder[] = STATE_DIRECTORY "/instances/";
	char id[8];
	if (strcmp(path, OPERATOR_KEY) == 0)
		return true;
	if (strncmp(path, folder, sizeof(folder) - 1) != 0)
		return false;
	snprintf(id, sizeof(id), "%.6s", path + sizeof(folder) - 1);
	return oracle_may_have_files(world->oracle, id);
}

static void check_file(struct world *world, const char *path)
{
	const char *bytes;
	size_t length;
	if (disk_peek(world->disk, path, &bytes, &length) != 0)
		return;
	for (size_t project = 0; project < 2; project++) {
		const char *token = sim_token(world->sim, project);
		if (memmem(bytes, length, token, strlen(token)))
			oracle_violated(world->oracle, "P5", "the token is in '%s'", path);
	}
	if (memmem(bytes, length, PRIVATE_START, strlen(PRIVATE_START)) && !may_hold_key(world, path))
		oracle_violated(world->oracle, "P5", "a private key is left in '%s'", path);
}

static void check_name(void *data, const char *name)
{
	const struct walk *above = data;
	struct walk walk = below(above, name);
	if (disk_is_directory(walk.world->disk, walk.path))
		disk_list(walk.world->disk, walk.path, check_name, &walk);
	else
		check_file(walk.world, walk.path);
}

static void check_handed_over(void *data, const char *name)
{
	const struct walk *above = data;
	struct walk walk = below(above, name);
	const char *bytes;
	size_t length;
	if (disk_is_directory(walk.world->disk, walk.path))
		disk_list(walk.world->disk, walk.path, check_handed_over, &walk);
	else if (disk_peek(walk.world->disk, walk.path, &bytes, &length) == 0 &&
		 memmem(bytes, length, PRIVATE_START, strlen(PRIVATE_START)))
		oracle_violated(walk.world->oracle, "P5", "a machine is handed over and its host key is still in '%s'",
				walk.path);
}

void evidence_sees_handover(struct evidence *evidence, const char *id, int64_t server_id, const char *host_key)
{
	struct walk walk = { .world = evidence->world };
	snprintf(walk.path, sizeof(walk.path), STATE_DIRECTORY "/instances/%s", id);
	disk_list(walk.world->disk, walk.path, check_handed_over, &walk);
	const struct host *host = host_of(walk.world, server_id);
	if (host && !host_has_key(host, host_key))
		oracle_violated(walk.world->oracle, "P6", "%s is handed over and has not its lasting host key", id);
	if (host_is_strange(walk.world, server_id))
		oracle_violated(walk.world->oracle, "P6", "%s is handed over and has another host key than ordered",
				id);
}

void evidence_is_judged(struct evidence *evidence)
{
	struct walk root = { .world = evidence->world };
	disk_list(evidence->world->disk, "/", check_name, &root);
	check_history(evidence);
}
