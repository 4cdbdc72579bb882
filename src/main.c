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

static int print_error(const struct error *error)
{
	fprintf(stderr, "ccc: %s\n", error->message);
	return error_exit_code(error->kind);
}

static int run(struct session *session, const char *directory)
{
	struct error error = ERROR_INIT, output_error = ERROR_INIT;
	int result = session_open(session, directory, &error);
	if (result == 0)
		result = session->command->run(session, &error);
	if (session->progress)
		progress_clear(session->progress);
	/* What a failed command has to say on standard output is still said. */
	if (session_flush(session, &output_error) < 0 && result == 0) {
		result = -1;
		error = output_error;
	}
	session_close(session);
	return result < 0 ? print_error(&error) : session->exit_status;
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
	struct session session = { 0 };
	struct error error = ERROR_INIT;
	const char *directory = NULL;
	if (argc > 1 && strcmp(argv[1], "--guard") == 0)
		return guard_main(argc, argv);
	if (!occupy_standard_descriptors())
		return error_exit_code(ERROR_FAILED);
	signal(SIGPIPE, SIG_IGN); /* a closed standard output is reported as the error that it is */
	if (parse_command_line(argc, argv, &session, &directory, &error) < 0)
		return print_error(&error);
	return run(&session, directory);
}
