#include "fleet/tools.h"

#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/text.h"
#include "fleet/box_needs.h"
#include "system/durable_file.h"
#include "system/file_digest.h"
#include "system/program.h"

const char *const tools_names[TOOLS_COUNT] = { "ssh", "ssh-keygen", "nix-instantiate", "nix-build", "nixos-anywhere" };

static const char *const mends[TOOLS_COUNT] = {
	"install the OpenSSH client",
	"install the OpenSSH client",
	"install Nix, see nixos.org",
	"install Nix, see nixos.org",
	"install nixos-anywhere, see its repository nix-community/nixos-anywhere",
};

static const char *mend_of(const char *name)
{
	if (strcmp(name, "hcloud") == 0)
		return "install it, Debian's package is hcloud-cli, or unset CCC_CLOUD";
	for (size_t i = 0; i < TOOLS_COUNT; i++)
		if (strcmp(tools_names[i], name) == 0)
			return mends[i];
	return "install it, or put it into PATH";
}

char *tools_find(const struct settings *settings, const char *name, struct error *err)
{
	char *path = program_find(settings->path, name);
	if (!path)
		error_set(err, ERROR_FAILED, 0, "cannot find the program '%s' in PATH; %s", name, mend_of(name));
	return path;
}

int tools_check_box(struct system *system, const struct settings *settings, struct error *err)
{
	AUTO_TEXT struct text path = TEXT_INIT(4200);
	if (settings_check(settings, err) < 0)
		return -1;
	text_addf(&path, "%s/default.nix", settings->box);
	if (file_is_there(system, text_string(&path)))
		return 0;
	return error_set(err, ERROR_FAILED, 0,
			 "there is no default.nix in the folder of the box, '%s'; set CCC_BOX to the one that has it",
			 settings->box);
}

int tools_check_kexec(struct system *system, const struct settings *settings, struct error *err)
{
	const char *wanted = settings->kexec_sha256;
	char digest[FILE_DIGEST_SIZE];
	if (settings_check(settings, err) < 0)
		return -1;
	if (!wanted)
		return 0;
	if (!settings->kexec)
		return error_set(
			err, ERROR_FAILED, 0,
			"CCC_KEXEC_SHA256 is set and CCC_KEXEC is not; name the file that is to have that digest");
	if (file_digest(system, settings->kexec, digest, err) < 0) {
		err->kind = ERROR_FAILED;
		error_wrap(err, "the installer (CCC_KEXEC)");
		return -1;
	}
	if (strcasecmp(digest, wanted) == 0)
		return 0;
	return error_set(err, ERROR_FAILED, 0,
			 "the installer '%s' (CCC_KEXEC) is not the one that was chosen: its SHA-256 is %s and not "
			 "CCC_KEXEC_SHA256; fetch it again, or find out who changed it",
			 settings->kexec, digest);
}

int tools_check(struct system *system, const struct settings *settings, struct error *err)
{
	for (size_t i = 0; i < TOOLS_COUNT; i++) {
		AUTO_FREE char *path = tools_find(settings, tools_names[i], err);
		if (!path)
			return -1;
	}
	struct box_needs needs;
	if (tools_check_box(system, settings, err) < 0 || box_needs_read(system, settings, &needs, err) < 0)
		return -1;
	return tools_check_kexec(system, settings, err);
}
