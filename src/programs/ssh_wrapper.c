#include "programs/ssh_wrapper.h"

#include "base/memory.h"
#include "programs/quote.h"
#include "system/durable_file.h"
#include "system/program.h"

#define SCRIPT_MAXIMUM ((size_t)65536)

static void write_script(const char *real_ssh, const struct ssh_target *target, struct text *ret)
{
	AUTO_ARGUMENTS struct arguments pins = ARGUMENTS_INIT;
	ssh_pins(target, &pins);
	text_add_string(ret, "#!/bin/sh\n# Written by ccc: ssh with the host key of one machine pinned.\nexec ");
	quote_for_shell(real_ssh, ret);
	for (size_t i = 0; i < pins.count; i++) {
		text_add_string(ret, " ");
		quote_for_shell(pins.items[i], ret);
	}
	text_add_string(ret, " \"$@\"\n");
}

int ssh_wrapper_write(struct system *system, const char *directory, const char *path, const struct ssh_target *target,
		      struct error *err)
{
	AUTO_FREE char *real_ssh = program_find(path, "ssh");
	AUTO_TEXT struct text script = TEXT_INIT(SCRIPT_MAXIMUM), file = TEXT_INIT(SCRIPT_MAXIMUM);
	if (!real_ssh)
		return error_set(err, ERROR_FAILED, 0, "there is no ssh in PATH; install OpenSSH's client");
	write_script(real_ssh, target, &script);
	text_addf(&file, "%s/ssh", directory);
	if (script.overflowed || file.overflowed)
		return error_set(err, ERROR_FAILED, 0,
				 "the paths for '%s' are too long; use a state directory nearer to the root",
				 directory);
	if (directory_make(system, directory, 0700, err) < 0)
		return -1;
	return file_replace(system, text_string(&file), script.data, script.length, 0700, err);
}
