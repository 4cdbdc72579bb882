/* Behind system/child.h: programs that are jobs of the world. */
#include "system/child.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "loop.h"
#include "oracle.h"
#include "owner.h"
#include "process.h"
#include "program.h"
#include "story.h"
#include "system/program.h"

#define START_MS        2
#define POLITE_MS       2000 /* the guard's patience with what it ends */
#define SIGNAL_KILL     9
#define OUTPUT_MAXIMUM  ((size_t)65536)
#define MESSAGE_MAXIMUM ((size_t)1024)

/* The parent's handle: memory of the parent, gone with it. */
struct child {
	struct job *job;
	child_line_fn *on_line;
	child_exit_fn *on_exit;
	void *data;
};

/* --- messages to the parent ------------------------------------------------------- */

struct message {
	struct child *child;
	struct process *parent;
	bool exit;
	int exit_status;
	bool timed_out;
	char *output, *text; /* of an exit: output and tail; else text is a line */
};

static void message_free(void *data)
{
	struct message *message = data;
	free(message->output);
	free(message->text);
	free(message);
}

static void on_message(void *data)
{
	struct message *message = data;
	struct child *child = message->child;
	if (!message->exit) {
		if (child->on_line)
			child->on_line(child->data, message->text);
		message_free(message);
		return;
	}
	message->parent->unanswered--;
	struct child_result result = {
		.timed_out = message->timed_out,
		.exit_status = message->exit_status,
		.signal = message->exit_status < 0 ? SIGNAL_KILL : 0,
		.output = message->output,
		.output_length = strlen(message->output),
		.tail = message->text,
	};
	if (child->on_exit)
		child->on_exit(child->data, &result);
	message_free(message);
	free(child);
}

static void send(struct job *job, bool exit, const char *output, const char *text)
{
	struct message *message = owner_world_calloc(1, sizeof(*message));
	*message = (struct message){ job->child,
				     job->parent,
				     exit,
				     job->exit_status,
				     job->timed_out,
				     output ? owner_world_strdup(output) : NULL,
				     owner_world_strdup(text) };
	process_deliver(job->parent, on_message, message_free, message);
}

void job_say(struct job *job, const char *format, ...)
{
	AUTO_TEXT struct text line = TEXT_INIT(MESSAGE_MAXIMUM);
	va_list args;
	va_start(args, format);
	text_vaddf(&line, format, args);
	va_end(args);
	text_addf(&job->output, "%s\n", text_string(&line));
	if (job->parent)
		send(job, false, NULL, text_string(&line));
}

/* --- the job ------------------------------------------------------------------------ */

static void job_free(struct job *job)
{
	for (struct job **link = &job->world->jobs; *link; link = &(*link)->next)
		if (*link == job) {
			*link = job->next;
			break;
		}
	event_cancel(job->next_step);
	event_cancel(job->deadline);
	event_cancel(job->end);
	disk_lock_drop(job->lease);
	for (size_t i = 0; i < job->argument_count; i++)
		free(job->argv[i]);
	free(job->argv);
	free(job->path);
	free(job->input);
	text_release(&job->output);
	text_release(&job->error);
	free(job);
}

void job_end(struct job *job)
{
	if (job->child && job->parent)
		job->child->job = NULL;
	job_free(job);
}

static void exits(struct job *job)
{
	story_tell(job->world, "  %s exits with %d %s", job->program->name, job->exit_status, text_string(&job->error));
	if (job->parent)
		send(job, true, text_string(&job->output), text_string(&job->error));
	job_end(job);
}

static void on_step(void *data)
{
	struct job *job = data;
	job->next_step = NULL;
	int64_t delay_ms = job->program->step(job);
	job->stage++;
	if (delay_ms < 0)
		exits(job);
	else
		job->next_step = world_after(job->world, delay_ms, on_step, job);
}

static void on_killed(void *data)
{
	struct job *job = data;
	job->end = NULL;
	job->exit_status = -1;
	exits(job);
}

static void end_soon(struct job *job)
{
	if (!job->end)
		job->end = world_after(job->world, (int64_t)draw_below(&job->world->timing, POLITE_MS), on_killed, job);
}

static void on_deadline(void *data)
{
	struct job *job = data;
	job->deadline = NULL;
	job->timed_out = true;
	end_soon(job);
}

void job_stop(struct job *job)
{
	end_soon(job);
}

void job_lose_parent(struct job *job)
{
	job->parent = NULL;
	job->child = NULL;
	end_soon(job);
}

void jobs_lose_parent(struct world *world, const struct process *parent)
{
	for (struct job *job = world->jobs; job; job = job->next)
		if (job->parent == parent)
			job_lose_parent(job);
}

const char *job_option(const struct job *job, const char *option)
{
	for (size_t i = 0; i + 1 < job->argument_count; i++)
		if (strcmp(job->argv[i], option) == 0)
			return job->argv[i + 1];
	return NULL;
}

const char *job_word(const struct job *job, const char *beginning)
{
	size_t length = strlen(beginning);
	for (size_t i = 0; i < job->argument_count; i++)
		if (strncmp(job->argv[i], beginning, length) == 0)
			return job->argv[i] + length;
	return NULL;
}

/* As it is when the program starts: it may be removed meanwhile. */
static char *input_of(const struct world *world, const struct child_order *order)
{
	const char *bytes;
	size_t length;
	if (!order->input_path || disk_peek(world->disk, order->input_path, &bytes, &length) != 0)
		return NULL;
	char *input = calloc(length + 1, 1);
	memcpy(input, bytes, length);
	return input;
}

struct job *job_start(struct process *parent, struct child *child, const struct child_order *order)
{
	const struct program *program = program_named(order->argv[0]);
	struct world *world = parent->world;
	if (!program)
		return NULL;
	struct job *job = calloc(1, sizeof(*job));
	job->world = world;
	job->next = world->jobs;
	world->jobs = job;
	job->parent = parent;
	job->child = child;
	job->program = program;
	for (; order->argv[job->argument_count]; job->argument_count++) {
		job->argv = reallocarray(job->argv, job->argument_count + 1, sizeof(char *));
		job->argv[job->argument_count] = strdup(order->argv[job->argument_count]);
	}
	job->path = strdup(order->path);
	job->input = input_of(world, order);
	job->lease = order->lease_fd >= 0 ? disk_lock_share(parent->files, order->lease_fd) : NULL;
	text_init(&job->output, OUTPUT_MAXIMUM);
	text_init(&job->error, MESSAGE_MAXIMUM);
	job->deadline = world_after(world, order->deadline_ms, on_deadline, job);
	job->next_step = world_after(world, START_MS, on_step, job);
	return job;
}

/* Everything that there is lies in one place. */
char *program_find(const char *path, const char *name)
{
	char found[64];
	(void)path;
	snprintf(found, sizeof(found), "/bin/%s", name);
	return program_named(name) ? memory_copy_string(found) : NULL;
}

/* Two installations of one machine at the same time would ruin each other. */
static bool is_at_work(const struct world *world, const struct child_order *order)
{
	if (strcmp(order->argv[0], "nixos-anywhere") != 0)
		return false;
	for (const struct job *job = world->jobs; job; job = job->next)
		for (size_t i = 0; order->argv[i]; i++)
			if (strcmp(job->program->name, order->argv[0]) == 0 && i < job->argument_count &&
			    strchr(order->argv[i], '@') && strcmp(order->argv[i], job->argv[i]) == 0)
				return true;
	return false;
}

/* --- the product's side --------------------------------------------------------------- */

int child_start(struct loop *loop, const struct child_order *order, struct child **ret, struct error *err)
{
	struct process *process = loop_system(loop)->process;
	(void)process_effect(process, "start", order->argv[0], false);
	oracle_sees_start(process->world->oracle, order);
	story_tell(process->world, "%s starts %s", process->name, order->argv[0]);
	if (order->input_path && !disk_exists(process->world->disk, order->input_path))
		return error_set(err, ERROR_FAILED, ENOENT, "cannot read '%s'", order->input_path);
	struct child *child = memory_new(sizeof(*child));
	struct owner *before = owner_switch(NULL);
	if (is_at_work(process->world, order))
		oracle_violated(process->world->oracle, "P7", "a second %s works on one machine", order->argv[0]);
	child->job = job_start(process, child, order);
	owner_switch(before);
	if (!child->job) {
		free(child);
		return error_set(err, ERROR_FAILED, 0, "cannot find the program '%s'", order->argv[0]);
	}
	child->on_line = order->on_line;
	child->on_exit = order->on_exit;
	child->data = order->data;
	process->unanswered++;
	*ret = child;
	return 0;
}

void child_stop(struct child *child)
{
	if (child && child->job)
		job_stop(child->job);
}

/* What is on its way to it still arrives, and finds nobody interested. */
void child_abandon(struct child *child)
{
	if (!child)
		return;
	child->on_line = NULL;
	child->on_exit = NULL;
	if (!child->job)
		return; /* its exit is on the way and frees it */
	process_current()->unanswered--;
	struct owner *before = owner_switch(NULL);
	job_lose_parent(child->job);
	owner_switch(before);
	child->job = NULL;
	/* a line may be on its way: the handle stays until the process ends */
}
