#include "fleet/run_program.h"

#include <stdbool.h>

#include "system/child.h"

struct waiting {
	bool ended;
	struct text *output;
	const char *program;
	struct error error;
};

static void on_exit_of_program(void *data, const struct child_result *result)
{
	struct waiting *waiting = data;
	waiting->ended = true;
	if (waiting->output)
		text_add_string(waiting->output, result->output);
	if (result->timed_out)
		error_set(&waiting->error, ERROR_FAILED, 0, "%s did not end in time", waiting->program);
	else if (result->exit_status != 0)
		error_set(&waiting->error, ERROR_FAILED, 0, "%s failed with status %d: %s", waiting->program,
			  result->exit_status, result->tail);
}

static int run(struct loop *loop, const struct settings *settings, const char *const *argv, int64_t deadline_ms,
	       int lease_fd, struct text *output, struct error *err)
{
	struct waiting waiting = { .output = output, .program = argv[0], .error = ERROR_INIT };
	struct child *child;
	struct child_order order = {
		.guard = settings->self,
		.argv = argv,
		.path = settings->path,
		.environment = arguments_list(&settings->children),
		.lease_fd = lease_fd,
		.deadline_ms = deadline_ms,
		.output_maximum = 65536,
		.on_exit = on_exit_of_program,
		.data = &waiting,
	};
	if (child_start(loop, &order, &child, err) < 0)
		return -1;
	if (loop_until(loop, &waiting.ended, err) < 0) {
		child_abandon(child);
		return -1;
	}
	if (waiting.error.kind == ERROR_NONE)
		return 0;
	*err = waiting.error;
	return -1;
}

#define SHORT_MS 30000

int run_program(struct loop *loop, const struct settings *settings, const char *const *argv, struct text *output,
		struct error *err)
{
	return run(loop, settings, argv, SHORT_MS, -1, output, err);
}

int run_long_program(struct loop *loop, const struct settings *settings, const char *const *argv, int64_t deadline_ms,
		     struct text *output, struct error *err)
{
	return run(loop, settings, argv, deadline_ms, -1, output, err);
}

int run_program_leased(struct loop *loop, const struct settings *settings, const char *const *argv,
		       const struct lock *lease, struct text *output, struct error *err)
{
	return run(loop, settings, argv, SHORT_MS, lock_descriptor(lease), output, err);
}
