/* One step at work: what it may wait for, and how that is dropped. */
#include <stdarg.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/text.h"
#include "fleet/tools.h"
#include "lifecycle/run.h"
#include "programs/environment.h"
#include "system/clock.h"

static int64_t elapsed(const struct activity *activity)
{
	struct system *system = loop_system(engine_parts_of(activity->run->engine)->loop);
	return clock_monotonic_ms(system) - activity->began_ms;
}

static void on_deadline(void *data)
{
	struct activity *activity = data;
	struct error error = ERROR_INIT;
	activity->deadline = NULL;
	error_set(&error, ERROR_FAILED, 0, "%s took longer than %lld s%s%s", steps[activity->id].doing,
		  (long long)(steps[activity->id].deadline_ms / 1000), *activity->last.message ? "; last: " : "",
		  activity->last.message);
	activity_fail(activity, &error);
}

void activity_begin(struct activity *activity)
{
	const struct engine_parts *parts = activity_parts(activity);
	activity->active = true;
	activity->generation++;
	activity->attempts = 0;
	activity->last = (struct error)ERROR_INIT;
	activity->began_ms = clock_monotonic_ms(loop_system(parts->loop));
	activity->deadline = loop_after(parts->loop, steps[activity->id].deadline_ms, on_deadline, activity);
	engine_report(activity->run, REPORT_BEGAN, activity->id, steps[activity->id].doing, 0);
	steps[activity->id].start(activity);
}

void activity_end(struct activity *activity)
{
	activity->active = false;
	loop_cancel(activity->deadline);
	loop_cancel(activity->retry);
	loop_cancel(activity->phase);
	activity->deadline = activity->retry = activity->phase = NULL;
	activity->child_is_dropped = activity->child != NULL;
	child_stop(activity->child);
	free(activity->memory);
	activity->memory = NULL;
}

bool activity_lingers(const struct activity *activity)
{
	return activity->child_is_dropped;
}

void activity_commit(struct activity *activity, run_change_fn *change, const char *event, const char *detail,
		     activity_fn *after)
{
	engine_queue_commit(activity, change, event, detail, after);
}

/* A request under way: outlives its activity, reaches it only while it is the same one. */
struct call {
	struct call *next;
	struct engine *engine;
	struct activity *activity;
	unsigned generation;
	activity_reply_fn *fn;
};

void *activity_call(struct activity *activity, activity_reply_fn *fn)
{
	struct call *call = memory_new(sizeof(*call));
	struct call **calls = engine_calls(activity->run->engine);
	*call = (struct call){ *calls, activity->run->engine, activity, activity->generation, fn };
	*calls = call;
	return call;
}

void activity_called(void *data, const struct cloud_reply *reply)
{
	struct call *call = data;
	for (struct call **link = engine_calls(call->engine); *link; link = &(*link)->next)
		if (*link == call) {
			*link = call->next;
			break;
		}
	struct activity *activity = call->activity;
	if (activity->active && activity->generation == call->generation)
		call->fn(activity, reply);
	free(call);
}

static void on_retry(void *data)
{
	struct activity *activity = data;
	activity->retry = NULL;
	activity->retry_fn(activity);
}

void activity_retry(struct activity *activity, int64_t delay_ms, activity_fn *fn)
{
	loop_cancel(activity->retry);
	activity->retry_fn = fn;
	activity->retry = loop_after(activity_parts(activity)->loop, delay_ms, on_retry, activity);
}

static void on_child_exit(void *data, const struct child_result *result)
{
	struct activity *activity = data;
	bool dropped = activity->child_is_dropped;
	activity->child = NULL;
	activity->child_is_dropped = false;
	if (!dropped)
		activity->child_done(activity, result);
}

static void on_child_line(void *data, const char *line)
{
	struct activity *activity = data;
	if (activity->child_line && !activity->child_is_dropped)
		activity->child_line(activity, line);
}

void activity_child(struct activity *activity, const struct activity_program *program)
{
	const struct engine_parts *parts = activity_parts(activity);
	AUTO_ARGUMENTS struct arguments environment = ARGUMENTS_INIT;
	AUTO_FREE char *log_path = activity_path(activity, "log");
	AUTO_TEXT struct text path = TEXT_INIT(65536);
	struct error error = ERROR_INIT;
	AUTO_FREE char *found = tools_find(parts->settings, program->argv->items[0], &error);
	if (!found) {
		activity_lacks(activity, &error);
		return;
	}
	if (program->path_first)
		text_addf(&path, "%s:", program->path_first);
	text_add_string(&path, parts->settings->path);
	for (size_t i = 0; i < parts->settings->children.count; i++)
		arguments_add(&environment, parts->settings->children.items[i]);
	environment_set(&environment, "PATH", text_string(&path));
	struct child_order order = {
		.guard = parts->settings->self,
		.argv = arguments_list(program->argv),
		.path = text_string(&path),
		.environment = arguments_list(&environment),
		.input_path = program->input_path,
		.lease_fd = lock_descriptor(activity->run->lease),
		.deadline_ms = program->deadline_ms,
		.log_path = log_path,
		.output_maximum = (size_t)1 << 20,
		.on_line = on_child_line,
		.on_exit = on_child_exit,
		.data = activity,
	};
	activity->child_line = program->on_line;
	activity->child_done = program->done;
	if (child_start(parts->loop, &order, &activity->child, &error) < 0)
		activity_fail(activity, &error);
}

__attribute__((format(printf, 3, 0))) static void report(struct activity *activity, enum report_kind kind,
							 const char *format, va_list args)
{
	AUTO_TEXT struct text text = TEXT_INIT(1024);
	text_vaddf(&text, format, args);
	engine_report(activity->run, kind, activity->id, text_string(&text), elapsed(activity));
}

void activity_progress(struct activity *activity, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	report(activity, REPORT_PROGRESS, format, args);
	va_end(args);
}

void activity_warn(struct activity *activity, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	report(activity, REPORT_WARNING, format, args);
	va_end(args);
}

void activity_fail(struct activity *activity, const struct error *error)
{
	struct error copy = *error; /* may be activity->last, which ending clears */
	engine_report(activity->run, REPORT_FAILED, activity->id, copy.message, elapsed(activity));
	activity_end(activity);
	run_fail(activity->run, activity, &copy);
}

void activity_later(struct activity *activity, const struct error *why)
{
	struct error copy = *why;
	engine_report(activity->run, REPORT_WARNING, activity->id, copy.message, elapsed(activity));
	activity_end(activity);
	run_finish(activity->run, OUTCOME_LATER, &copy);
}

void activity_lacks(struct activity *activity, const struct error *what)
{
	if (activity_record(activity)->verified_at)
		activity_fail(activity, what); /* undoes nothing any more */
	else
		run_lack(activity, what);
}

struct fleet_identity *activity_fleet_to_change(struct activity *activity)
{
	return engine_fleet_to_change(activity->run->engine);
}

struct record *activity_record(struct activity *activity)
{
	return &activity->run->record;
}

const struct engine_parts *activity_parts(struct activity *activity)
{
	return engine_parts_of(activity->run->engine);
}

const struct fleet_identity *activity_fleet(struct activity *activity)
{
	return engine_fleet(activity->run->engine);
}

bool activity_owns(struct activity *activity, const struct cloud_server *server)
{
	const struct record *record = activity_record(activity);
	return cloud_server_matches(server, record->server_name, activity_fleet(activity)->id, record->id,
				    record->nonce);
}

int64_t activity_now(struct activity *activity)
{
	return clock_now(loop_system(activity_parts(activity)->loop));
}

int64_t activity_true_now(struct activity *activity)
{
	int64_t offset = 0;
	(void)cloud_clock_offset(activity_parts(activity)->cloud, &offset);
	return activity_now(activity) - offset;
}

char *activity_path(struct activity *activity, const char *name)
{
	return store_instance_path(activity_parts(activity)->store, activity->run->record.id, name);
}

void child_error(const char *program, const struct child_result *result, struct error *ret)
{
	const char *tail = result->tail ? result->tail : "";
	if (result->timed_out)
		error_set(ret, ERROR_FAILED, 0, "%s did not end in time; its last lines: %s", program, tail);
	else if (result->signal)
		error_set(ret, ERROR_FAILED, 0, "%s was ended by signal %d; its last lines: %s", program,
			  result->signal, tail);
	else
		error_set(ret, ERROR_FAILED, 0, "%s failed with status %d; its last lines: %s", program,
			  result->exit_status, tail);
}
