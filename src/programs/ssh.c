#include "programs/ssh.h"

#include <string.h>

#include "base/memory.h"
#include "programs/quote.h"

#define WORD_MAXIMUM ((size_t)1 << 20) /* the kernel takes no longer one */

static const char *const fixed_options[] = {
	"BatchMode=yes",
	"GlobalKnownHostsFile=/dev/null",
	"StrictHostKeyChecking=yes",
	"HostKeyAlgorithms=ssh-ed25519", /* the one kind of host key that we make */
	"UpdateHostKeys=no",
	"IdentitiesOnly=yes",
	"IdentityAgent=none",
	"PasswordAuthentication=no",
	"KbdInteractiveAuthentication=no",
	"ServerAliveInterval=15",
	"ServerAliveCountMax=4",
	"LogLevel=ERROR",
};

static void add_option(struct arguments *ret, const char *option)
{
	arguments_add(ret, "-o");
	arguments_add(ret, option);
}

static void add_path_option(struct arguments *ret, const char *name, const char *path)
{
	AUTO_TEXT struct text option = TEXT_INIT(WORD_MAXIMUM);
	text_addf(&option, "%s=", name);
	quote_for_ssh_config(path, &option);
	add_option(ret, text_string(&option));
}

void ssh_pins(const struct ssh_target *target, struct arguments *ret)
{
	arguments_add(ret, "-F");
	arguments_add(ret, "/dev/null");
	for (size_t i = 0; i < ARRAY_LENGTH(fixed_options); i++)
		add_option(ret, fixed_options[i]);
	arguments_add(ret, "-o");
	arguments_addf(ret, "HostKeyAlias=%s", target->alias);
	add_path_option(ret, "UserKnownHostsFile", target->known_hosts);
	arguments_add(ret, "-o");
	arguments_addf(ret, "ConnectTimeout=%d", target->connect_timeout_s);
}

/* IdentityFile and not -i, which looks for the file before it understands %% in its name. */
static void add_destination(const struct ssh_target *target, struct arguments *ret)
{
	add_path_option(ret, "IdentityFile", target->identity);
	add_option(ret, "ClearAllForwardings=yes");
	arguments_add(ret, "-l");
	arguments_add(ret, target->user);
	arguments_add(ret, "--");
	arguments_add(ret, target->address);
}

void ssh_command(const struct ssh_target *target, const char *const *remote, struct arguments *ret)
{
	arguments_add(ret, "ssh");
	arguments_add(ret, "-T");
	ssh_pins(target, ret);
	add_destination(target, ret);
	for (; *remote; remote++) {
		AUTO_TEXT struct text word = TEXT_INIT(WORD_MAXIMUM);
		quote_for_shell(*remote, &word);
		arguments_add(ret, text_string(&word));
	}
}

void ssh_interactive_command(const struct ssh_target *target, const char *const *remote, bool with_terminal,
			     struct arguments *ret)
{
	arguments_add(ret, "ssh");
	if (with_terminal)
		arguments_add(ret, "-t");
	ssh_pins(target, ret);
	add_destination(target, ret);
	for (; remote && *remote; remote++)
		arguments_add(ret, *remote);
}

void ssh_known_hosts_line(const char *alias, const char *key, struct text *ret)
{
	text_addf(ret, "%s %s\n", alias, key);
}

/* What OpenSSH 9 prints before it gives up; the first that is found counts. */
static const struct symptom {
	const char *text;
	enum ssh_failure failure;
} symptoms[] = {
	{ "Host key verification failed", SSH_FAILURE_HOST_KEY },
	{ "HOST IDENTIFICATION HAS CHANGED", SSH_FAILURE_HOST_KEY },
	{ "host key is known for", SSH_FAILURE_HOST_KEY },
	{ "no matching host key type", SSH_FAILURE_HOST_KEY },
	{ "Permission denied", SSH_FAILURE_AUTH },
	{ "Too many authentication failures", SSH_FAILURE_AUTH },
};

enum ssh_failure ssh_failure_kind(int exit_status, const char *tail)
{
	if (exit_status == 0)
		return SSH_FAILURE_NONE;
	if (exit_status > 0 && exit_status != SSH_FAILED_ITSELF)
		return SSH_FAILURE_REMOTE;
	for (size_t i = 0; i < ARRAY_LENGTH(symptoms); i++)
		if (strstr(tail, symptoms[i].text))
			return symptoms[i].failure;
	return SSH_FAILURE_UNREACHABLE;
}
