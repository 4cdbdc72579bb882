#include "system/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arguments.h"
#include "base/memory.h"
#include "system/guard.h"
#include "system/program.h"

#define LOG_MAXIMUM  ((off_t)8 << 20)
#define LINE_MAXIMUM 4096
#define TAIL_LINES   12
#define TAIL_MAXIMUM 800
#define TAIL_LINE    400 /* of one line: a long last one is cut, not left out */
#define READS_A_TURN 16  /* a program that writes without pause must not keep the others waiting */

/* One of the two streams of a child. */
struct stream {
	struct child *child;
	int fd;
	struct watch *watch;
	struct text line; /* the unfinished last one */
};

struct child {
	struct loop *loop;
	pid_t guard;
	int life, status_fd, log;
	struct stream streams[2]; /* output, error */
	struct watch *status_watch;
	struct text output;
	char *tail[TAIL_LINES]; /* newest last */
	child_line_fn *on_line;
	child_exit_fn *on_exit;
	void *data;
	struct guard_status status;
	bool have_status;
};

/* --- output ------------------------------------------------------------------ */

static void log_line(struct child *child, const char *line)
{
	if (child->log < 0)
		return;
	if (lseek(child->log, 0, SEEK_END) > LOG_MAXIMUM) {
		(void)!write(child->log, "[the rest is not kept]\n", 23);
		close(child->log);
		child->log = -1;
		return;
	}
	AUTO_TEXT struct text text = TEXT_INIT(LINE_MAXIMUM * 5);
	text_addf(&text, "%s\n", line);
	(void)!write(child->log, text_string(&text), text.length); /* a full disk costs the log, not the work */
}

static void add_to_tail(struct child *child, const struct text *line)
{
	struct text cut;
	text_init(&cut, TAIL_LINE);
	text_add(&cut, text_string(line), line->length);
	free(child->tail[0]);
	memmove(&child->tail[0], &child->tail[1], (TAIL_LINES - 1) * sizeof(child->tail[0]));
	child->tail[TAIL_LINES - 1] = text_take(&cut);
}

static void take_line(struct child *child, const struct text *raw)
{
	AUTO_TEXT struct text escaped = TEXT_INIT(LINE_MAXIMUM * 4);
	text_add_escaped(&escaped, text_string(raw), raw->length, false);
	log_line(child, text_string(&escaped));
	if (escaped.length)
		add_to_tail(child, &escaped);
	if (child->on_line)
		child->on_line(child->data, text_string(&escaped));
}

static void take_bytes(struct stream *stream, const char *bytes, size_t length)
{
	struct child *child = stream->child;
	if (stream == &child->streams[0])
		text_add(&child->output, bytes, length);
	while (length > 0) {
		const char *newline = memchr(bytes, '\n', length);
		size_t part = newline ? (size_t)(newline - bytes) : length;
		text_add(&stream->line, bytes, part); /* longer lines are cut */
		if (newline) {
			take_line(child, &stream->line);
			text_clear(&stream->line);
			part++;
		}
		bytes += part;
		length -= part;
	}
}

static void stream_close(struct stream *stream)
{
	loop_unwatch(stream->watch);
	stream->watch = NULL;
	if (stream->fd >= 0)
		close(stream->fd);
	stream->fd = -1;
}

static void stream_read(struct stream *stream, size_t reads)
{
	char buffer[16384];
	while (stream->fd >= 0 && reads-- > 0) {
		ssize_t got = read(stream->fd, buffer, sizeof(buffer));
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && errno == EAGAIN)
			return;
		if (got <= 0) {
			stream_close(stream);
			return;
		}
		take_bytes(stream, buffer, (size_t)got);
	}
}

static void on_stream(void *data, uint32_t events)
{
	(void)events;
	stream_read(data, READS_A_TURN);
}

static void join_tail(const struct child *child, struct text *ret)
{
	size_t first = TAIL_LINES, room = TAIL_MAXIMUM;
	while (first > 0 && child->tail[first - 1] && strlen(child->tail[first - 1]) + 3 <= room)
		room -= strlen(child->tail[--first]) + 3;
	for (size_t i = first; i < TAIL_LINES; i++)
		text_addf(ret, "%s%s", i == first ? "" : " | ", child->tail[i]);
}

/* --- the end -------------------------------------------------------------------- */

static void child_free(struct child *child)
{
	for (size_t i = 0; i < 2; i++) {
		stream_close(&child->streams[i]);
		text_release(&child->streams[i].line);
	}
	for (size_t i = 0; i < TAIL_LINES; i++)
		free(child->tail[i]);
	loop_unwatch(child->status_watch);
	if (child->life >= 0)
		close(child->life);
	close(child->status_fd);
	if (child->log >= 0)
		close(child->log);
	text_release(&child->output);
	free(child);
}

/* The status pipe is readable, or closed by a guard that was killed: it is over. */
static void on_status(void *data, uint32_t events)
{
	struct child *child = data;
	struct guard_status status = { .exit_status = -1, .signal = SIGKILL };
	(void)events;
	ssize_t got = read(child->status_fd, &status, sizeof(status));
	if (got < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	while (waitpid(child->guard, NULL, 0) < 0 && errno == EINTR)
		;
	for (size_t i = 0; i < 2; i++) {
		stream_read(&child->streams[i], SIZE_MAX); /* nobody writes any more */
		if (child->streams[i].line.length)
			take_line(child, &child->streams[i].line);
	}
	AUTO_TEXT struct text tail = TEXT_INIT(TAIL_MAXIMUM);
	join_tail(child, &tail);
	if (status.exec_errno)
		text_addf(&tail, "cannot be executed: %s", strerror(status.exec_errno));
	struct child_result result = {
		.timed_out = status.timed_out != 0,
		.exit_status = status.exit_status,
		.signal = status.signal,
		.output = text_string(&child->output),
		.output_length = child->output.length,
		.tail = text_string(&tail),
	};
	child->on_exit(child->data, &result);
	child_free(child);
}

void child_stop(struct child *child)
{
	if (!child)
		return;
	if (child->life >= 0)
		close(child->life);
	child->life = -1;
}

void child_abandon(struct child *child)
{
	if (!child)
		return;
	/* The guard ends by itself; when we end first, init takes it. Waiting here would
	 * hold up everybody else for the patience that it has with its program. */
	child_free(child);
}

/* --- the start -------------------------------------------------------------------- */

struct pipes {
	int life[2], status[2], output[2], error[2];
	int input; /* no pipe: a file, in memory or named, or nothing */
};

static void close_pair(int pair[2])
{
	for (int i = 0; i < 2; i++)
		if (pair[i] >= 0)
			close(pair[i]);
	pair[0] = pair[1] = -1;
}

/* Unlike a pipe it takes all at once, however slowly it is read. */
static int open_memory(const char *input)
{
	size_t length = strlen(input);
	int fd = memfd_create("input", MFD_CLOEXEC);
	if (fd < 0)
		return -1;
	if (write(fd, input, length) == (ssize_t)length && lseek(fd, 0, SEEK_SET) == 0)
		return fd;
	close(fd);
	return -1;
}

static int open_input(const struct child_order *order, struct error *err)
{
	const char *path = order->input_path ? order->input_path : "/dev/null";
	int fd = order->input ? open_memory(order->input) : open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && order->input)
		error_set(err, ERROR_FAILED, errno, "cannot make a file in memory");
	else if (fd < 0)
		error_set(err, ERROR_FAILED, errno, "cannot read '%s'", path);
	return fd;
}

static int open_pipes(const struct child_order *order, struct pipes *pipes, struct error *err)
{
	*pipes = (struct pipes){ { -1, -1 }, { -1, -1 }, { -1, -1 }, { -1, -1 }, -1 };
	pipes->input = open_input(order, err);
	if (pipes->input < 0)
		return -1;
	if (pipe2(pipes->life, O_CLOEXEC) == 0 && pipe2(pipes->status, O_CLOEXEC) == 0 &&
	    pipe2(pipes->output, O_CLOEXEC) == 0 && pipe2(pipes->error, O_CLOEXEC) == 0)
		return 0;
	error_set(err, ERROR_FAILED, errno, "cannot make a pipe");
	close_pair(pipes->life);
	close_pair(pipes->status);
	close_pair(pipes->output);
	close_pair(pipes->error);
	close(pipes->input);
	return -1;
}

/* Inherited descriptors get fixed numbers; everything above is closed. Duplicates
 * above all of them come first, so that no dup2 lands on one still needed. */
enum { LIFE_FD = 3, STATUS_FD, LEASE_FD, FIRST_FREE_FD };

static int spawn_guard(const struct child_order *order, struct pipes *pipes, char *const *argv, pid_t *ret)
{
	const int wanted[] = { pipes->input,   pipes->output[1], pipes->error[1],
			       pipes->life[0], pipes->status[1], order->lease_fd };
	const int numbers[] = { STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO, LIFE_FD, STATUS_FD, LEASE_FD };
	int high[ARRAY_LENGTH(wanted)];
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t empty;
	sigemptyset(&empty);
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigmask(&attributes, &empty);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK);
	int result = 0;
	for (size_t i = 0; i < ARRAY_LENGTH(wanted); i++) {
		high[i] = wanted[i] < 0 ? -1 : fcntl(wanted[i], F_DUPFD_CLOEXEC, 64);
		if (high[i] >= 0)
			posix_spawn_file_actions_adddup2(&actions, high[i], numbers[i]);
		else if (wanted[i] >= 0)
			result = errno; /* never start one without its lease */
	}
	if (order->lease_fd < 0)
		posix_spawn_file_actions_addclose(&actions, LEASE_FD);
	posix_spawn_file_actions_addclosefrom_np(&actions, FIRST_FREE_FD);
	if (result == 0)
		result = posix_spawn(ret, order->guard, &actions, &attributes, argv,
				     (char *const *)(uintptr_t)order->environment);
	for (size_t i = 0; i < ARRAY_LENGTH(high); i++)
		if (high[i] >= 0)
			close(high[i]);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	return result;
}

static void guard_arguments(const struct child_order *order, const char *program, struct arguments *ret)
{
	arguments_add(ret, order->guard);
	arguments_add(ret, "--guard");
	arguments_addf(ret, "%d", LIFE_FD);
	arguments_addf(ret, "%d", STATUS_FD);
	arguments_addf(ret, "%d", order->lease_fd < 0 ? -1 : LEASE_FD);
	arguments_addf(ret, "%lld", (long long)order->deadline_ms);
	arguments_add(ret, program);
	for (size_t i = 0; order->argv[i]; i++)
		arguments_add(ret, order->argv[i]);
}

static void watch_child(struct child *child, const struct pipes *pipes)
{
	const int fds[] = { pipes->output[0], pipes->error[0] };
	for (size_t i = 0; i < 2; i++) {
		struct stream *stream = &child->streams[i];
		fcntl(fds[i], F_SETFL, O_NONBLOCK);
		stream->child = child;
		stream->fd = fds[i];
		text_init(&stream->line, LINE_MAXIMUM);
		stream->watch = loop_watch(child->loop, fds[i], EPOLLIN, on_stream, stream);
	}
	fcntl(child->status_fd, F_SETFL, O_NONBLOCK);
	child->status_watch = loop_watch(child->loop, child->status_fd, EPOLLIN, on_status, child);
}

int child_start(struct loop *loop, const struct child_order *order, struct child **ret, struct error *err)
{
	struct pipes pipes;
	AUTO_ARGUMENTS struct arguments argv = ARGUMENTS_INIT;
	AUTO_FREE char *program = program_find(order->path, order->argv[0]);
	pid_t pid;
	if (!program)
		return error_set(err, ERROR_FAILED, ENOENT,
				 "cannot find the program '%s'; install it, or put it into PATH", order->argv[0]);
	if (open_pipes(order, &pipes, err) < 0)
		return -1;
	guard_arguments(order, program, &argv);
	int result = spawn_guard(order, &pipes, argv.items, &pid);
	close(pipes.input);
	close(pipes.life[0]);
	close(pipes.status[1]);
	close(pipes.output[1]);
	close(pipes.error[1]);
	if (result != 0) {
		close(pipes.life[1]);
		close(pipes.status[0]);
		close(pipes.output[0]);
		close(pipes.error[0]);
		return error_set(err, ERROR_FAILED, result, "cannot start '%s'", order->guard);
	}
	struct child *child = memory_new(sizeof(*child));
	child->loop = loop;
	child->guard = pid;
	child->life = pipes.life[1];
	child->status_fd = pipes.status[0];
	child->log = order->log_path
			     ? open(order->log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600)
			     : -1;
	child->on_line = order->on_line;
	child->on_exit = order->on_exit;
	child->data = order->data;
	text_init(&child->output, order->output_maximum);
	watch_child(child, &pipes);
	*ret = child;
	return 0;
}
