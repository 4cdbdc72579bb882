#ifndef COMMANDS_PARSE_H
#define COMMANDS_PARSE_H
#include "commands/command.h"

/* Reads `ccc [-C DIR] [-v] COMMAND ...` into command, options, arguments, format and
 * dry_run of the session. Errors are ERROR_USAGE and name the word at fault. A request for
 * help or the version becomes the command of that name. */
int parse_command_line(int argc, char **argv, struct session *ret, const char **ret_directory, struct error *err);

/* Options that every command takes; the last has no name. */
extern const struct option_spec common_options[];
#endif
