/*
 * Any words as a command line, split at NUL bytes. What is taken is a command with as
 * many arguments as it allows, and with options of its own that have a value if they
 * need one; what is refused is the user's fault and the word at fault is named.
 */
#include <getopt.h>
#include <string.h>

#include "base/memory.h"
#include "commands/all.h"
#include "commands/parse.h"
#include "property.h"

#define WORDS_MAXIMUM 300

static bool is_word(char **words, int count, const char *word)
{
	for (int i = 0; i < count; i++)
		if (words[i] == word ||
		    (words[i] + strlen("cc-") == word && strncmp(words[i], "cc-", strlen("cc-")) == 0))
			return true;
	return false;
}

static bool is_option_of(const struct command *command, const struct option_spec *option)
{
	for (const struct option_spec *own = command->options; own->name; own++)
		if (own == option)
			return true;
	for (const struct option_spec *common = common_options; common->name; common++)
		if (common == option)
			return true;
	return false;
}

static void check_taken(const struct session *session, const struct command *named, char **words, int count)
{
	const struct command *command = session->command;
	require(command && named);
	require(session->argument_count >= (size_t)command->min_arguments);
	require(command->max_arguments < 0 || session->argument_count <= (size_t)command->max_arguments);
	for (size_t i = 0; i < session->argument_count; i++)
		require(is_word(words, count, session->arguments[i]));
	for (size_t i = 0; i < session->given_count; i++) {
		const struct given *given = &session->given[i];
		require(is_option_of(named, given->option));
		require((given->value != NULL) == (given->option->argument != NULL));
		if (given->option->argument && !command_option_repeats(named, given->option->name))
			for (size_t k = 0; k < i; k++)
				require(session->given[k].option != given->option);
		if (!given->option->argument)
			require(session_flag(session, given->option->name));
	}
}

/* `ccc COMMAND --help` is the command help, with the options of the other. */
static const struct command *find_named(const struct session *session)
{
	const struct command *asked_about = NULL;
	if (session->command == &command_help && session->argument_count)
		asked_about = command_find(session->arguments[0]);
	return asked_about ? asked_about : session->command;
}

static void check_refused(const struct error *error)
{
	static const char unknown[] = "unknown option '", needs[] = "option '";
	require(error->kind == ERROR_USAGE && error->message[0]);
	if (strncmp(error->message, unknown, strlen(unknown)) == 0)
		require(error->message[strlen(unknown)] == '-');
	if (strncmp(error->message, needs, strlen(needs)) == 0)
		require(error->message[strlen(needs)] == '-');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_FREE char *text = memory_new(size + 2);
	char *words[WORDS_MAXIMUM + 2], *all[WORDS_MAXIMUM + 2];
	int count = 0;
	words[count++] = memory_copy_string("ccc");
	memcpy(text, data, size);
	for (char *word = text; word < text + size && count < WORDS_MAXIMUM; word += strlen(word) + 1)
		words[count++] = word;
	words[count] = NULL;
	memcpy(all, words, sizeof(words));
	struct session *session = memory_new(sizeof(*session));
	const char *directory = NULL;
	struct error error = ERROR_INIT;
	optind = 0; /* getopt starts anew, as in a process of its own */
	if (parse_command_line(count, words, session, &directory, &error) == 0)
		check_taken(session, find_named(session), all, count);
	else
		check_refused(&error);
	free(all[0]);
	free(session);
	return 0;
}
