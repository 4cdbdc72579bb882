#include "fleet/settings.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/decimal.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/text.h"
#include "fleet/configuration_file.h"
#include "programs/environment.h"

extern char **environ;

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

static char *own_path(void)
{
	char path[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);
	if (length < 0)
		return memory_copy_string("ccc");
	path[length] = '\0';
	return memory_copy_string(path);
}

static void take_environment(struct configuration *configuration)
{
	for (enum setting i = 0; i < SETTINGS_COUNT; i++) {
		const char *value =
			settings_table[i].variable ? from_environment(settings_table[i].variable, NULL) : NULL;
		if (value)
			configuration_take_variable(configuration, i, value);
	}
}

/* What was said is of the right form by now. */
static void put(struct settings *settings, const struct setting_spec *spec, const char *text)
{
	void *member = (char *)settings + spec->offset;
	struct error never = ERROR_INIT;
	switch (spec->kind) {
	case KIND_TEXT:
	case KIND_PATH:
	case KIND_NAME:
	case KIND_DIGEST:
		*(char **)member = memory_copy_string(text);
		break;
	case KIND_NUMBER:
		if (number_parse(text, spec->minimum, spec->maximum, spec->name, member, &never) < 0)
			*(int64_t *)member = spec->minimum;
		break;
	case KIND_PRICE:
		(void)decimal_parse(text, PRICE_PLACES, member);
		break;
	case KIND_NAMES:
		(void)setting_read_names(text, member);
		break;
	case KIND_CHOICE:
		*(int *)member = setting_choice(spec, text);
		break;
	}
}

static void configure(struct system *system, struct settings *settings)
{
	struct configuration *configuration = &settings->configuration;
	configuration_find_file(system, settings->state_directory, configuration);
	take_environment(configuration);
	configuration_compare(configuration);
	(void)configuration_check(configuration, &settings->trouble);
	for (enum setting i = 0; i < SETTINGS_COUNT; i++) {
		const char *text = configuration_value(configuration, i);
		if (text)
			put(settings, &settings_table[i], text);
	}
}

int settings_read(struct system *system, const char *directory, struct settings *ret, struct error *err)
{
	struct settings settings = { .trouble = ERROR_INIT };
	settings.self = own_path();
	settings.path = memory_copy_string(from_environment("PATH", "/usr/local/bin:/usr/bin:/bin"));
	settings.token = memory_copy_string(from_environment("HCLOUD_TOKEN", NULL));
	environment_for_children(environ, &settings.children);
	environment_for_hcloud(environ, &settings.hcloud);
	char *token = getenv("HCLOUD_TOKEN");
	if (token) {
		memory_wipe(token, strlen(token));
		unsetenv("HCLOUD_TOKEN");
	}
	int result = find_state_directory(directory, &settings.state_directory, err);
	if (result == 0)
		result = make_absolute(&settings.state_directory, err);
	if (result == 0) {
		configure(system, &settings);
		result = make_absolute(&settings.box, err);
	}
	if (result == 0)
		result = make_absolute(&settings.kexec, err);
	if (result < 0) {
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
	arguments_release(&settings->hcloud);
	free(settings->token);
	free(settings->box);
	free(settings->kexec);
	free(settings->kexec_sha256);
	free(settings->image);
	free(settings->state_directory);
	arguments_release(&settings->children);
	arguments_release(&settings->locations);
	for (size_t i = 0; i < SIZES_COUNT; i++)
		arguments_release(&settings->sizes[i].types);
	configuration_release(&settings->configuration);
	*settings = (struct settings){ 0 };
}

const struct size_terms *settings_terms(const struct settings *settings, const char *size)
{
	static const struct size_terms none;
	for (size_t i = 0; i < SIZES_COUNT; i++)
		if (strcmp(size_at(i)->name, size) == 0)
			return &settings->sizes[i];
	return &none;
}

int settings_check_hours(const struct settings *settings, int64_t hours, struct error *err)
{
	if (hours < settings->minimum_hours)
		return error_set(
			err, ERROR_REFUSED, 0,
			"%lld hours are fewer than minimum-hours, %lld; 'ccc config show' says where that is set",
			(long long)hours, (long long)settings->minimum_hours);
	if (settings->maximum_hours && hours > settings->maximum_hours)
		return error_set(
			err, ERROR_REFUSED, 0,
			"%lld hours are more than maximum-hours, %lld; 'ccc config show' says where that is set",
			(long long)hours, (long long)settings->maximum_hours);
	return 0;
}

int settings_check(const struct settings *settings, struct error *err)
{
	if (settings->trouble.kind == ERROR_NONE)
		return 0;
	*err = settings->trouble;
	return -1;
}
