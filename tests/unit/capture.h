#ifndef TESTS_UNIT_CAPTURE_H
#define TESTS_UNIT_CAPTURE_H
/* Runs a program for a test. Include after cmocka.h. */
#include <stdint.h>
#include <sys/wait.h>

#include "base/text.h"

/* Appends its standard output to *ret and gives its exit status. */
static inline int capture(const char *const *argv, struct text *ret)
{
	int ends[2], status;
	char buffer[4096];
	ssize_t got;
	assert_int_equal(pipe(ends), 0);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		close(ends[1]);
		execvp(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	close(ends[1]);
	while ((got = read(ends[0], buffer, sizeof(buffer))) > 0)
		text_add(ret, buffer, (size_t)got);
	close(ends[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}
#endif
