#include "commands/command.h"

#include <string.h>

#include "base/memory.h"
#include "commands/all.h"

const struct command *const commands[] = {
	&command_init,      &command_provision,
	&command_handover,  &command_list,
	&command_status,    &command_extend,
	&command_keys,      &command_deprovision,
	&command_ssh,       &command_suspend,
	&command_unsuspend, &command_reap,
	&command_resume,    &command_fsck,
	&command_whois,     &command_health,
	&command_doctor,    &command_selftest,
	&command_config,    &command_help,
	&command_version,   NULL,
};

const struct command *command_find(const char *name)
{
	for (size_t i = 0; commands[i]; i++)
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	return NULL;
}

bool command_option_repeats(const struct command *command, const char *name)
{
	for (size_t i = 0; i < ARRAY_LENGTH(command->repeats) && command->repeats[i]; i++)
		if (strcmp(command->repeats[i], name) == 0)
			return true;
	return false;
}

void command_print_usage(const struct command *command, struct text *ret)
{
	text_addf(ret, "usage: ccc %s%s%s\n\n%s\n", command->name, *command->usage ? " " : "", command->usage,
		  command->details);
	for (const struct option_spec *option = command->options; option->name; option++) {
		char left[64];
		snprintf(left, sizeof(left), "%c%c%s--%s%s%s", option->letter ? '-' : ' ',
			 option->letter ? option->letter : ' ', option->letter ? ", " : "  ", option->name,
			 option->argument ? " " : "", option->argument ? option->argument : "");
		text_addf(ret, "%s  %-26s %s\n", option == command->options ? "\n" : "", left, option->help);
	}
}
