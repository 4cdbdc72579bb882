#include "fleet/configuration.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/ini_text.h"
#include "base/memory.h"

#define WHERE_TOKEN "the API token stands in no file, and is read from the environment alone: export HCLOUD_TOKEN"

void configuration_init(struct configuration *configuration)
{
	*configuration = (struct configuration){ 0 };
}

void configuration_release(struct configuration *configuration)
{
	for (size_t i = 0; i < SETTINGS_COUNT; i++)
		free(configuration->values[i].text);
	for (size_t i = 0; i < configuration->problem_count; i++)
		free(configuration->problems[i].message);
	free(configuration->problems);
	free(configuration->file);
	configuration_init(configuration);
}

/* One a line; those of the file first, in its order. */
static void add_problem(struct configuration *configuration, int line, struct text *message)
{
	struct configuration_problem problem = { line, NULL };
	size_t at = configuration->problem_count;
	for (size_t i = 0; line > 0 && i < at; i++)
		if (configuration->problems[i].line == line)
			return;
	problem.message = text_take(message);
	configuration->problems = memory_grow(configuration->problems, at + 1, sizeof(problem));
	for (; at > 0 && line >= 0 &&
	       (configuration->problems[at - 1].line < 0 || configuration->problems[at - 1].line > line);
	     at--)
		configuration->problems[at] = configuration->problems[at - 1];
	configuration->problems[at] = problem;
	configuration->problem_count++;
}

__attribute__((format(printf, 3, 0))) static void complain(struct configuration *configuration, int line,
							   const char *format, va_list words)
{
	AUTO_TEXT struct text message = TEXT_INIT(8192);
	AUTO_TEXT struct text escaped = TEXT_INIT(8192);
	if (line >= 0)
		text_add_string(&message, configuration->file ? configuration->file : "ccc.ini");
	if (line > 0)
		text_addf(&message, ":%d", line);
	text_add_string(&message, line >= 0 ? ": " : "");
	text_vaddf(&message, format, words);
	text_add_escaped(&escaped, text_string(&message), message.length, false);
	add_problem(configuration, line, &escaped);
}

void configuration_complain(struct configuration *configuration, int line, const char *format, ...)
{
	va_list words;
	va_start(words, format);
	complain(configuration, line, format, words);
	va_end(words);
}

/* What looks like a token is not said again: messages end in logs and mails (P5). */
static void refuse_value(struct configuration *configuration, int line, const struct setting_spec *spec,
			 const char *name, const char *value)
{
	AUTO_TEXT struct text expectation = TEXT_INIT(512);
	setting_add_expectation(spec, &expectation);
	if (setting_looks_secret(value))
		configuration_complain(configuration, line,
				       "%s is something long that is not repeated here; expected %s", name,
				       text_string(&expectation));
	else
		configuration_complain(configuration, line, "%s is '%.80s'; expected %s", name, value,
				       text_string(&expectation));
}

static void on_section(void *data, int line, const char *section)
{
	if (setting_has_section(section))
		return;
	if (setting_looks_secret(section))
		configuration_complain(data, line, "this is no section of ccc.ini; " WHERE_TOKEN);
	else
		configuration_complain(data, line, "there is no section [%.40s]; 'ccc config sample' shows them",
				       section);
}

static bool is_elsewhere(const char *section, const char *name, const char **ret_section)
{
	for (size_t i = 0; i < SETTINGS_COUNT; i++)
		if (settings_table[i].name && strcmp(settings_table[i].name, name) == 0 &&
		    strcmp(settings_table[i].section, section) != 0) {
			*ret_section = settings_table[i].section;
			return true;
		}
	return false;
}

static void refuse_name(struct configuration *configuration, int line, const char *section, const char *name)
{
	const char *other;
	if (setting_is_named_secret(name) || setting_looks_secret(name))
		configuration_complain(configuration, line, "this does not belong here; " WHERE_TOKEN);
	else if (is_elsewhere(section, name, &other))
		configuration_complain(configuration, line, "%s stands in the wrong section; it belongs below [%s]",
				       name, other);
	else if (!*section)
		configuration_complain(configuration, line,
				       "'%.40s' stands before the first [section]; 'ccc config sample' shows them",
				       name);
	else
		configuration_complain(configuration, line,
				       "there is no setting '%.40s' in [%.40s]; 'ccc config sample' shows them", name,
				       section);
}

static void on_value(void *data, int line, const char *section, const char *name, const char *value)
{
	struct configuration *configuration = data;
	enum setting setting = setting_find(section, name);
	if (setting == SETTINGS_COUNT) {
		if (!*section || setting_has_section(section))
			refuse_name(configuration, line, section, name);
		return;
	}
	const struct setting_spec *spec = &settings_table[setting];
	struct setting_value *told = &configuration->values[setting];
	if (told->line) {
		configuration_complain(configuration, line, "%s stands in line %d already; expected once", name,
				       told->line);
		return;
	}
	told->line = line;
	if (!setting_is_valid(spec, value) || (spec->kind == KIND_PATH && *value != '/')) {
		refuse_value(configuration, line, spec, name, value);
		return;
	}
	told->text = memory_copy_string(value);
	told->source = SOURCE_FILE;
}

static void on_problem(void *data, int line, const char *what)
{
	configuration_complain(data, line, "%s", what);
}

void configuration_take_text(struct configuration *configuration, const char *path, const char *bytes, size_t length)
{
	static const struct ini_text_reader reader = { on_section, on_value, on_problem };
	free(configuration->file);
	configuration->file = memory_copy_string(path);
	ini_text_read(bytes, length, &reader, configuration);
}

void configuration_take_variable(struct configuration *configuration, enum setting setting, const char *value)
{
	const struct setting_spec *spec = &settings_table[setting];
	struct setting_value *told = &configuration->values[setting];
	if (!setting_is_valid(spec, value)) {
		refuse_value(configuration, -1, spec, spec->variable, value);
		return;
	}
	free(told->text);
	told->text = memory_copy_string(value);
	told->source = SOURCE_ENVIRONMENT;
}

const char *configuration_value(const struct configuration *configuration, enum setting setting)
{
	const char *text = configuration->values[setting].text;
	return text ? text : settings_table[setting].standard;
}

void configuration_compare(struct configuration *configuration)
{
	const char *minimum = configuration_value(configuration, SETTING_MINIMUM_HOURS);
	const char *maximum = configuration_value(configuration, SETTING_MAXIMUM_HOURS);
	const struct setting_value *low = &configuration->values[SETTING_MINIMUM_HOURS];
	const struct setting_value *high = &configuration->values[SETTING_MAXIMUM_HOURS];
	const struct setting_value *told = high->source == SOURCE_DEFAULT ? low : high;
	if (strtol(minimum, NULL, 10) > strtol(maximum, NULL, 10))
		configuration_complain(configuration, told->source == SOURCE_FILE ? told->line : -1,
				       "minimum-hours is %s and maximum-hours %s; expected no more than that", minimum,
				       maximum);
}

int configuration_check(const struct configuration *configuration, struct error *err)
{
	size_t more = configuration->problem_count - 1;
	if (!configuration->problem_count)
		return 0;
	const char *first = configuration->problems[0].message;
	if (!more)
		return error_set(err, ERROR_USAGE, 0, "%s", first);
	return error_set(err, ERROR_USAGE, 0, "%s (and %zu more; 'ccc config check' shows them)", first, more);
}
