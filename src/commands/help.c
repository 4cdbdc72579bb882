#include "base/json.h"
#include "commands/all.h"
#include "commands/parse.h"
#include "commands/view.h"

static void print_overview(struct text *ret)
{
	text_add_string(ret, "usage: ccc [-C DIR] [-v] COMMAND [-o json|table] ...\n\n"
			     "Lends time-boxed NixOS servers with Claude Code on Hetzner Cloud.\n\n");
	for (size_t i = 0; commands[i]; i++)
		text_addf(ret, "  %-12s %s\n", commands[i]->name, commands[i]->summary);
	text_add_string(ret, "\nOptions of every command:\n");
	for (const struct option_spec *option = common_options; option->name; option++)
		text_addf(ret, "  -%c, --%-10s %-8s %s\n", option->letter, option->name,
			  option->argument ? option->argument : "", option->help);
	text_add_string(ret, "\nExit codes:\n");
	int code;
	const char *meaning;
	for (size_t i = 0; error_exit_code_row(i, &code, &meaning); i++)
		text_addf(ret, "  %3d  %s\n", code, meaning);
	text_add_string(ret, "\nAn ID is what 'ccc list' shows, or the name of the server at Hetzner, cc-ID.\n"
			     "'ccc help COMMAND' says more about one.\n");
}

static json_t *describe(const struct command *command)
{
	json_t *options = json_array();
	for (const struct option_spec *option = command->options; option->name; option++) {
		char letter[2] = { option->letter, '\0' };
		json_array_append_new(options, json_pack("{s:s, s:s*, s:s*, s:s}", "name", option->name, "letter",
							 *letter ? letter : NULL, "argument", option->argument, "help",
							 option->help));
	}
	return json_pack("{s:s, s:s, s:s, s:s, s:o}", "name", command->name, "summary", command->summary, "usage",
			 command->usage, "details", command->details, "options", options);
}

/* One command, or all of them. */
static void print_json(struct session *session, const struct command *command)
{
	AUTO_JSON json_t *value = command ? describe(command) : json_array();
	for (size_t i = 0; !command && commands[i]; i++)
		json_array_append_new(value, describe(commands[i]));
	view_print_json(value, &session->output);
}

static int run(struct session *session, struct error *err)
{
	const struct command *command = NULL;
	if (session->argument_count)
		command = command_find(session->arguments[0]);
	if (session->argument_count && !command)
		return error_set(err, ERROR_USAGE, 0, "unknown command '%.60s'; 'ccc help' shows them",
				 session->arguments[0]);
	if (session->format == OUTPUT_JSON)
		print_json(session, command);
	else if (command)
		command_print_usage(command, &session->output);
	else
		print_overview(&session->output);
	return 0;
}

const struct command command_help = {
	.name = "help",
	.summary = "show all commands, or one",
	.usage = "[COMMAND]",
	.details = "Shows what there is, or how one command is used.",
	.max_arguments = 1,
	.run = run,
};
