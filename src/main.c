/* Globals -> find the command -> set up what it needs -> run -> exit code. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "commands/command.h"
#include "commands/parse.h"
#include "commands/progress.h"
#include "system/guard.h"

/* Standard output first, also what a failed command has to say on it; gives the exit code. */
static int finish(struct session *session, int result, const struct error *error)
{
	const struct command *command = session->command;
	struct error output_error = ERROR_INIT;
	if (session->progress)
		progress_clear(session->progress);
	if (result < 0 && command && command->fail) {
		session->exit_status = command->fail(session, error);
		result = 0;
	}
	if (session_flush(session, &output_error) < 0 && result == 0) {
		result = -1;
		error = &output_error;
	}
	int status = session->exit_status;
	if (result < 0) {
		fprintf(stderr, "ccc: %s\n", error->message);
		status = command && command->fail ? command->fail(session, error) : error_exit_code(error->kind);
	}
	session_close(session);
	return status;
}

/* What is opened next would take the number of a standard descriptor that is closed, and what is
 * said would be written into it. Read-only, so that writing is still the error that it is. */
static bool occupy_standard_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDONLY) != fd)
			return false;
	return true;
}

int main(int argc, char **argv)
{
	struct session session;
	struct error error = ERROR_INIT;
	const char *directory = NULL;
	if (argc > 1 && strcmp(argv[1], "--guard") == 0)
		return guard_main(argc, argv);
	if (!occupy_standard_descriptors())
		return error_exit_code(ERROR_FAILED);
	signal(SIGPIPE, SIG_IGN); /* a closed standard output is reported as the error that it is */
	session_init(&session);
	int result = parse_command_line(argc, argv, &session, &directory, &error);
	if (result == 0)
		result = session_open(&session, directory, &error);
	if (result == 0)
		result = session.command->run(&session, &error);
	return finish(&session, result, &error);
}
