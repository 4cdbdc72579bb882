#include "programs/nix_instantiate.h"

#include "base/memory.h"

void nix_box_arguments(const char *box, const char *instance_file, struct arguments *ret)
{
	const char *const words[] = { box,  "--argstr", "instanceFile", instance_file,
				      "-A", "toplevel", "-A",           "diskoScript" };
	for (size_t i = 0; i < ARRAY_LENGTH(words); i++)
		arguments_add(ret, words[i]);
}

void nix_instantiate_command(const char *box, const char *instance_file, const char *link, struct arguments *ret)
{
	arguments_add(ret, "nix-instantiate");
	nix_box_arguments(box, instance_file, ret);
	arguments_add(ret, "--add-root");
	arguments_add(ret, link);
}
