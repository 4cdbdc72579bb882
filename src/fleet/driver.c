#include "fleet/driver.h"

#include <string.h>

#include "base/memory.h"
#include "cloud/hcloud/hcloud.h"
#include "cloud/hetzner/hetzner.h"
#include "fleet/run_program.h"
#include "fleet/tools.h"

#define WORDS_MAXIMUM 256

bool driver_is_hcloud(const struct settings *settings)
{
	return settings->cloud == CLOUD_HCLOUD;
}

/* The first line of what hcloud prints, fit for a message. run_program() gives each child the environment of
 * `children`. */
static int ask_hcloud(struct loop *loop, const struct settings *settings, const char *const *argv, struct text *ret,
		      struct error *err)
{
	struct settings for_hcloud = *settings; /* borrows all */
	AUTO_FREE char *path = tools_find(settings, "hcloud", err);
	AUTO_TEXT struct text output = TEXT_INIT(WORDS_MAXIMUM);
	if (!path)
		return -1;
	for_hcloud.children = settings->hcloud;
	if (run_program(loop, &for_hcloud, argv, &output, err) < 0)
		return -1;
	text_add_escaped(ret, text_string(&output), strcspn(text_string(&output), "\n"), false);
	return 0;
}

/* What HCLOUD_CONTEXT says in the environment of the program; NULL: nothing. */
static const char *wanted_context(const struct settings *settings)
{
	static const char name[] = "HCLOUD_CONTEXT=";
	for (size_t i = 0; i < settings->hcloud.count; i++)
		if (strncmp(settings->hcloud.items[i], name, strlen(name)) == 0 &&
		    settings->hcloud.items[i][strlen(name)])
			return settings->hcloud.items[i] + strlen(name);
	return NULL;
}

int driver_hcloud_context(struct loop *loop, const struct settings *settings, struct text *ret, struct error *err)
{
	static const char *const argv[] = { "hcloud", "context", "active", NULL };
	const char *wanted = wanted_context(settings);
	if (ask_hcloud(loop, settings, argv, ret, err) < 0)
		return -1;
	const char *active = text_string(ret);
	if (wanted && strcmp(wanted, active) != 0)
		return error_set(err, ERROR_USAGE, 0,
				 "HCLOUD_CONTEXT is '%s', and hcloud has no such context; 'hcloud context list' shows "
				 "those that it has",
				 wanted);
	if (!*active)
		return error_set(err, ERROR_USAGE, 0,
				 "hcloud has no active context; 'hcloud context create NAME' takes the API token of "
				 "the fleet's Hetzner project");
	return 0;
}

int driver_hcloud_version(struct loop *loop, const struct settings *settings, struct text *ret, struct error *err)
{
	static const char *const argv[] = { "hcloud", "version", NULL };
	return ask_hcloud(loop, settings, argv, ret, err);
}

static int open_hcloud(struct loop *loop, const struct settings *settings, struct cloud **ret, struct error *err)
{
	AUTO_TEXT struct text context = TEXT_INIT(WORDS_MAXIMUM);
	if (settings->token)
		return error_set(err, ERROR_USAGE, 0,
				 "HCLOUD_TOKEN is set, and by cloud = hcloud the token is that of hcloud's context; "
				 "unset the one or the other");
	if (driver_hcloud_context(loop, settings, &context, err) < 0)
		return -1;
	struct hcloud_program program = {
		.guard = settings->self,
		.path = settings->path,
		.environment = arguments_list(&settings->hcloud),
		.endpoint = settings->endpoint,
		.timeout_ms = settings->http_timeout * 1000,
	};
	return hcloud_new(loop, &program, ret, err);
}

static int open_hetzner(struct loop *loop, const struct settings *settings, struct cloud **ret, struct error *err)
{
	if (!settings->token)
		return error_set(err, ERROR_USAGE, 0,
				 "HCLOUD_TOKEN is not set; export the API token of the fleet's Hetzner project");
	if (hetzner_new(loop, settings->endpoint, settings->token, ret, err) < 0)
		return -1;
	hetzner_set_timeout(*ret, settings->http_timeout * 1000);
	return 0;
}

int driver_open(struct loop *loop, const struct settings *settings, struct cloud **ret, struct error *err)
{
	return driver_is_hcloud(settings) ? open_hcloud(loop, settings, ret, err)
					  : open_hetzner(loop, settings, ret, err);
}
