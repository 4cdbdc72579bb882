#include "commands/parse.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "commands/all.h"
#include "instance/names.h"

const struct option_spec common_options[] = {
	{ "directory", 'C', "DIR", "state directory (else CCC_STATE_DIR, $XDG_STATE_HOME/ccc, ~/.local/state/ccc)" },
	{ "output", 'o', "FORMAT", "table (default) or json" },
	{ "verbose", 'v', NULL, "say more" },
	{ "help", 'h', NULL, "show how the command is used" },
	{ NULL, 0, NULL, NULL },
};

/* getopt_long's view of a command's options: its own first, then the common ones. */
struct view {
	const struct option_spec *specs[OPTIONS_MAXIMUM + 8];
	struct option longs[OPTIONS_MAXIMUM + 9];
	char letters[3 * (OPTIONS_MAXIMUM + 8) + 3];
	int count;
};

static void view_add(struct view *view, const struct option_spec *specs)
{
	for (; specs && specs->name; specs++) {
		size_t end = strlen(view->letters);
		int index = view->count++;
		view->specs[index] = specs;
		view->longs[index] = (struct option){ specs->name, specs->argument ? required_argument : no_argument,
						      NULL, 256 + index };
		if (specs->letter) {
			view->letters[end++] = specs->letter;
			if (specs->argument)
				view->letters[end] = ':';
		}
	}
}

static const struct option_spec *view_find(const struct view *view, int code)
{
	if (code >= 256)
		return view->specs[code - 256];
	for (int i = 0; i < view->count; i++)
		if (view->specs[i]->letter && view->specs[i]->letter == (char)code)
			return view->specs[i];
	return NULL;
}

static int set_format(struct session *session, const char *value, struct error *err)
{
	if (strcmp(value, "json") == 0)
		session->format = OUTPUT_JSON;
	else if (strcmp(value, "table") == 0)
		session->format = OUTPUT_TABLE;
	else
		return error_set(err, ERROR_USAGE, 0, "unknown output format '%.60s'; expected 'table' or 'json'",
				 value);
	return 0;
}

/* What a common option means; the others are the command's. */
static int take_common(struct session *session, const struct option_spec *option, const char *value,
		       const char **directory, bool *help, struct error *err)
{
	if (strcmp(option->name, "directory") == 0)
		*directory = value;
	else if (strcmp(option->name, "output") == 0)
		return set_format(session, value, err);
	else if (strcmp(option->name, "verbose") == 0)
		session->verbose = true;
	else if (strcmp(option->name, "help") == 0)
		*help = true;
	return 0;
}

/* getopt has gone past a word that it does not know, unless it is a letter among others: "-vx". */
static int refuse_option(int code, char **argv, const struct command *command, struct error *err)
{
	char letter[] = { '-', (char)optopt, '\0' };
	const char *word = optopt != 0 && optopt < 256 ? letter : argv[optind - 1];
	return error_set(err, ERROR_USAGE, 0,
			 code == ':' ? "option '%.60s' needs a value; see 'ccc help%s%s'"
				     : "unknown option '%.60s'; see 'ccc help%s%s'",
			 word, command ? " " : "", command ? command->name : "");
}

/* Which of two values was meant is not guessed. */
static bool is_repeated(const struct session *session, const struct option_spec *option)
{
	if (!option->argument || (session->command && command_option_repeats(session->command, option->name)))
		return false;
	for (size_t i = 0; i < session->given_count; i++)
		if (session->given[i].option == option)
			return true;
	return false;
}

static int take_option(struct session *session, const struct option_spec *option, const char **directory, bool *help,
		       struct error *err)
{
	if (session->given_count == GIVEN_MAXIMUM)
		return error_set(err, ERROR_USAGE, 0, "more than %d options", GIVEN_MAXIMUM);
	if (is_repeated(session, option))
		return error_set(err, ERROR_USAGE, 0,
				 "option '--%s' is given more than once, and takes one value; see 'ccc help%s%s'",
				 option->name, session->command ? " " : "",
				 session->command ? session->command->name : "");
	session->given[session->given_count++] = (struct given){ option, optarg };
	return take_common(session, option, optarg, directory, help, err);
}

/* Reads options from argv[optind] on. With stop_at_command the first other word ends it. It goes on after an error,
 * so that the command, and how it wants its failures said, is known; the first one counts. */
static int read_options(int argc, char **argv, const struct command *command, bool stop_at_command,
			struct session *session, const char **directory, bool *help, struct error *err)
{
	struct view view = { 0 };
	memcpy(view.letters, stop_at_command ? "+:" : ":", stop_at_command ? 3 : 2);
	if (command)
		view_add(&view, command->options);
	view_add(&view, common_options);
	opterr = 0;
	int code;
	while ((code = getopt_long(argc, argv, view.letters, view.longs, NULL)) != -1) {
		struct error error = ERROR_INIT;
		const struct option_spec *option = view_find(&view, code);
		int taken = option ? take_option(session, option, directory, help, &error)
				   : refuse_option(code, argv, command, &error);
		if (taken < 0 && err->kind == ERROR_NONE)
			*err = error;
	}
	return err->kind == ERROR_NONE ? 0 : -1;
}

static int check_count(const struct session *session, struct error *err)
{
	const struct command *command = session->command;
	int count = (int)session->argument_count;
	if (count < command->min_arguments)
		return error_set(err, ERROR_USAGE, 0, "'ccc %s' needs more: ccc %s %s", command->name, command->name,
				 command->usage);
	if (command->max_arguments >= 0 && count > command->max_arguments)
		return error_set(err, ERROR_USAGE, 0, "unexpected '%.60s'; usage: ccc %s%s%s",
				 session->arguments[command->max_arguments], command->name, *command->usage ? " " : "",
				 command->usage);
	return 0;
}

/* Each that is an instance id may be given as the name of its server. */
static void read_ids(struct session *session)
{
	int ids = session->command->ids;
	for (size_t i = 0; i < session->argument_count && (ids < 0 || i < (size_t)ids); i++) {
		char *word = session->arguments[i];
		session->arguments[i] = word + (instance_id_in(word) - word);
	}
}

int parse_command_line(int argc, char **argv, struct session *ret, const char **ret_directory, struct error *err)
{
	bool help = false;
	if (argc > 1 && strcmp(argv[1], "--version") == 0) {
		ret->command = &command_version;
		return 0;
	}
	int result = read_options(argc, argv, NULL, true, ret, ret_directory, &help, err);
	ret->command = optind < argc ? command_find(argv[optind]) : NULL; /* it may have its own way to say a failure */
	if (result < 0)
		return -1;
	if (help) {
		ret->command = &command_help;
		return 0;
	}
	if (optind >= argc)
		return error_set(err, ERROR_USAGE, 0, "no command; 'ccc help' shows them");
	if (!ret->command)
		return error_set(err, ERROR_USAGE, 0, "unknown command '%.60s'; 'ccc help' shows them", argv[optind]);
	char *name = argv[optind];
	argc -= optind;
	argv += optind;
	optind = 0; /* glibc: start anew, on the rest */
	if (read_options(argc, argv, ret->command, false, ret, ret_directory, &help, err) < 0)
		return -1;
	ret->arguments = argv + optind;
	ret->argument_count = (size_t)(argc - optind);
	ret->dry_run = session_flag(ret, "dry-run");
	if (help) {
		ret->command = &command_help;
		argv[0] = name;
		ret->arguments = argv;
		ret->argument_count = 1;
		return 0;
	}
	read_ids(ret);
	return check_count(ret, err);
}
