#include "system/guard.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/number.h"

#define PATIENCE_MS    2000 /* between SIGTERM and SIGKILL */
#define SWEEPS_MAXIMUM 1000

struct guard {
	int life, status_fd, signals;
	int64_t deadline_ms; /* monotonic */
	pid_t program;
	bool ended; /* the program itself */
	struct guard_status status;
};

static int64_t now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

/* Takes up every child that ended, orphans that came to us included. */
static void collect(struct guard *guard)
{
	int status;
	pid_t pid;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid != guard->program)
			continue;
		guard->ended = true;
		guard->status.exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
		guard->status.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	}
}

/* Sends a signal to every child of ours: descendants that left the group come back
 * to us, the subreaper, when their parent ends. Gives how many there were. */
static size_t signal_children(int number)
{
	char path[64];
	size_t count = 0;
	int pid;
	snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	FILE *children = fopen(path, "re");
	if (!children)
		return 0;
	while (fscanf(children, "%d", &pid) == 1) {
		kill(pid, number);
		count++;
	}
	fclose(children);
	return count;
}

/* Waits for a child to end, for the life pipe to close, or for `until`. */
static bool wait_for_change(struct guard *guard, bool watch_life, int64_t until)
{
	struct signalfd_siginfo info;
	struct pollfd watched[2] = { { guard->signals, POLLIN, 0 }, { watch_life ? guard->life : -1, POLLIN, 0 } };
	int64_t left = until - now_ms();
	int timeout = left < 0 ? 0 : left > 3600000 ? 3600000 : (int)left;
	(void)poll(watched, 2, timeout);
	while (read(guard->signals, &info, sizeof(info)) > 0)
		;
	collect(guard);
	return watched[1].revents != 0; /* closed, or told to stop: the same */
}

/* Ends everything: politely, then not, until no descendant is left. */
static void end_all(struct guard *guard)
{
	int64_t polite_until = now_ms() + PATIENCE_MS;
	kill(-guard->program, SIGTERM);
	size_t left = signal_children(SIGTERM);
	while (left && now_ms() < polite_until) {
		wait_for_change(guard, false, now_ms() + 50);
		left = signal_children(0);
	}
	for (int sweep = 0; sweep < SWEEPS_MAXIMUM; sweep++) {
		kill(-guard->program, SIGKILL);
		if (signal_children(SIGKILL) == 0)
			return;
		wait_for_change(guard, false, now_ms() + 10);
	}
}

static void run_program(char **argv, pid_t guard, int report)
{
	sigset_t nothing;
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != guard)
		_exit(127); /* the guard died before the line above */
	for (int number = 1; number < SIGRTMIN; number++)
		signal(number, SIG_DFL);
	sigemptyset(&nothing);
	sigprocmask(SIG_SETMASK, &nothing, NULL);
	execv(argv[0], argv + 1);
	int number = errno;
	(void)!write(report, &number, sizeof(number));
	_exit(127);
}

/* Gives 0, or the errno of a failed exec. argv[0] is the path, the rest the program's argv. */
static int start_program(struct guard *guard, char **argv)
{
	int report[2], number = 0;
	sigset_t all;
	if (pipe2(report, O_CLOEXEC) < 0)
		return errno;
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL); /* for good: the guard goes when its work is done */
	pid_t guard_pid = getpid();
	guard->program = fork();
	if (guard->program < 0)
		return errno;
	if (guard->program == 0)
		run_program(argv, guard_pid, report[1]);
	setpgid(guard->program, guard->program);
	close(report[1]);
	if (read(report[0], &number, sizeof(number)) != (ssize_t)sizeof(number))
		number = 0;
	close(report[0]);
	return number;
}

static void supervise(struct guard *guard)
{
	if (guard->program <= 0)
		return; /* there is nothing to end, and kill() gives these numbers another meaning */
	while (!guard->ended) {
		bool told = wait_for_change(guard, true, guard->deadline_ms);
		if (guard->ended)
			break;
		guard->status.timed_out = !told && now_ms() >= guard->deadline_ms;
		if (told || guard->status.timed_out)
			break;
	}
	end_all(guard);
	collect(guard);
}

static int read_descriptor(const char *word, int *ret)
{
	struct error ignored;
	int64_t value;
	if (number_parse(word, -1, 1 << 20, "descriptor", &value, &ignored) < 0)
		return -1;
	*ret = (int)value;
	return 0;
}

int guard_main(int argc, char **argv)
{
	struct guard guard = { .status = { .exit_status = -1 } };
	struct error ignored;
	int lease;
	int64_t deadline;
	if (argc < 8 || read_descriptor(argv[2], &guard.life) < 0 || read_descriptor(argv[3], &guard.status_fd) < 0 ||
	    read_descriptor(argv[4], &lease) < 0 ||
	    number_parse(argv[5], 1, INT64_C(1) << 40, "deadline", &deadline, &ignored) < 0)
		return 2;
	/* The program inherits none of these: the lease is held by the guard alone, and
	 * the guard outlives every descendant. */
	fcntl(guard.life, F_SETFD, FD_CLOEXEC);
	fcntl(guard.status_fd, F_SETFD, FD_CLOEXEC);
	if (lease >= 0)
		fcntl(lease, F_SETFD, FD_CLOEXEC);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	guard.deadline_ms = now_ms() + deadline;
	sigset_t child;
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	guard.signals = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
	guard.status.exec_errno = start_program(&guard, argv + 6);
	/* Our ends of its output would keep the pipes open after it is gone. */
	(void)dup2(STDIN_FILENO, STDOUT_FILENO);
	(void)dup2(STDIN_FILENO, STDERR_FILENO);
	supervise(&guard);
	(void)!write(guard.status_fd, &guard.status, sizeof(guard.status));
	return 0;
}
