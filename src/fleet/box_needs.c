#include "fleet/box_needs.h"

#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "fleet/run_program.h"
#include "programs/nix_facts.h"
#include "system/durable_file.h"

static int read_parameters(const json_t *object, bool *ret_user_data, struct error *err)
{
	const char *word;
	if (json_optional_string(object, "parameters", "closure", &word, err) < 0)
		return -1;
	*ret_user_data = strcmp(word, "user-data") == 0;
	if (!*ret_user_data && strcmp(word, "closure") != 0)
		return error_set(
			err, ERROR_FAILED, 0,
			"member 'parameters' is neither \"closure\" nor \"user-data\"; this ccc knows no other");
	return 0;
}

static int read_needs(const struct text *content, struct box_needs *ret, struct error *err)
{
	const char *nix, *system;
	AUTO_JSON json_t *object = json_parse(text_string(content), content->length, err);
	if (!object || json_optional_string(object, "nix", "", &nix, err) < 0 ||
	    json_optional_string(object, "system", "", &system, err) < 0)
		return -1;
	if (json_object_get(object, "substituter") &&
	    json_get_boolean(object, "substituter", &ret->substituter, err) < 0)
		return -1;
	if (read_parameters(object, &ret->user_data, err) < 0)
		return -1;
	if (*nix && !nix_version_is_at_least(nix, nix))
		return error_set(err, ERROR_FAILED, 0, "'%s' is no version of Nix", nix);
	text_copy(ret->nix, sizeof(ret->nix), nix);
	text_copy(ret->system, sizeof(ret->system), system);
	return 0;
}

int box_needs_read(struct system *system, const struct settings *settings, struct box_needs *ret, struct error *err)
{
	struct file_facts facts = { 0 };
	AUTO_TEXT struct text path = TEXT_INIT(4200);
	AUTO_TEXT struct text content = TEXT_INIT(65536);
	*ret = (struct box_needs){ 0 };
	text_addf(&path, "%s/requirements.json", settings->box);
	if (file_look(system, text_string(&path), &facts, err) < 0)
		return -1;
	if (!facts.exists)
		return 0;
	if (file_read(system, text_string(&path), &content, err) == 0 && read_needs(&content, ret, err) == 0)
		return 0;
	error_wrap(err, "'%s'", text_string(&path));
	return -1;
}

/* "@/etc/nix/machines" names a file, which may be missing. */
static void read_builders(struct system *system, struct nix_facts *facts)
{
	struct error ignored = ERROR_INIT;
	AUTO_TEXT struct text content = TEXT_INIT(sizeof(facts->builders) - 1);
	if (facts->builders[0] != '@')
		return;
	if (file_read(system, facts->builders + 1, &content, &ignored) < 0)
		text_clear(&content);
	text_copy(facts->builders, sizeof(facts->builders), text_string(&content));
}

static int read_settings(struct loop *loop, const struct settings *settings, struct text *output, struct error *err)
{
	AUTO_ARGUMENTS struct arguments newer = ARGUMENTS_INIT;
	AUTO_ARGUMENTS struct arguments older = ARGUMENTS_INIT;
	struct error ignored = ERROR_INIT;
	nix_settings_command(false, &newer);
	nix_settings_command(true, &older);
	if (run_program(loop, settings, arguments_list(&newer), output, &ignored) == 0)
		return 0;
	text_clear(output);
	return run_program(loop, settings, arguments_list(&older), output, err);
}

int nix_facts_read(struct loop *loop, const struct settings *settings, struct nix_facts *ret, struct error *err)
{
	AUTO_ARGUMENTS struct arguments asking = ARGUMENTS_INIT;
	AUTO_TEXT struct text version = TEXT_INIT(4096);
	AUTO_TEXT struct text output = TEXT_INIT(65536);
	nix_version_command(&asking);
	if (run_program(loop, settings, arguments_list(&asking), &version, err) < 0 ||
	    nix_version_read(text_string(&version), ret->version, sizeof(ret->version), ret->system,
			     sizeof(ret->system), err) < 0 ||
	    read_settings(loop, settings, &output, err) < 0)
		return -1;
	nix_setting(text_string(&output), "substituters", ret->substituters, sizeof(ret->substituters));
	nix_setting(text_string(&output), "extra-platforms", ret->platforms, sizeof(ret->platforms));
	nix_setting(text_string(&output), "builders", ret->builders, sizeof(ret->builders));
	read_builders(loop_system(loop), ret);
	return 0;
}

int box_needs_version(const struct box_needs *needs, const struct nix_facts *facts, char *ret, size_t size,
		      struct error *err)
{
	if (*needs->nix && !nix_version_is_at_least(facts->version, needs->nix))
		return error_set(err, ERROR_FAILED, 0,
				 "it is %s, and the box needs %s or newer; install a newer one as nixos.org/download "
				 "says, and put it first in PATH",
				 facts->version, needs->nix);
	snprintf(ret, size, "%s%s%s%s", facts->version, *needs->nix ? "; the box needs " : "", needs->nix,
		 *needs->nix ? " or newer" : "");
	return 0;
}

int box_needs_system(const struct box_needs *needs, const struct nix_facts *facts, char *ret, size_t size,
		     struct error *err)
{
	bool own = !*needs->system || strcmp(facts->system, needs->system) == 0 ||
		   nix_setting_has(facts->platforms, needs->system);
	/* of a builder the systems are a word, with commas: "ssh://big x86_64-linux,i686-linux" */
	if (!own && !strstr(facts->builders, needs->system))
		return error_set(err, ERROR_FAILED, 0,
				 "this machine is %s, and nothing here builds for %s; name a builder in "
				 "/etc/nix/machines ('ssh://HOST %s'), or run ccc on such a machine",
				 facts->system, needs->system, needs->system);
	if (own)
		text_copy(ret, size, *needs->system ? needs->system : facts->system);
	else
		snprintf(ret, size, "%s, by a builder", needs->system);
	return 0;
}

int box_needs_substituter(const struct box_needs *needs, const struct nix_facts *facts, char *ret, size_t size,
			  struct error *err)
{
	if (needs->substituter && !*facts->substituters)
		return error_set(err, ERROR_FAILED, 0,
				 "none is configured, so all of NixOS would be compiled here; write 'substituters = "
				 "https://cache.nixos.org/' into /etc/nix/nix.conf");
	text_copy(ret, size, *facts->substituters ? facts->substituters : "none, and the box needs none");
	return 0;
}

/* Not a need of Nix: which of the two forms it is. */
int box_needs_parameters(const struct box_needs *needs, const struct nix_facts *facts, char *ret, size_t size,
			 struct error *err)
{
	(void)facts;
	(void)err;
	text_copy(ret, size, needs->user_data ? "by user data: one closure for all instances" : "built into each box");
	return 0;
}
