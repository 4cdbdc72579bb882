#include "programs/nix_build.h"

#include <stdbool.h>
#include <string.h>

#include "programs/nix_instantiate.h"

#define STORE        "/nix/store/"
#define HASH_LENGTH  32
#define HASH_DIGITS  "0123456789abcdfghijklmnpqrsvwxyz" /* Nix's base 32 leaves out e, o, u and t */
#define NAME_LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-._?="
#define NAME_MAXIMUM 211

void nix_build_command(const char *derivation, const char *link, struct arguments *ret)
{
	arguments_add(ret, "nix-build");
	arguments_add(ret, derivation);
	arguments_addf(ret, "%s-2", derivation);
	arguments_add(ret, "--out-link");
	arguments_add(ret, link);
}

void nix_build_box_command(const char *box, const char *instance_file, const char *link, struct arguments *ret)
{
	arguments_add(ret, "nix-build");
	nix_box_arguments(box, instance_file, ret);
	arguments_add(ret, "--out-link");
	arguments_add(ret, link);
}

void nix_build_trial_command(const char *box, const char *instance_file, struct arguments *ret)
{
	arguments_add(ret, "nix-build");
	nix_box_arguments(box, instance_file, ret);
	arguments_add(ret, "--no-out-link");
}

static bool is_store_path(const char *path, size_t length)
{
	size_t name_at = strlen(STORE) + HASH_LENGTH + 1;
	if (length <= name_at || length - name_at > NAME_MAXIMUM || strncmp(path, STORE, strlen(STORE)) != 0)
		return false;
	return strspn(path + strlen(STORE), HASH_DIGITS) >= HASH_LENGTH && path[name_at - 1] == '-' &&
	       path[name_at] != '.' && strspn(path + name_at, NAME_LETTERS) >= length - name_at;
}

/* Takes one line that is a store path; gives NULL or what follows it. */
static const char *take_path(const char *output, char *ret, size_t size)
{
	size_t length = strcspn(output, "\n");
	if (output[length] != '\n' || length >= size || !is_store_path(output, length))
		return NULL;
	memcpy(ret, output, length);
	ret[length] = '\0';
	return output + length + 1;
}

int nix_build_read_paths(const char *output, char *ret_toplevel, size_t toplevel_size, char *ret_disko_script,
			 size_t disko_script_size, struct error *err)
{
	char toplevel[512], disko_script[512];
	const char *rest = take_path(output, toplevel, sizeof(toplevel));
	if (rest)
		rest = take_path(rest, disko_script, sizeof(disko_script));
	if (!rest || *rest || strlen(toplevel) >= toplevel_size || strlen(disko_script) >= disko_script_size)
		return error_set(err, ERROR_FAILED, 0,
				 "nix-build did not print two store paths but '%.200s'; does the box give toplevel and "
				 "diskoScript?",
				 output);
	memcpy(ret_toplevel, toplevel, strlen(toplevel) + 1);
	memcpy(ret_disko_script, disko_script, strlen(disko_script) + 1);
	return 0;
}
