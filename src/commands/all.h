#ifndef COMMANDS_ALL_H
#define COMMANDS_ALL_H
#include "commands/command.h"

extern const struct command command_init, command_provision, command_list, command_status, command_extend,
	command_deprovision, command_ssh, command_reap, command_resume, command_doctor, command_help, command_version,
	command_keys, command_suspend, command_unsuspend;
#endif
