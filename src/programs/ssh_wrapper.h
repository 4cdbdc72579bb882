#ifndef PROGRAMS_SSH_WRAPPER_H
#define PROGRAMS_SSH_WRAPPER_H
/*
 * nixos-anywhere turns host key checks off and takes no option against it. But it
 * calls plain `ssh`, and so do ssh-copy-id and `nix copy` on its behalf, and of options
 * given twice ssh obeys the first: so a script named ssh, first in PATH, pins them all.
 */
#include "base/error.h"
#include "programs/ssh.h"
#include "system/system.h"

/* Makes `directory` and <directory>/ssh in it, which runs the real ssh of the search
 * path `path` (without `directory`) with the pins of `target` before whatever it is given.
 * Its user and identity are left to the caller of the script. */
int ssh_wrapper_write(struct system *system, const char *directory, const char *path, const struct ssh_target *target,
		      struct error *err);
#endif
