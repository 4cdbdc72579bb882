#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/table.h"
#include "base/text.h"
#include "commands/all.h"
#include "commands/view.h"
#include "fleet/configuration_file.h"

/* --- sample ------------------------------------------------------------------------ */

static const char sample_head[] =
	"# ccc.ini: how this operator wants things done. All of it may be left out. The lines that begin with '#' and "
	"a\n"
	"# name show what holds unless said, or an example where nothing does. A comment has a line of its own.\n"
	"#\n"
	"# It lies in the state directory, or as ccc/ccc.ini in $XDG_CONFIG_HOME (else ~/.config), or as "
	"/etc/ccc/ccc.ini;\n"
	"# CCC_CONFIG names another. The first of these that is there counts, alone. It must belong to root or to who "
	"runs\n"
	"# ccc, and nobody else may write it. An option of a command beats the environment, and that beats this file.\n"
	"# 'ccc config check' looks for mistakes, 'ccc config show' says what holds, and where it is from.\n"
	"#\n"
	"# The API token never stands here: it is read from the environment alone, HCLOUD_TOKEN.\n";

static void explain(const struct setting_spec *spec, struct text *ret)
{
	text_addf(ret, "\n# %c%s.\n# Expected: ", toupper((unsigned char)*spec->help), spec->help + 1);
	setting_add_expectation(spec, ret);
	text_addf(ret, ".%s\n", spec->standard ? "" : " Not set unless said.");
	if (spec->variable)
		text_addf(ret, "# Environment: %s.%s%s%s\n", spec->variable, spec->option ? " Option: " : "",
			  spec->option ? spec->option : "", spec->option ? "." : "");
}

/* What was said of one size goes for the others. */
static bool is_explained(enum setting setting)
{
	return setting >= SETTING_SIZES + SETTINGS_OF_A_SIZE && setting < SETTING_BOX;
}

static int print_sample(struct session *session, struct error *err)
{
	const char *section = "";
	(void)err;
	text_add_string(&session->output, sample_head);
	for (enum setting i = 0; i < SETTINGS_COUNT; i++) {
		const struct setting_spec *spec = &settings_table[i];
		if (!spec->name)
			continue;
		if (strcmp(spec->section, section) != 0)
			text_addf(&session->output, "\n[%s]\n", spec->section);
		section = spec->section;
		if (!is_explained(i))
			explain(spec, &session->output);
		text_addf(&session->output, "#%s = %s\n", spec->name, spec->standard ? spec->standard : spec->example);
	}
	return 0;
}

/* --- check ------------------------------------------------------------------------- */

static void list_problems(struct session *session, const struct configuration *configuration)
{
	AUTO_JSON json_t *problems = json_array();
	for (size_t i = 0; i < configuration->problem_count; i++) {
		const struct configuration_problem *problem = &configuration->problems[i];
		bool of_file = problem->line >= 0;
		json_array_append_new(problems,
				      json_pack("{s:s?, s:o, s:s}", "file", of_file ? configuration->file : NULL,
						"line", problem->line > 0 ? json_integer(problem->line) : json_null(),
						"message", problem->message));
		if (session->format == OUTPUT_TABLE)
			text_addf(&session->output, "%s\n", problem->message);
	}
	if (session->format == OUTPUT_JSON)
		view_print_json(problems, &session->output);
}

/* A file that was named, or all that a command would go by. */
static int check(struct session *session, struct error *err)
{
	const struct configuration *configuration = &session->settings.configuration;
	struct configuration named;
	configuration_init(&named);
	if (session->argument_count > 1) {
		configuration_take_file(session->system, session->arguments[1], &named);
		configuration_compare(&named);
		configuration = &named;
	}
	size_t count = configuration->problem_count;
	list_problems(session, configuration);
	if (!count && session->format == OUTPUT_TABLE)
		text_addf(&session->output, "ok: %s\n",
			  configuration->file ? configuration->file : "there is no ccc.ini, so the defaults hold");
	configuration_release(&named);
	return count ? error_set(err, ERROR_USAGE, 0, "%zu mistake%s in ccc.ini or the environment", count,
				 text_plural(count))
		     : 0;
}

/* --- show -------------------------------------------------------------------------- */

struct view {
	struct table *table;
	json_t *settings;
};

static void add_row(struct view *view, const char *name, const char *value, const char *from)
{
	const char *cells[] = { name, value ? value : "-", from };
	table_add_row(view->table, cells);
	json_array_append_new(view->settings,
			      json_pack("{s:s, s:s?, s:s}", "setting", name, "value", value, "from", from));
}

static void show_setting(struct view *view, const struct configuration *configuration, enum setting setting)
{
	const struct setting_spec *spec = &settings_table[setting];
	const struct setting_value *value = &configuration->values[setting];
	AUTO_TEXT struct text name = TEXT_INIT(256);
	AUTO_TEXT struct text from = TEXT_INIT(8192);
	if (spec->name)
		text_addf(&name, "%s.%s", spec->section, spec->name);
	else
		text_add_string(&name, spec->variable);
	if (value->source == SOURCE_FILE)
		text_addf(&from, "%s:%d", configuration->file, value->line);
	else
		text_add_string(&from, value->source == SOURCE_ENVIRONMENT ? spec->variable : "default");
	add_row(view, text_string(&name), configuration_value(configuration, setting), text_string(&from));
}

static void show_directory(struct view *view, const struct session *session)
{
	const char *from = session_option(session, "directory") ? "-C"
			   : getenv("CCC_STATE_DIR")            ? "CCC_STATE_DIR"
								: "default";
	add_row(view, "state directory", session->settings.state_directory, from);
}

static void show_file(struct view *view, const struct session *session)
{
	AUTO_ARGUMENTS struct arguments places = ARGUMENTS_INIT;
	AUTO_TEXT struct text looked = TEXT_INIT(16384);
	const char *file = session->settings.configuration.file;
	bool named;
	configuration_places(session->settings.state_directory, &places, &named);
	text_add_string(&looked, named ? "CCC_CONFIG" : file ? "found" : "none of");
	for (size_t i = 0; !file && i < places.count; i++)
		text_addf(&looked, " %s", places.items[i]);
	add_row(view, "ccc.ini", file, text_string(&looked));
}

static int show(struct session *session, struct error *err)
{
	static const char *const headings[] = { "SETTING", "VALUE", "FROM" };
	struct view view = { table_new(ARRAY_LENGTH(headings), headings), json_array() };
	show_directory(&view, session);
	show_file(&view, session);
	for (enum setting i = 0; i < SETTINGS_COUNT; i++)
		show_setting(&view, &session->settings.configuration, i);
	if (session->format == OUTPUT_JSON)
		view_print_json(view.settings, &session->output);
	else
		table_print(view.table, &session->output);
	table_free(view.table);
	json_decref(view.settings);
	return settings_check(&session->settings, err);
}

/* --- the command ------------------------------------------------------------------- */

static int run(struct session *session, struct error *err)
{
	static const struct {
		const char *name;
		size_t arguments; /* at most */
		int (*run)(struct session *session, struct error *err);
	} actions[] = { { "sample", 1, print_sample }, { "check", 2, check }, { "show", 1, show } };
	for (size_t i = 0; i < ARRAY_LENGTH(actions); i++) {
		if (strcmp(actions[i].name, session->arguments[0]) != 0)
			continue;
		if (session->argument_count > actions[i].arguments)
			return error_set(err, ERROR_USAGE, 0, "unexpected '%s'; usage: ccc config %s",
					 session->arguments[actions[i].arguments], command_config.usage);
		return actions[i].run(session, err);
	}
	return error_set(err, ERROR_USAGE, 0, "unknown '%s'; usage: ccc config %s", session->arguments[0],
			 command_config.usage);
}

const struct command command_config = {
	.name = "config",
	.summary = "print a commented ccc.ini, look for mistakes in one, show what holds",
	.usage = "sample | check [FILE] | show",
	.details = "sample prints a ccc.ini with every setting, what it may be and what it is unless said: all of it "
		   "commented\n"
		   "out, to be stored as it is and changed. check reads the file that counts, and the environment, or "
		   "only\n"
		   "the FILE named, and prints each mistake with its line and what was expected. show prints every "
		   "setting,\n"
		   "its value and where that is from: an option beats the environment, that beats ccc.ini, that the "
		   "default.\n"
		   "The token is in none of it.",
	.min_arguments = 1,
	.max_arguments = 2,
	.run = run,
};
