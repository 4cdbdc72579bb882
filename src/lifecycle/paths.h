#ifndef LIFECYCLE_PATHS_H
#define LIFECYCLE_PATHS_H
/* Files of an instance, below instances/<id>/, and the pinned ways to its machine. */
#include "lifecycle/run.h"
#include "programs/ssh.h"

#define PATH_BOOTSTRAP_KEY "bootstrap_key" /* until the server has it */
#define PATH_EXTRA         "extra"         /* copied over the installed system, then removed */
#define PATH_HOST_KEY      PATH_EXTRA "/etc/ssh/ssh_host_ed25519_key" /* until the box has it */
#define PATH_KNOWN_HOSTS   "known_hosts"
#define PATH_WRAPPER       "bin" /* the pinning ssh, first in nixos-anywhere's PATH */
#define PATH_INSTANCE_FILE "instance.json"
#define PATH_DERIVATION    "derivation" /* what evaluation gave: roots of store paths, as the next */
#define PATH_RESULT        "result"

enum pin { PIN_BOOTSTRAP = 1, PIN_LASTING = 2 };

/* Writes known_hosts so that exactly these keys are trusted (enum pin, or'ed). */
int paths_pin(struct activity *activity, unsigned pins, struct error *err);

/* Removes what a run that was killed had begun to write there. Under the instance's lease;
 * such files are harmless, so what can't be removed stays. */
void paths_sweep(struct system *system, const struct store *store, const char *id);

/* The operator's way in. The strings live until connection_release(). */
struct connection {
	struct ssh_target target;
	char *identity, *known_hosts, *alias;
};
void connection_init(struct connection *connection, const struct store *store, const struct record *record,
		     const char *user);
void connection_release(struct connection *connection);

/* Runs `remote` (words, NULL-terminated) on the machine as root, pinned. */
void paths_ssh(struct activity *activity, const char *const *remote, int64_t deadline_ms, activity_child_fn *done);

/* The same; it reads what is in that file. */
void paths_ssh_reading(struct activity *activity, const char *const *remote, const char *input_path,
		       int64_t deadline_ms, activity_child_fn *done);
#endif
