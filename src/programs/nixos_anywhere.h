#ifndef PROGRAMS_NIXOS_ANYWHERE_H
#define PROGRAMS_NIXOS_ANYWHERE_H
#include "base/arguments.h"

struct nixos_anywhere_order { /* borrowed */
	const char *address;
	const char *user;
	const char *identity;     /* private key file */
	const char *disko_script; /* store paths */
	const char *toplevel;
	const char *kexec;       /* installer tarball, or NULL for its own choice */
	const char *extra_files; /* folder that is copied over the new root, or NULL */
};

/* Appends the command that installs what was built already. It needs the pinning ssh
 * of ssh_wrapper.h first in PATH, stdin from /dev/null and a deadline: when SSH refuses it,
 * it tries again for ever. Exit status 0 only means that SSH stopped answering at the end. */
void nixos_anywhere_command(const struct nixos_anywhere_order *order, struct arguments *ret);

/* What a line of its output says of the progress: NULL when it says nothing; a short
 * phrase for the marks "### ... ###" that we know; the line itself for one that we don't. */
const char *nixos_anywhere_phase(const char *line);
#endif
