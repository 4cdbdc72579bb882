#include "commands/all.h"
#include "commands/parse.h"

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
	text_add_string(ret, "\n'ccc help COMMAND' says more about one.\n");
}

static int run(struct session *session, struct error *err)
{
	if (session->argument_count == 0) {
		print_overview(&session->output);
		return 0;
	}
	const struct command *command = command_find(session->arguments[0]);
	if (!command)
		return error_set(err, ERROR_USAGE, 0, "unknown command '%s'; 'ccc help' shows them",
				 session->arguments[0]);
	command_print_usage(command, &session->output);
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
