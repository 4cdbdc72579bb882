#include "fleet/settings.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/number.h"
#include "base/text.h"
#include "cloud/hetzner/hetzner.h"
#include "programs/environment.h"

extern char **environ;

const char *const settings_default_locations[3] = { "fsn1", "nbg1", "hel1" };

static const char *from_environment(const char *name, const char *otherwise)
{
	const char *value = getenv(name);
	return value && *value ? value : otherwise;
}

/* -C, else CCC_STATE_DIR, else $XDG_STATE_HOME/ccc, else ~/.local/state/ccc. An empty one is a mistake, as of
 * a variable that is not set: nobody's state is meant by it. */
static int find_state_directory(const char *directory, char **ret, struct error *err)
{
	struct text path;
	const char *state_home = from_environment("XDG_STATE_HOME", NULL);
	const char *named = directory ? directory : getenv("CCC_STATE_DIR");
	if (named && !*named)
		return error_set(err, ERROR_USAGE, 0, "%s names no directory; %s, or name one",
				 directory ? "-C" : "CCC_STATE_DIR", directory ? "leave it out" : "unset it");
	text_init(&path, PATH_MAX);
	if (named)
		text_add_string(&path, named);
	else if (state_home)
		text_addf(&path, "%s/ccc", state_home);
	else
		text_addf(&path, "%s/.local/state/ccc", from_environment("HOME", "."));
	*ret = text_take(&path);
	return 0;
}

/* Children are handed absolute paths: their working directory may be another. */
static int make_absolute(char **path, struct error *err)
{
	char current[PATH_MAX];
	struct text absolute;
	if (!*path || (*path)[0] == '/')
		return 0;
	if (!getcwd(current, sizeof(current)))
		return error_set(err, ERROR_FAILED, errno, "cannot tell the current directory");
	text_init(&absolute, PATH_MAX);
	text_addf(&absolute, "%s/%s", current, *path);
	free(*path);
	*path = text_take(&absolute);
	return 0;
}

/* Seconds, as people write them. */
static int read_http_timeout(int64_t *ret_ms, struct error *err)
{
	int64_t seconds;
	if (number_parse(from_environment("CCC_HTTP_TIMEOUT", "30"), 1, 600, "CCC_HTTP_TIMEOUT", &seconds, err) < 0) {
		err->kind = ERROR_USAGE;
		return -1;
	}
	*ret_ms = seconds * 1000;
	return 0;
}

static int read_operator_access(bool *ret_confined, struct error *err)
{
	const char *access = from_environment("CCC_OPERATOR_ACCESS", "root");
	*ret_confined = strcmp(access, "commands") == 0;
	if (*ret_confined || strcmp(access, "root") == 0)
		return 0;
	return error_set(err, ERROR_USAGE, 0, "CCC_OPERATOR_ACCESS is '%s'; it must be 'root' or 'commands'", access);
}

static char *own_path(void)
{
	char path[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);
	if (length < 0)
		return memory_copy_string("ccc");
	path[length] = '\0';
	return memory_copy_string(path);
}

int settings_read(const char *directory, struct settings *ret, struct error *err)
{
	struct settings settings = { 0 };
	settings.self = own_path();
	settings.path = memory_copy_string(from_environment("PATH", "/usr/local/bin:/usr/bin:/bin"));
	settings.endpoint = memory_copy_string(from_environment("HCLOUD_ENDPOINT", HETZNER_ENDPOINT));
	settings.token = memory_copy_string(from_environment("HCLOUD_TOKEN", NULL));
	settings.box = memory_copy_string(from_environment("CCC_BOX", CCC_DEFAULT_BOX));
	settings.kexec = memory_copy_string(from_environment("CCC_KEXEC", NULL));
	settings.kexec_sha256 = memory_copy_string(from_environment("CCC_KEXEC_SHA256", NULL));
	settings.image = memory_copy_string("debian-12");
	environment_for_children(environ, &settings.children);
	char *token = getenv("HCLOUD_TOKEN");
	if (token) {
		memory_wipe(token, strlen(token));
		unsetenv("HCLOUD_TOKEN");
	}
	if (find_state_directory(directory, &settings.state_directory, err) < 0 ||
	    make_absolute(&settings.state_directory, err) < 0 || make_absolute(&settings.box, err) < 0 ||
	    make_absolute(&settings.kexec, err) < 0 || read_http_timeout(&settings.http_timeout_ms, err) < 0 ||
	    read_operator_access(&settings.operator_confined, err) < 0) {
		settings_release(&settings);
		return -1;
	}
	*ret = settings;
	return 0;
}

void settings_release(struct settings *settings)
{
	if (settings->token)
		memory_wipe(settings->token, strlen(settings->token));
	free(settings->self);
	free(settings->path);
	free(settings->endpoint);
	free(settings->token);
	free(settings->box);
	free(settings->kexec);
	free(settings->kexec_sha256);
	free(settings->image);
	free(settings->state_directory);
	arguments_release(&settings->children);
	*settings = (struct settings){ 0 };
}
