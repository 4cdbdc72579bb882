#include "programs/environment.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* Not here for a reason: HCLOUD_*, SSH_AUTH_SOCK, SSH_ASKPASS, NIX_SSHOPTS (would go
 * behind the pinning ssh), LD_*. */
static const char *const allowed[] = {
	"PATH",
	"HOME",
	"USER",
	"LOGNAME",
	"LANG",
	"TZ",
	"TMPDIR",
	"XDG_CACHE_HOME",
	"XDG_CONFIG_HOME",
	"XDG_DATA_HOME",
	"XDG_STATE_HOME",
	"SSL_CERT_FILE",
	"SSL_CERT_DIR",
	"http_proxy",
	"https_proxy",
	"all_proxy",
	"no_proxy",
	"HTTP_PROXY",
	"HTTPS_PROXY",
	"ALL_PROXY",
	"NO_PROXY",
	"NIX_CONFIG",
	"NIX_CONF_DIR",
	"NIX_USER_CONF_FILES",
	"NIX_PATH",
	"NIX_REMOTE",
	"NIX_SSL_CERT_FILE",
	"NIX_STORE_DIR",
	"NIX_STATE_DIR",
	"NIX_DATA_DIR",
	"NIX_LOG_DIR",
	"NIX_LOCALSTATE_DIR",
};

static const char *const allowed_prefixes[] = {
	"LC_", "HETZNER_SIM_", /* where the simulator's stand-ins keep what they answer */
};

static const char *const allowed_to_hcloud[] = { "HCLOUD_CONFIG", "HCLOUD_CONTEXT" };

static bool is_one_of(const char *entry, const char *const *names, size_t count)
{
	size_t length = strcspn(entry, "=");
	for (size_t i = 0; i < count; i++)
		if (entry[length] && strlen(names[i]) == length && strncmp(entry, names[i], length) == 0)
			return true;
	return false;
}

static bool is_allowed(const char *entry)
{
	if (!strchr(entry, '='))
		return false;
	if (is_one_of(entry, allowed, ARRAY_LENGTH(allowed)))
		return true;
	for (size_t i = 0; i < ARRAY_LENGTH(allowed_prefixes); i++)
		if (strncmp(entry, allowed_prefixes[i], strlen(allowed_prefixes[i])) == 0)
			return true;
	return false;
}

void environment_for_children(char *const *environment, struct arguments *ret)
{
	for (; *environment; environment++)
		if (is_allowed(*environment))
			arguments_add(ret, *environment);
}

void environment_for_hcloud(char *const *environment, struct arguments *ret)
{
	environment_for_children(environment, ret);
	for (; *environment; environment++)
		if (is_one_of(*environment, allowed_to_hcloud, ARRAY_LENGTH(allowed_to_hcloud)))
			arguments_add(ret, *environment);
}

void environment_set(struct arguments *environment, const char *name, const char *value)
{
	size_t length = strlen(name);
	struct arguments changed = ARGUMENTS_INIT;
	for (size_t i = 0; i < environment->count; i++) {
		const char *entry = environment->items[i];
		if (strncmp(entry, name, length) != 0 || entry[length] != '=')
			arguments_add(&changed, entry);
	}
	arguments_addf(&changed, "%s=%s", name, value);
	arguments_release(environment);
	*environment = changed;
}
