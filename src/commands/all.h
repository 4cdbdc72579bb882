#ifndef COMMANDS_ALL_H
#define COMMANDS_ALL_H
#include "commands/command.h"

extern const struct command command_init, command_provision, command_list, command_status, command_extend, command_keys,
	command_deprovision, command_ssh, command_suspend, command_unsuspend, command_reap, command_resume,
	command_handover, command_fsck, command_whois, command_health, command_doctor, command_selftest, command_config,
	command_help, command_version;
#endif
