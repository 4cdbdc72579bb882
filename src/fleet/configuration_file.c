#include "fleet/configuration_file.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "system/durable_file.h"

void configuration_places(const char *state_directory, struct arguments *ret, bool *ret_named)
{
	const char *named = getenv("CCC_CONFIG"), *config_home = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	*ret_named = named && *named;
	if (*ret_named) {
		arguments_add(ret, named);
		return;
	}
	arguments_addf(ret, "%s/ccc.ini", state_directory);
	if (config_home && *config_home)
		arguments_addf(ret, "%s/ccc/ccc.ini", config_home);
	else if (home && *home)
		arguments_addf(ret, "%s/.config/ccc/ccc.ini", home);
	arguments_add(ret, "/etc/ccc/ccc.ini");
}

/* What is behind links counts: a file may be one into the store of Nix. */
static bool is_trusted(struct system *system, const char *path, struct configuration *configuration)
{
	char real[PATH_MAX];
	struct error error = ERROR_INIT;
	struct file_facts facts;
	if (!realpath(path, real)) {
		configuration_complain(configuration, 0, "cannot be read: %s", strerror(errno));
		return false;
	}
	if (file_look(system, real, &facts, &error) < 0)
		configuration_complain(configuration, 0, "%s", error.message);
	else if (facts.owner != geteuid() && facts.owner != 0)
		configuration_complain(configuration, 0,
				       "belongs to user %u; expected a file of root or of who runs ccc: chown it",
				       (unsigned)facts.owner);
	else if (facts.is_regular && (facts.mode & 022))
		configuration_complain(configuration, 0,
				       "others can write it (mode %04o); expected one that they can't: chmod go-w it",
				       (unsigned)facts.mode);
	else
		return true;
	return false;
}

void configuration_take_file(struct system *system, const char *path, struct configuration *configuration)
{
	struct error error = ERROR_INIT;
	AUTO_TEXT struct text text = TEXT_INIT(CONFIGURATION_MAXIMUM);
	free(configuration->file);
	configuration->file = memory_copy_string(path);
	if (!is_trusted(system, path, configuration))
		return;
	if (file_read(system, path, &text, &error) < 0)
		configuration_complain(configuration, 0, "%s", error.message);
	else
		configuration_take_text(configuration, path, text_string(&text), text.length);
}

/* A place that we can't come to is nobody's who meant us. */
static bool is_there(const char *path)
{
	char real[PATH_MAX];
	return realpath(path, real) || (errno != ENOENT && errno != ENOTDIR && errno != EACCES);
}

void configuration_find_file(struct system *system, const char *state_directory, struct configuration *configuration)
{
	AUTO_ARGUMENTS struct arguments places = ARGUMENTS_INIT;
	bool named;
	configuration_places(state_directory, &places, &named);
	for (size_t i = 0; i < places.count; i++) {
		if (!named && !is_there(places.items[i]))
			continue;
		configuration_take_file(system, places.items[i], configuration);
		return;
	}
}
