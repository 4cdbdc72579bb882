#include "fleet/throwaway_key.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "fleet/names.h"
#include "fleet/run_program.h"
#include "instance/ssh_public_key.h"
#include "programs/ssh_keygen.h"
#include "system/durable_file.h"
#include "system/random.h"

static char *public_path(const struct throwaway_key *key)
{
	struct text path;
	text_init(&path, 4200);
	text_addf(&path, "%s.pub", key->path);
	return text_take(&path);
}

int throwaway_key_make(struct loop *loop, const struct settings *settings, const struct store *store,
		       struct throwaway_key *ret, struct error *err)
{
	char digits[17], name[64];
	AUTO_ARGUMENTS struct arguments argv = ARGUMENTS_INIT;
	AUTO_TEXT struct text line = TEXT_INIT(sizeof(ret->line) - 1);
	random_hex(loop_system(loop), digits, sizeof(digits) - 1);
	snprintf(name, sizeof(name), "keys/selftest-%s", digits);
	*ret = (struct throwaway_key){ .path = fleet_path(store, name) };
	AUTO_FREE char *path = public_path(ret);
	ssh_keygen_generate(ret->path, "ccc selftest", &argv);
	if (run_program(loop, settings, arguments_list(&argv), NULL, err) < 0 ||
	    file_read(loop_system(loop), path, &line, err) < 0)
		return -1;
	AUTO_SSH_PUBLIC_KEY struct ssh_public_key key = SSH_PUBLIC_KEY_INIT;
	if (ssh_public_key_parse(text_string(&line), line.length, &key, err) < 0)
		return -1;
	text_copy(ret->line, sizeof(ret->line), key.line);
	return 0;
}

static void remove_files(struct system *system, const struct throwaway_key *key)
{
	struct error ignored = ERROR_INIT;
	AUTO_FREE char *path = public_path(key);
	(void)file_remove(system, key->path, &ignored);
	(void)file_remove(system, path, &ignored);
}

int throwaway_key_move(struct system *system, const struct store *store, const char *instance, const char *name,
		       struct throwaway_key *key, struct error *err)
{
	AUTO_FREE char *folder = store_instance_path(store, instance, "");
	AUTO_FREE char *target = store_instance_path(store, instance, name);
	AUTO_TEXT struct text content = TEXT_INIT(8192);
	int result = directory_make(system, folder, 0700, err);
	if (result == 0)
		result = file_read(system, key->path, &content, err);
	if (result == 0)
		result = file_replace(system, target, text_string(&content), content.length, 0600, err);
	if (content.data)
		memory_wipe(content.data, content.length);
	if (result < 0)
		return -1;
	remove_files(system, key);
	free(key->path);
	key->path = memory_copy_string(target);
	return 0;
}

void throwaway_key_release(struct system *system, struct throwaway_key *key)
{
	if (key->path && strstr(key->path, "/keys/selftest-"))
		remove_files(system, key);
	free(key->path);
	key->path = NULL;
}
