#ifndef PROGRAMS_NIXOS_ANYWHERE_H
#define PROGRAMS_NIXOS_ANYWHERE_H
#include <stdbool.h>
#include <stdint.h>

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

/* A phase of its work, as its output tells them apart. */
struct nixos_anywhere_phase {
	const char *mark; /* how the line that opens it begins, between "### " and " ###" */
	const char *name; /* for people: "copying the system" */
	int64_t limit_s;  /* what takes longer does not come to an end by itself */
};

/* Before its first mark. */
extern const struct nixos_anywhere_phase nixos_anywhere_start;

/* The phase that a line of its output opens, or NULL. A mark that we don't know opens one without a mark,
 * whose name says so. Not freed. */
const struct nixos_anywhere_phase *nixos_anywhere_phase(const char *line);

/* `tail`, its last lines, say that the machine did not get into the installer and runs its old system. */
bool nixos_anywhere_fell_back(const char *tail);
#endif
