#include "programs/nix_facts.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"

void nix_version_command(struct arguments *ret)
{
	arguments_add(ret, "nix-instantiate");
	arguments_add(ret, "--eval");
	arguments_add(ret, "--strict");
	arguments_add(ret, "--json");
	arguments_add(ret, "-E");
	arguments_add(ret, "{ version = builtins.nixVersion; system = builtins.currentSystem; }");
}

int nix_version_read(const char *output, char *ret_version, size_t version_size, char *ret_system, size_t system_size,
		     struct error *err)
{
	const char *version, *system;
	AUTO_JSON json_t *object = json_parse(output, strlen(output), err);
	if (!object || json_get_string(object, "version", &version, err) < 0 ||
	    json_get_string(object, "system", &system, err) < 0) {
		error_wrap(err, "nix-instantiate does not say which Nix it is");
		return -1;
	}
	text_copy(ret_version, version_size, version);
	text_copy(ret_system, system_size, system);
	return 0;
}

/* Takes one number of a version; false when there is none. */
static bool take_number(const char **version, unsigned long *ret)
{
	char *end;
	if (**version < '0' || **version > '9')
		return false;
	*ret = strtoul(*version, &end, 10);
	*version = end;
	return true;
}

bool nix_version_is_at_least(const char *version, const char *minimum)
{
	for (;;) {
		unsigned long ours, wanted;
		if (!take_number(&minimum, &wanted) || !take_number(&version, &ours))
			return false;
		if (ours != wanted)
			return ours > wanted;
		if (*minimum != '.')
			return *minimum == '\0';
		minimum++;
		version += *version == '.';
	}
}

void nix_settings_command(bool older, struct arguments *ret)
{
	arguments_add(ret, "nix");
	arguments_add(ret, "--extra-experimental-features");
	arguments_add(ret, "nix-command");
	arguments_add(ret, older ? "show-config" : "config");
	if (!older)
		arguments_add(ret, "show");
}

void nix_setting(const char *output, const char *name, char *ret, size_t size)
{
	size_t name_length = strlen(name);
	ret[0] = '\0';
	for (const char *line = output; *line;) {
		size_t length = strcspn(line, "\n");
		if (length >= name_length + 3 && strncmp(line, name, name_length) == 0 &&
		    strncmp(line + name_length, " = ", 3) == 0) {
			size_t value = length - name_length - 3;
			value = value < size ? value : size - 1;
			memcpy(ret, line + name_length + 3, value);
			ret[value] = '\0';
			return;
		}
		line += length + (line[length] == '\n');
	}
}

bool nix_setting_has(const char *value, const char *word)
{
	size_t size = strlen(word);
	for (value += strspn(value, " \t\n"); *value; value += strspn(value, " \t\n")) {
		size_t length = strcspn(value, " \t\n");
		if (length == size && memcmp(value, word, size) == 0)
			return true;
		value += length;
	}
	return false;
}
