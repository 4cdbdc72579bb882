#ifndef FLEET_TOOLS_H
#define FLEET_TOOLS_H
/* What this machine must have before a server can be made: programs in PATH, and a box. What is
 * missing is the operator's to mend, so each message says how. */
#include "fleet/settings.h"
#include "system/system.h"

#define TOOLS_COUNT 5
extern const char *const tools_names[TOOLS_COUNT];

/* Absolute path of the program, which the caller frees; or NULL with *err filled. */
char *tools_find(const struct settings *settings, const char *name, struct error *err);

/* That the settings are sound, and the folder of the box holds a default.nix. */
int tools_check_box(struct system *system, const struct settings *settings, struct error *err);

/* That the settings are sound, and the installer has the digest that it has to have. Without CCC_KEXEC, or where no
 * digest is told, there is nothing to be checked. It reads the whole file: a second or less. */
int tools_check_kexec(struct system *system, const struct settings *settings, struct error *err);

/* All of it, and that the box's requirements.json can be read: the first thing that is missing is the error. */
int tools_check(struct system *system, const struct settings *settings, struct error *err);
#endif
