#include "program.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "host.h"
#include "oracle.h"
#include "process.h"
#include "story.h"

#define OPERATOR_USER (geteuid()) /* whom the product asks the kernel for */
#define SSH_FAILED    255

static int64_t fail(struct job *job, int status, const char *message)
{
	job->exit_status = status;
	text_add_string(&job->error, message);
	return -1;
}

static const char *file_of(const struct world *world, const char *path, size_t *ret_length)
{
	const char *bytes = NULL;
	return disk_peek(world->disk, path, &bytes, ret_length) == 0 ? bytes : NULL;
}

/* --- ssh-keygen ------------------------------------------------------------------------ */

/* A public key of the right form: the blob's letters stand for the key pair. */
static void make_key_line(struct world *world, const char *comment, char *ret, size_t size)
{
	char letters[44];
	for (size_t i = 0; i + 1 < sizeof(letters); i++)
		letters[i] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"[draw_below(&world->timing,
													 62)];
	letters[sizeof(letters) - 1] = '\0';
	snprintf(ret, size, "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI%s %s\n", letters, comment);
}

static int64_t generate(struct job *job)
{
	char line[256], public_path[512];
	const char *path = job_option(job, "-f");
	if (job->stage == 0)
		return 5;
	snprintf(public_path, sizeof(public_path), "%s.pub", path);
	if (job->stage == 1) {
		if (disk_exists(job->world->disk, path))
			return fail(job, 1, "the file exists already");
		make_key_line(job->world, job_option(job, "-C"), line, sizeof(line));
		AUTO_TEXT struct text key = TEXT_INIT(1024);
		text_addf(&key, "PRIVATE KEY of %s", line);
		if (disk_put(job->world->disk, path, text_string(&key), key.length, 0600, OPERATOR_USER) != 0)
			return fail(job, 1, "saving the key failed: no space left on device");
		return 2;
	}
	size_t length;
	const char *key = file_of(job->world, path, &length);
	size_t skip = strlen("PRIVATE KEY of ");
	if (!key || length <= skip)
		return fail(job, 1, "the private half is gone");
	if (disk_put(job->world->disk, public_path, key + skip, length - skip, 0644, OPERATOR_USER) != 0)
		return fail(job, 1, "saving the key failed: no space left on device");
	return -1;
}

static int64_t public_half(struct job *job)
{
	size_t length, skip = strlen("PRIVATE KEY of ");
	if (job->stage == 0)
		return 3;
	const char *key = file_of(job->world, job_option(job, "-f"), &length);
	if (!key || length <= skip)
		return fail(job, 255, "no such file");
	text_addf(&job->output, "%.*s", (int)(length - skip), key + skip);
	return -1;
}

static int64_t ssh_keygen(struct job *job)
{
	return job_option(job, "-y") ? public_half(job) : generate(job);
}

/* --- nix-build --------------------------------------------------------------------------- */

const struct store_path *store_path_find(const struct world *world, const char *path)
{
	for (const struct store_path *found = world->store_paths; found; found = found->next)
		if (strcmp(found->path, path) == 0)
			return found;
	return NULL;
}

int store_path_read(const json_t *object, struct store_path *path, struct error *err)
{
	const char *id;
	json_t *keys, *key, *operators;
	size_t index;
	AUTO_TEXT struct text lines = TEXT_INIT(65536);
	if (json_get_string(object, "instanceId", &id, err) < 0 ||
	    json_get_integer(object, "expiresAt", &path->expires, err) < 0 ||
	    json_get_array(object, "sshKeys", &keys, err) < 0 ||
	    json_get_array(object, "operatorKeys", &operators, err) < 0)
		return -1;
	json_array_foreach(keys, index, key)
		text_addf(&lines, "%s\n", json_string_value(key));
	text_copy(path->instance, sizeof(path->instance), id);
	text_copy(path->operator_key, sizeof(path->operator_key), json_string_value(json_array_get(operators, 0)));
	path->keys = text_take(&lines);
	return 0;
}

/* The instance's parameters as they stand in the command; NULL when there are none. */
static const char *parameters_of(const struct job *job, size_t *ret_length)
{
	for (size_t i = 0; i + 2 < job->argument_count; i++)
		if (strcmp(job->argv[i], "--argstr") == 0)
			return file_of(job->world, job->argv[i + 2], ret_length);
	return NULL;
}

static bool takes_user_data(const struct job *job)
{
	return strcmp(job->argv[1], SHARED_BOX_FOLDER) == 0;
}

/* What is to be built holds the parameters, if they are built in, and is lost in a power cut. */
static int64_t nix_instantiate(struct job *job)
{
	size_t length = 0;
	if (job->stage == 0)
		return 4000 + (int64_t)draw_below(&job->world->timing, 4000);
	const char *bytes = parameters_of(job, &length);
	if (!bytes)
		return fail(job, 1, "error: the parameters can't be read");
	AUTO_TEXT struct text copy = TEXT_INIT(65536); /* what is written may move what was read */
	if (takes_user_data(job))
		text_add_string(&copy, "{}");
	else
		text_add(&copy, bytes, length);
	if (disk_put(job->world->disk, job_option(job, "--add-root"), text_string(&copy), copy.length, 0600,
		     OPERATOR_USER) != 0)
		return fail(job, 1, "error: creating the root failed: no space left on device");
	return -1;
}

/* From the derivation that is its first argument, or else from the box. */
static int64_t nix_build(struct job *job)
{
	struct world *world = job->world;
	struct error error = ERROR_INIT;
	size_t length;
	if (job->stage == 0)
		return 20000 + (int64_t)draw_below(&world->timing, 20000);
	const char *bytes =
		job_option(job, "--argstr") ? parameters_of(job, &length) : file_of(world, job->argv[1], &length);
	AUTO_JSON json_t *object = bytes ? json_parse(bytes, length, &error) : NULL;
	if (!object)
		return fail(job, 1, "error: the parameters can't be read");
	struct store_path *path = calloc(1, sizeof(*path));
	path->takes_user_data = takes_user_data(job) || json_object_size(object) == 0;
	if (!path->takes_user_data && store_path_read(object, path, &error) < 0) {
		free(path);
		return fail(job, 1, error.message);
	}
	for (size_t i = 0; i < 32; i++)
		path->path[strlen("/nix/store/") + i] =
			"0123456789abcdfghijklmnpqrsvwxyz"[draw_below(&world->timing, 32)];
	memcpy(path->path, "/nix/store/", strlen("/nix/store/"));
	snprintf(path->path + strlen("/nix/store/") + 32, 16, "-box");
	path->next = world->store_paths;
	world->store_paths = path;
	text_addf(&job->output, "%s\n/nix/store/0123456789abcdfghijklmnpqrsvwxyz-disko\n", path->path);
	return -1;
}

/* --- ssh ------------------------------------------------------------------------------------ */

static bool lines_hold(const char *lines, size_t length, const char *wanted)
{
	size_t size = strlen(wanted);
	for (size_t at = 0; at < length;) {
		size_t end = at;
		while (end < length && lines[end] != '\n')
			end++;
		if (end - at == size && memcmp(lines + at, wanted, size) == 0)
			return true;
		at = end + 1;
	}
	return false;
}

/* "\"/path\"" as it stands in an option of ssh. */
static void unquote(const char *word, char *ret, size_t size)
{
	size_t length = 0;
	for (; *word && length + 1 < size; word++)
		if (*word != '"')
			ret[length++] = *word;
	ret[length] = '\0';
}

/* Whether a client with that known_hosts file takes the machine's host key (P6). */
static bool is_trusted(const struct job *job, const char *known_hosts, const char *alias, const struct host *host)
{
	char path[512], line[256];
	size_t length;
	unquote(known_hosts, path, sizeof(path));
	snprintf(line, sizeof(line), "%s %s", alias, host->host_key);
	const char *bytes = file_of(job->world, path, &length);
	return bytes && lines_hold(bytes, length, line);
}

static bool knows_operator(const struct job *job, const char *identity, const struct host *host)
{
	char path[512], line[256];
	size_t length, skip = strlen("PRIVATE KEY of ");
	unquote(identity, path, sizeof(path));
	const char *key = file_of(job->world, path, &length);
	if (!key || length <= skip)
		return false;
	size_t type = strcspn(key + skip, " ") + 1;
	size_t end = type + strcspn(key + skip + type, " \n");
	snprintf(line, sizeof(line), "%.*s", (int)end, key + skip);
	return strcmp(line, host->operator_key) == 0;
}

static void report(struct job *job, const struct host *host)
{
	text_addf(&job->output, "instance=%s\n", host->instance);
	for (const char *key = host->keys; *key; key += strcspn(key, "\n") + 1)
		text_addf(&job->output, "key=%.*s\n", (int)strcspn(key, "\n"), key);
	text_addf(&job->output, "claude=2.1.0 (Claude Code)\n%sexpires=%lld\nend=1\n",
		  host->trouble == HOST_UNIT_FAILED ? "failed=some.service\n" : "", (long long)host->expires);
}

/* The word of the remote command, without the quotes that a shell would take away. */
static void remote_word(const struct job *job, size_t index, char *ret, size_t size)
{
	size_t at = 0;
	while (at < job->argument_count && strcmp(job->argv[at], "--") != 0)
		at++;
	ret[0] = '\0';
	if (at + 2 + index >= job->argument_count)
		return;
	size_t length = 0;
	for (const char *word = job->argv[at + 2 + index]; *word && length + 1 < size; word++)
		if (*word != '\'')
			ret[length++] = *word;
	ret[length] = '\0';
}

/* Pairs of type and base64, from the second word on. */
static void set_keys(struct job *job, struct host *host)
{
	AUTO_TEXT struct text lines = TEXT_INIT(65536);
	for (size_t i = 1;; i += 2) {
		char type[64], blob[512];
		remote_word(job, i, type, sizeof(type));
		remote_word(job, i + 1, blob, sizeof(blob));
		if (!*type)
			break;
		text_addf(&lines, "%s %s\n", type, blob);
		text_addf(&job->output, "key=%s %s\n", type, blob);
	}
	text_add_string(&job->output, "end=1\n");
	free(host->keys);
	host->keys = strdup(text_string(&lines));
}

/* The private half tells the public one, as it does to ssh-keygen -y. */
static bool public_half_of(const char *private_half, size_t length, char *ret, size_t size)
{
	size_t skip = strlen("PRIVATE KEY of ");
	if (!private_half || length <= skip)
		return false;
	size_t type = strcspn(private_half + skip, " ") + 1;
	snprintf(ret, size, "%.*s", (int)(type + strcspn(private_half + skip + type, " \n")), private_half + skip);
	return true;
}

static int64_t set_host_key(struct job *job, struct host *host)
{
	char key[128];
	if (!public_half_of(job->input, job->input ? strlen(job->input) : 0, key, sizeof(key)))
		return fail(job, 2, "ccc-set-host-key: standard input is no private key");
	if (host->trouble != HOST_KEEPS_KEY) {
		text_copy(host->host_key, sizeof(host->host_key), key);
		text_copy(host->box_host_key, sizeof(host->box_host_key), key);
	}
	text_addf(&job->output, "hostkey=%s\nend=1\n", host->host_key);
	return 30; /* as below */
}

static int64_t command(struct job *job, struct host *host)
{
	char word[64], argument[64];
	remote_word(job, 0, word, sizeof(word));
	remote_word(job, 1, argument, sizeof(argument));
	if (strcmp(word, "true") == 0)
		return -1;
	if (host->stage != HOST_BOX)
		return fail(job, 127, "command not found");
	if (strcmp(word, "ccc-report") == 0) {
		report(job, host);
	} else if (strcmp(word, "ccc-set-expiry") == 0) {
		host->expires = strtoll(argument, NULL, 10);
		text_addf(&job->output, "expires=%lld\n", (long long)host->expires);
	} else if (strcmp(word, "ccc-set-keys") == 0) {
		set_keys(job, host);
	} else if (strcmp(word, "ccc-set-host-key") == 0) {
		return set_host_key(job, host);
	} else {
		return fail(job, 127, "command not found");
	}
	return 30; /* the effect is there, the answer on its way: it can still be lost */
}

static const char *address_of(const struct job *job)
{
	for (size_t i = 0; i + 1 < job->argument_count; i++)
		if (strcmp(job->argv[i], "--") == 0)
			return job->argv[i + 1];
	return "";
}

static int64_t ssh(struct job *job)
{
	struct world *world = job->world;
	if (job->stage == 0)
		return 20 + (int64_t)draw_below(&world->timing, 80);
	if (job->stage == 2)
		return -1;
	struct host *host = host_at(world, address_of(job));
	const char *checking = job_word(job, "StrictHostKeyChecking="), *alias = job_word(job, "HostKeyAlias=");
	const char *known_hosts = job_word(job, "UserKnownHostsFile="), *identity = job_word(job, "IdentityFile=");
	bool strict = checking && strcmp(checking, "yes") == 0;
	if (!strict || !alias || !known_hosts || !identity)
		oracle_violated(world->oracle, "P6", "ssh was started without a pinned host key");
	if (world->network_is_down || !host_is_up(world, host))
		return fail(job, SSH_FAILED, "ssh: connect to host: Connection refused");
	if (host->trouble == HOST_HANGS)
		return 3600000;
	if (strict && !is_trusted(job, known_hosts, alias, host))
		return fail(job, SSH_FAILED, "Host key verification failed.");
	if (!knows_operator(job, identity, host))
		return fail(job, SSH_FAILED, "Permission denied (publickey).");
	return command(job, host);
}

/* --- nixos-anywhere --------------------------------------------------------------------------- */

/* The value of an option in the wrapper's one line: 'UserKnownHostsFile="/path"' */
static bool wrapper_option(const char *script, size_t length, const char *name, char *ret, size_t size)
{
	size_t name_length = strlen(name);
	for (size_t i = 0; i + name_length < length; i++) {
		if (memcmp(script + i, name, name_length) != 0)
			continue;
		size_t at = i + name_length, count = 0;
		while (at < length && script[at] != '\'' && script[at] != ' ' && count + 1 < size)
			ret[count++] = script[at++];
		ret[count] = '\0';
		return true;
	}
	return false;
}

/* Every connection goes through the ssh that comes first in PATH. */
static bool connects(struct job *job, struct host **ret)
{
	struct world *world = job->world;
	char wrapper[600], known_hosts[512], alias[64], address[64];
	size_t length;
	const char *target = job_option(job, "--target-host");
	text_copy(address, sizeof(address), strchr(target, '@') + 1);
	snprintf(wrapper, sizeof(wrapper), "%.*s/ssh", (int)strcspn(job->path, ":"), job->path);
	const char *script = file_of(world, wrapper, &length);
	if (!script || !wrapper_option(script, length, "UserKnownHostsFile=", known_hosts, sizeof(known_hosts)) ||
	    !wrapper_option(script, length, "HostKeyAlias=", alias, sizeof(alias))) {
		oracle_violated(world->oracle, "P6", "nixos-anywhere was started without a pinning ssh");
		return false;
	}
	*ret = host_at(world, address);
	return !world->network_is_down && host_is_up(world, *ret) && is_trusted(job, known_hosts, alias, *ret) &&
	       knows_operator(job, job_option(job, "-i"), *ret);
}

static void read_extra_key(struct job *job, char *ret, size_t size)
{
	char path[600];
	size_t length = 0;
	const char *folder = job_option(job, "--extra-files");
	snprintf(path, sizeof(path), "%s/etc/ssh/ssh_host_ed25519_key", folder ? folder : "");
	const char *key = file_of(job->world, path, &length);
	ret[0] = '\0';
	(void)public_half_of(key, length, ret, size);
}

enum install_stage { CONNECT, KEXEC, DISKO, COPY, INSTALL, REBOOT, DONE };

static const char *const install_lines[] = {
	[CONNECT] = "### Gathering machine facts ###",
	[KEXEC] = "### Switching system into kexec ###",
	[DISKO] = "### Formatting hard drive with disko ###",
	[COPY] = "### Uploading the system closure ###",
	[INSTALL] = "### Installing NixOS ###",
	[REBOOT] = "### Rebooting ###",
	[DONE] = "### Done! ###",
};

/* With a refused connection it tries for ever, as the real one does. */
static int64_t nixos_anywhere(struct job *job)
{
	struct host *host = NULL;
	char host_key[128];
	if (job->stage > DONE)
		return -1;
	if (job->stage != DONE && !connects(job, &host)) {
		job->stage--;
		return 3000;
	}
	job_say(job, "%s", install_lines[job->stage]);
	switch ((enum install_stage)job->stage) {
	case CONNECT:
		return 3000;
	case KEXEC:
		if (host->trouble == HOST_KEXEC_FAILS)
			return fail(job, 1, "Failed to kexec into NixOS installer");
		host->stage = HOST_INSTALLER;
		return 30000;
	case DISKO:
		host->installed = HOST_OFF; /* the old system is gone, the new one not there */
		return 5000;
	case COPY:
		return 60000;
	case INSTALL:
		read_extra_key(job, host_key, sizeof(host_key));
		const struct store_path *box = NULL;
		for (size_t i = 0; i + 2 < job->argument_count; i++)
			if (strcmp(job->argv[i], "--store-paths") == 0)
				box = store_path_find(job->world, job->argv[i + 2]);
		if (!box)
			return fail(job, 1, "error: that path is not valid");
		host_install(job->world, host, box, host_key);
		return 20000;
	case REBOOT:
		host_reboot(job->world, host, host->installed);
		return 6000;
	case DONE:
		return 0;
	}
	return -1;
}

static const struct program programs[] = {
	{ "ssh-keygen", ssh_keygen },         { "nix-instantiate", nix_instantiate },
	{ "nix-build", nix_build },           { "ssh", ssh },
	{ "nixos-anywhere", nixos_anywhere },
};

const struct program *program_named(const char *name)
{
	for (size_t i = 0; i < sizeof(programs) / sizeof(*programs); i++)
		if (strcmp(programs[i].name, name) == 0)
			return &programs[i];
	return NULL;
}
