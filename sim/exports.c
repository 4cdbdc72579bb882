#include "exports.h"

#include "base/memory.h"

#define LINE_MAXIMUM 8192

/* In single quotes, where nothing but a single quote means anything. */
static void add_quoted(struct text *text, const char *value)
{
	text_add_string(text, "'");
	for (; *value; value++)
		if (*value == '\'')
			text_add_string(text, "'\\''");
		else
			text_add(text, value, 1);
	text_add_string(text, "'");
}

static void add_export(struct text *text, const char *name, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void add_export(struct text *text, const char *name, const char *format, ...)
{
	AUTO_TEXT struct text value = TEXT_INIT(LINE_MAXIMUM);
	va_list args;

	va_start(args, format);
	text_vaddf(&value, format, args);
	va_end(args);
	text_addf(text, "export %s=", name);
	add_quoted(text, text_string(&value));
	text_add_string(text, "\n");
}

static void add_path(struct text *text, const char *share, const char *folder)
{
	AUTO_TEXT struct text first = TEXT_INIT(LINE_MAXIMUM);

	text_addf(&first, "%s/%s", share, folder);
	text_add_string(text, "export PATH=");
	add_quoted(text, text_string(&first));
	text_add_string(text, "\":$PATH\"\n");
}

void exports_print(const struct exports *exports, struct text *ret)
{
	add_export(ret, "HCLOUD_ENDPOINT", "http://%s:%u/v1", exports->listen, exports->port);
	add_export(ret, "HCLOUD_TOKEN", "%s", exports->token);
	/* A file of our own, so that a context of the operator's is neither used nor changed. */
	add_export(ret, "HCLOUD_CONFIG", "%s/hcloud.toml", exports->directory);
	add_export(ret, "HETZNER_SIM", "http://%s:%u/_sim", exports->listen, exports->port);
	add_export(ret, "HETZNER_SIM_DIR", "%s", exports->directory);
	add_export(ret, "HETZNER_SIM_PID", "%ld", (long)getpid());
	add_export(ret, "CCC_BOX", "%s/box", exports->share);
	if (!exports->state_is_set)
		add_export(ret, "CCC_STATE_DIR", "%s/state", exports->directory);
	if (exports->kexec)
		add_export(ret, "CCC_KEXEC", "%s", exports->kexec);
	if (exports->nix_config)
		add_export(ret, "NIX_CONFIG", "%s", exports->nix_config);
	if (!exports->real_hosts)
		add_path(ret, exports->share, "bin/none");
	else if (!exports->installer_is_there)
		add_path(ret, exports->share, "bin");
	text_add_string(ret, "# ready\n");
}

bool exports_find_program(const char *path, const char *name)
{
	while (path && *path) {
		size_t length = strcspn(path, ":");
		AUTO_TEXT struct text file = TEXT_INIT(LINE_MAXIMUM);
		text_add(&file, path, length);
		text_addf(&file, "/%s", name);
		if (length > 0 && access(text_string(&file), X_OK) == 0)
			return true;
		path += length + (path[length] == ':');
	}
	return false;
}
