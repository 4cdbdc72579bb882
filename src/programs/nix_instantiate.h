#ifndef PROGRAMS_NIX_INSTANTIATE_H
#define PROGRAMS_NIX_INSTANTIATE_H
#include "base/arguments.h"

/* Appends the command that evaluates a box with an instance's parameters and builds nothing. `box` is the
 * folder of its default.nix, `instance_file` its parameters, `link` where it leaves what is to be built: links
 * to two derivations (`link` and `link`-2) that keep them from garbage collection; all absolute paths. */
void nix_instantiate_command(const char *box, const char *instance_file, const char *link, struct arguments *ret);

/* Appends what names a box with parameters, and the two things that every box gives, to any of Nix's commands. */
void nix_box_arguments(const char *box, const char *instance_file, struct arguments *ret);
#endif
