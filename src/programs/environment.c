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

static bool is_allowed(const char *entry)
{
	size_t length = strcspn(entry, "=");
	if (!entry[length])
		return false;
	for (size_t i = 0; i < ARRAY_LENGTH(allowed); i++)
		if (strlen(allowed[i]) == length && strncmp(entry, allowed[i], length) == 0)
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
