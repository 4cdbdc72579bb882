#include "programs/nixos_anywhere.h"

#include <string.h>

#include "base/memory.h"

void nixos_anywhere_command(const struct nixos_anywhere_order *order, struct arguments *ret)
{
	const char *const words[] = { "nixos-anywhere",    "--build-on",    "local", "--store-paths",
				      order->disko_script, order->toplevel, "-i",    order->identity };
	for (size_t i = 0; i < ARRAY_LENGTH(words); i++)
		arguments_add(ret, words[i]);
	if (order->kexec) {
		arguments_add(ret, "--kexec");
		arguments_add(ret, order->kexec);
	}
	if (order->extra_files) {
		arguments_add(ret, "--extra-files");
		arguments_add(ret, order->extra_files);
	}
	arguments_add(ret, "--target-host");
	arguments_addf(ret, "%s@%s", order->user, order->address);
}

/* How its marks begin, and what we call the phase that they open. */
static const struct phase {
	const char *mark;
	const char *phase;
} phases[] = {
	{ "Uploading install SSH keys", "connecting" },
	{ "Gathering machine facts", "looking at the machine" },
	{ "Switching system into kexec", "booting the installer" },
	{ "Formatting hard drive with disko", "partitioning the disk" },
	{ "Uploading the system closure", "copying the system" },
	{ "Building the system closure", "building the system" },
	{ "Copying extra files", "copying the host key" },
	{ "Installing NixOS", "installing" },
	{ "Waiting for the machine to become unreachable", "rebooting" },
	{ "Rebooting", "rebooting" },
	{ "Done!", "installed" },
};

const char *nixos_anywhere_phase(const char *line)
{
	static const char edge[] = "### ";
	size_t length = strlen(line);
	if (strncmp(line, edge, strlen(edge)) != 0 || length < 2 * strlen(edge) ||
	    strcmp(line + length - 4, " ###") != 0)
		return NULL;
	for (size_t i = 0; i < ARRAY_LENGTH(phases); i++)
		if (strncmp(line + strlen(edge), phases[i].mark, strlen(phases[i].mark)) == 0)
			return phases[i].phase;
	return line;
}
