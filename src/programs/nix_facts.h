#ifndef PROGRAMS_NIX_FACTS_H
#define PROGRAMS_NIX_FACTS_H
/* What a Nix says of itself: its version, and how it is set. */
#include <stdbool.h>
#include <stddef.h>

#include "base/arguments.h"
#include "base/error.h"

/* Appends a command that every Nix takes and that touches no store. */
void nix_version_command(struct arguments *ret);

/* Reads its output: the version ("2.18.1") and the system that it builds for by itself ("x86_64-linux"). */
int nix_version_read(const char *output, char *ret_version, size_t version_size, char *ret_system, size_t system_size,
		     struct error *err);

/* `version` is `minimum` ("2.18") or newer; what is no version is not. */
bool nix_version_is_at_least(const char *version, const char *minimum);

/* Appends the command that prints all settings, as "name = value" lines: as it is called since 2.20, or as older
 * ones know it. */
void nix_settings_command(bool older, struct arguments *ret);

/* Copies the value out of that output, cut to `size`; "" when it has none. */
void nix_setting(const char *output, const char *name, char *ret, size_t size);

/* The word is one of those between blanks. */
bool nix_setting_has(const char *value, const char *word);
#endif
