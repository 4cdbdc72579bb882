#ifndef COMMANDS_COMMAND_H
#define COMMANDS_COMMAND_H
/*
 * A command is a static struct in a file of its own; commands.c lists them. Usage,
 * --help and the manual's synopsis are printed from it, so it says everything once.
 * Only this folder prints.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/text.h"
#include "cloud/cloud.h"
#include "fleet/settings.h"
#include "lifecycle/engine.h"
#include "store/store.h"
#include "system/loop.h"

#define OPTIONS_MAXIMUM 12  /* of a command */
#define GIVEN_MAXIMUM   128 /* options on one command line */

struct option_spec {
	const char *name;     /* long name, without the dashes */
	char letter;          /* short form, or 0 */
	const char *argument; /* what it takes, as usage shows it: "HOURS"; NULL for a flag */
	const char *help;
};

enum needs {
	NEEDS_STATE = 1 << 0, /* an initialised state directory */
	NEEDS_CLOUD = 1 << 1, /* a token, and a client for the API */
	/* A ccc.ini and an environment without a mistake. The others, that end or show things, are not stopped by one:
	 * nobody pays for a server because of a slip of the pen. */
	NEEDS_SETTINGS = 1 << 2,
};

enum output_format { OUTPUT_TABLE = 0, OUTPUT_JSON };

struct session;

struct command {
	const char *name;
	const char *summary; /* one line, for `ccc help` */
	const char *usage;   /* what follows the name: "ID --hours H [--ref R]" */
	const char *details; /* paragraphs for --help and the manual */
	struct option_spec options[OPTIONS_MAXIMUM];
	const char *repeats[2];           /* names of those that may have several values: any other is given once */
	int min_arguments, max_arguments; /* -1: any number */
	int ids;                          /* so many, the first ones, are instance ids; -1: all */
	unsigned needs;
	int (*run)(struct session *session, struct error *err);
	/* How a failure is said, also of reading its command line, where that is not one line on standard error and
	 * the exit code of the error: adds to the output and gives the exit code. NULL for most. */
	int (*fail)(struct session *session, const struct error *error);
};

struct given {
	const struct option_spec *option;
	const char *value; /* NULL for a flag */
};

/* What a command works with. */
struct session {
	const struct command *command;
	struct given given[GIVEN_MAXIMUM];
	size_t given_count;
	char **arguments; /* what is left of the command line */
	size_t argument_count;
	enum output_format format;
	bool dry_run, verbose;

	struct system *system;
	struct loop *loop;
	struct settings settings;
	struct store *store;   /* with NEEDS_STATE */
	struct cloud *cloud;   /* with NEEDS_CLOUD, or once a command made one */
	struct engine *engine; /* once a command made one: signals reach it */
	struct progress *progress;
	struct text output; /* for standard output, written once at the end */
	int exit_status;    /* of a command that succeeded and has more to say than that */
};

extern const struct command *const commands[];        /* NULL at the end */
const struct command *command_find(const char *name); /* NULL: unknown */
void command_print_usage(const struct command *command, struct text *ret);

/* Of those that have a value. */
bool command_option_repeats(const struct command *command, const char *name);

/* Value of an option given, or NULL; the n-th one of an option that repeats. */
const char *session_option(const struct session *session, const char *name);
const char *session_option_at(const struct session *session, const char *name, size_t index);
bool session_flag(const struct session *session, const char *name);

/* Makes an empty session; what the command needs in it; releases it. */
void session_init(struct session *session);
int session_open(struct session *session, const char *directory, struct error *err);
void session_close(struct session *session);

/* Makes session->cloud, for a command that needs it in some cases only. */
int session_cloud(struct session *session, struct error *err);

/* Makes session->engine, and lets Ctrl-C interrupt it: once cleanly, twice at once. */
int session_engine(struct session *session, struct error *err);

/* Writes session->output to standard output; a closed or full one is an error. */
int session_flush(struct session *session, struct error *err);

/* Reads the record of the ID, or ERROR_NOT_FOUND. The caller releases it. */
int session_record(struct session *session, const char *id, struct record *ret, struct error *err);

/* One line on standard error when the state is an old copy, for what shows it and writes nothing. */
void session_warn_of_age(const struct session *session);

/* Asks on the terminal (the question mark is added): "y" and "yes" are yes. Without a terminal on standard input, or
 * with --yes, it is yes too. */
bool session_confirm(const struct session *session, const char *question);

/* Neither is there a terminal on standard input, nor --yes: for what silence must not answer. */
bool session_is_silent(const struct session *session);
#endif
