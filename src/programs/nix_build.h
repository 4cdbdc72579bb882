#ifndef PROGRAMS_NIX_BUILD_H
#define PROGRAMS_NIX_BUILD_H
#include <stddef.h>

#include "base/arguments.h"
#include "base/error.h"

/* Appends the command that builds what nix_instantiate_command() left at `derivation`, without
 * evaluating the box again. `link` is where the roots go that keep the results from garbage
 * collection (`link` and `link`-2). All are absolute paths. */
void nix_build_command(const char *derivation, const char *link, struct arguments *ret);

/* The same, evaluating the box first: as nix_instantiate_command() has it. */
void nix_build_box_command(const char *box, const char *instance_file, const char *link, struct arguments *ret);

/* The same to see that it can be built: leaves no roots. */
void nix_build_trial_command(const char *box, const char *instance_file, struct arguments *ret);

/* Reads the store paths from its standard output: the system first, then the disk
 * script, and nothing else. */
int nix_build_read_paths(const char *output, char *ret_toplevel, size_t toplevel_size, char *ret_disko_script,
			 size_t disko_script_size, struct error *err);
#endif
