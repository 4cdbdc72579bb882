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

#define MINUTES(n) ((n) * INT64_C(60))

const struct nixos_anywhere_phase nixos_anywhere_start = { NULL, "starting", MINUTES(1) };

/* In the order in which they come. Until SSH answers, and until it answers again, it waits without an end of its
 * own. "Gathering machine facts" comes a second time after the kexec, and the disk's script is copied before the disk
 * is said to be formatted; the installer is half a gigabyte, which the machine or the operator sends for. */
static const struct nixos_anywhere_phase phases[] = {
	{ "Uploading install SSH keys", "connecting", MINUTES(5) },
	{ "Gathering machine facts", "looking at the machine", MINUTES(10) },
	{ "Switching system into kexec", "booting the installer", MINUTES(15) },
	{ "Formatting hard drive with disko", "partitioning the disk", MINUTES(5) },
	{ "Uploading the system closure", "copying the system", MINUTES(40) },
	{ "Building the system closure", "building the system", MINUTES(40) },
	{ "Copying extra files", "copying the host key", MINUTES(2) },
	{ "Installing NixOS", "installing", MINUTES(10) },
	{ "Waiting for the machine to become unreachable", "rebooting", MINUTES(5) },
	{ "Rebooting", "rebooting", MINUTES(5) },
	{ "Done!", "installed", MINUTES(1) },
};
static const struct nixos_anywhere_phase unknown = { NULL, "a phase that ccc does not know", MINUTES(10) };

const struct nixos_anywhere_phase *nixos_anywhere_phase(const char *line)
{
	static const char edge[] = "### ";
	size_t length = strlen(line);
	if (strncmp(line, edge, strlen(edge)) != 0 || length < 2 * strlen(edge) ||
	    strcmp(line + length - 4, " ###") != 0)
		return NULL;
	for (size_t i = 0; i < ARRAY_LENGTH(phases); i++)
		if (strncmp(line + strlen(edge), phases[i].mark, strlen(phases[i].mark)) == 0)
			return &phases[i];
	return &unknown;
}

bool nixos_anywhere_fell_back(const char *tail)
{
	static const char *const complaints[] = { "Failed to kexec into NixOS installer", "Kexec failed" };
	for (size_t i = 0; i < ARRAY_LENGTH(complaints); i++)
		if (strstr(tail, complaints[i]))
			return true;
	return false;
}
