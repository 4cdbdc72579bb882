/*
 * Any bytes as a ccc.ini. What is taken is of the form that its kind has, from a line that there is; what is not is a
 * mistake with a line, told in one line of printable text; and what looks like a token is in neither (P5).
 */
#include <ctype.h>
#include <string.h>

#include "base/memory.h"
#include "fleet/configuration.h"
#include "property.h"

#define PATH   "/c.ini"
#define SECRET 40

static void check_values(const struct configuration *configuration, int lines)
{
	for (enum setting i = 0; i < SETTINGS_COUNT; i++) {
		const struct setting_value *value = &configuration->values[i];
		require(value->line >= 0 && value->line <= lines);
		require((value->source == SOURCE_FILE) == (value->text != NULL));
		if (!value->text)
			continue;
		require(settings_table[i].name && value->line > 0);
		require(setting_is_valid(&settings_table[i], value->text));
		require(settings_table[i].kind != KIND_PATH || *value->text == '/');
		require(strlen(value->text) <= CONFIGURATION_MAXIMUM);
	}
}

static void check_problems(const struct configuration *configuration, int lines)
{
	for (size_t i = 0; i < configuration->problem_count; i++) {
		const struct configuration_problem *problem = &configuration->problems[i];
		require(problem->line > 0 && problem->line <= lines);
		require(i == 0 || configuration->problems[i - 1].line < problem->line);
		require(strncmp(problem->message, PATH ":", strlen(PATH ":")) == 0);
		for (const char *byte = problem->message; *byte; byte++)
			require((unsigned char)*byte >= ' ' && *byte != 0x7f);
	}
}

/* As many letters and digits in a row as make a token are in no message. */
static void check_secrets(const struct configuration *configuration, const char *bytes, size_t size)
{
	char start[SECRET + 1] = "";
	for (size_t at = 0, length = 0; at < size; at++) {
		length = isalnum((unsigned char)bytes[at]) && bytes[at] > 0 ? length + 1 : 0;
		if (length != SECRET)
			continue;
		memcpy(start, bytes + at + 1 - SECRET, SECRET);
		for (size_t i = 0; i < configuration->problem_count; i++)
			require(!strstr(configuration->problems[i].message, start));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct configuration configuration;
	struct error error = ERROR_INIT;
	AUTO_FREE char *bytes = memory_new(size + 1);
	int lines = 1;
	if (size)
		memcpy(bytes, data, size);
	for (size_t i = 0; i < size; i++)
		lines += bytes[i] == '\n';
	configuration_init(&configuration);
	configuration_take_text(&configuration, PATH, bytes, size);
	configuration_compare(&configuration);
	check_values(&configuration, lines);
	check_problems(&configuration, lines);
	check_secrets(&configuration, bytes, size);
	require((configuration_check(&configuration, &error) < 0) == (configuration.problem_count > 0));
	configuration_release(&configuration);
	return 0;
}
