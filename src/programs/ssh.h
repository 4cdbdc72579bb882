#ifndef PROGRAMS_SSH_H
#define PROGRAMS_SSH_H
/*
 * The operator's ways into a machine with OpenSSH. Every one is pinned (P6): the
 * host key must be in the known-hosts file given, under the alias and not under the
 * address, which Hetzner gives to somebody else tomorrow. Nothing of the operator's own
 * configuration, agent or known hosts takes part.
 */
#include <stdbool.h>

#include "base/arguments.h"
#include "base/text.h"

struct ssh_target {        /* borrowed */
	const char *alias; /* name of the machine in known_hosts: "cc-<id>" */
	const char *address;
	const char *user;
	const char *identity;    /* private key file, absolute path */
	const char *known_hosts; /* absolute path */
	int connect_timeout_s;
};

/* Appends the command that runs `remote` (words, NULL-terminated) without a terminal
 * and without ever asking. Each word arrives as it is. */
void ssh_command(const struct ssh_target *target, const char *const *remote, struct arguments *ret);

/* Appends the command for a person: `remote` (NULL or empty for a login shell) goes to the
 * remote shell as ssh itself would pass it; with_terminal asks for one there. */
void ssh_interactive_command(const struct ssh_target *target, const char *const *remote, bool with_terminal,
			     struct arguments *ret);

/* Appends the options ("-F", "/dev/null", "-o", ...) that pin the host key and keep
 * everything else out. */
void ssh_pins(const struct ssh_target *target, struct arguments *ret);

/* Appends a line of known_hosts, with its newline. `key` is "type base64". */
void ssh_known_hosts_line(const char *alias, const char *key, struct text *ret);

#define SSH_FAILED_ITSELF 255 /* its exit status for failures of its own */

enum ssh_failure {
	SSH_FAILURE_NONE = 0,
	SSH_FAILURE_REMOTE,      /* the command ran there and failed */
	SSH_FAILURE_HOST_KEY,    /* another host key than the pinned one */
	SSH_FAILURE_AUTH,        /* our key was refused */
	SSH_FAILURE_UNREACHABLE, /* all else, time-outs too */
};

/* Why ssh failed: `exit_status` is its own (-1 when a signal ended it), `tail` its last lines. */
enum ssh_failure ssh_failure_kind(int exit_status, const char *tail);
#endif
