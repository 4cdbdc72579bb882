#include "commands/all.h"

static int run(struct session *session, struct error *err)
{
	(void)err;
	if (session->format == OUTPUT_JSON)
		text_addf(&session->output, "{\"version\": \"%s\"}\n", CCC_VERSION);
	else
		text_addf(&session->output, "ccc %s\n", CCC_VERSION);
	return 0;
}

const struct command command_version = {
	.name = "version",
	.summary = "print the version",
	.usage = "",
	.details = "Prints the version of ccc.",
	.run = run,
};
