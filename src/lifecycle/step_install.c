/*
 * install: nixos-anywhere, with both store paths built already, through an ssh that
 * pins our two host keys (it would check none by itself). It waits for ever when SSH
 * refuses it, so every phase has a deadline of ours, and its exit 0 only means that
 * SSH stopped answering: `verify` looks at what came up. A kexec that comes back in the
 * base system happens on Hetzner; it is tried once more after a rebuild.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "fleet/tools.h"
#include "lifecycle/paths.h"
#include "programs/nixos_anywhere.h"
#include "programs/ssh_wrapper.h"
#include "system/durable_file.h"

#define INSTALL_MS (58 * INT64_C(60000))
#define LAST_LINES 2 /* of its output, in what is told; the others are in the instance's log */
#define LAST_SIZE  240

/* The activity's memory. */
struct installation {
	const struct nixos_anywhere_phase *phase;
	bool is_late; /* the phase took longer than its limit */
};

static int change_installed(struct record *record, struct activity *activity, struct error *err)
{
	(void)err;
	record->installed_at = activity_now(activity);
	return 0;
}

static int change_started(struct record *record, struct activity *activity, struct error *err)
{
	(void)err;
	record->install_started_at = activity_now(activity);
	return 0;
}

/* Boot and install are to be done again, once the rebuild is. */
static int change_returned(struct record *record, struct activity *activity, struct error *err)
{
	(void)err;
	record->kexec_failed_at = activity_now(activity);
	record->reachable_at = record->install_started_at = 0;
	return 0;
}

/* What does not end by itself is ended; the next phase restarts the watch. */
static void on_phase_deadline(void *data)
{
	struct activity *activity = data;
	struct installation *installation = activity->memory;
	activity->phase = NULL;
	installation->is_late = true;
	child_stop(activity->child);
}

static void watch_phase(struct activity *activity, const struct nixos_anywhere_phase *phase)
{
	struct installation *installation = activity->memory;
	installation->phase = phase;
	loop_cancel(activity->phase);
	activity->phase =
		loop_after(activity_parts(activity)->loop, phase->limit_s * 1000, on_phase_deadline, activity);
}

static void on_line(void *data, const char *line)
{
	struct activity *activity = data;
	const struct nixos_anywhere_phase *phase = nixos_anywhere_phase(line);
	if (!phase)
		return;
	watch_phase(activity, phase);
	activity_progress(activity, "%s", phase->mark ? phase->name : line);
}

/* The end of a tail, whose lines are joined by " | ". */
static const char *last_lines(const char *tail)
{
	size_t length = strlen(tail), lines = 0;
	const char *begin = tail + length;
	while (begin > tail) {
		if (strncmp(begin, " | ", 3) == 0 && ++lines == LAST_LINES)
			return begin + 3;
		if (tail + length - begin >= LAST_SIZE)
			return begin;
		begin--;
	}
	return begin;
}

static void describe_failure(struct activity *activity, const struct child_result *result, struct error *ret)
{
	const struct installation *installation = activity->memory;
	const char *name = installation->phase->name;
	error_set(ret, ERROR_FAILED, 0, "%s", *result->tail ? last_lines(result->tail) : "it said nothing");
	if (installation->is_late)
		error_wrap(ret, "'%s' took longer than its limit of %lld s", name,
			   (long long)installation->phase->limit_s);
	else if (result->timed_out)
		error_wrap(ret, "the installation took longer than %lld s, with '%s' last",
			   (long long)(INSTALL_MS / 1000), name);
	else if (result->signal)
		error_wrap(ret, "nixos-anywhere was ended by signal %d while '%s'", result->signal, name);
	else
		error_wrap(ret, "nixos-anywhere failed with status %d while '%s'", result->exit_status, name);
}

static void on_installed(struct activity *activity, const struct child_result *result)
{
	struct error error = ERROR_INIT;
	loop_cancel(activity->phase);
	activity->phase = NULL;
	if (result->exit_status == 0) {
		activity_commit(activity, change_installed, "installed", "", NULL);
		return;
	}
	describe_failure(activity, result, &error);
	if (!activity_record(activity)->kexec_failed_at && nixos_anywhere_fell_back(result->tail)) {
		activity_warn(activity, "%s; the base system is put back and the installation tried once more",
			      error.message);
		activity_commit(activity, change_returned, "kexec-failed", error.message, NULL);
		return;
	}
	activity_fail(activity, &error);
}

static void run_nixos_anywhere(struct activity *activity)
{
	const struct record *record = activity_record(activity);
	const struct settings *settings = activity_parts(activity)->settings;
	struct error error = ERROR_INIT;
	struct connection connection;
	AUTO_FREE char *wrapper = activity_path(activity, PATH_WRAPPER);
	AUTO_FREE char *extra = activity_path(activity, PATH_EXTRA);
	AUTO_ARGUMENTS struct arguments argv = ARGUMENTS_INIT;
	connection_init(&connection, activity_parts(activity)->store, record, "root");
	int result = ssh_wrapper_write(loop_system(activity_parts(activity)->loop), wrapper, settings->path,
				       &connection.target, &error);
	nixos_anywhere_command(
		&(struct nixos_anywhere_order){
			.address = record->server_ip,
			.user = "root",
			.identity = connection.identity,
			.disko_script = record->disko_path,
			.toplevel = record->system_path,
			.kexec = settings->kexec,
			.extra_files = record->takes_user_data ? NULL : extra, /* else `rotate` brings the key */
		},
		&argv);
	connection_release(&connection);
	if (result < 0) {
		activity_fail(activity, &error);
		return;
	}
	if (!activity->memory)
		activity->memory = memory_new(sizeof(struct installation));
	watch_phase(activity, &nixos_anywhere_start);
	activity_child(activity, &(struct activity_program){
					 .argv = &argv,
					 .path_first = wrapper,
					 .deadline_ms = INSTALL_MS,
					 .on_line = on_line,
					 .done = on_installed,
				 });
}

/* A run that was killed may have come as far as the reboot: then there is nothing to install, and the box answers
 * with the lasting host key, or with the one that it has until `rotate`, as the base system does, which knows no
 * ccc-report. */
static unsigned pins_of_box(const struct record *record)
{
	return record->takes_user_data ? PIN_BOOTSTRAP | PIN_LASTING : PIN_LASTING;
}

static void on_looked(struct activity *activity, const struct child_result *result)
{
	char expected[32];
	snprintf(expected, sizeof(expected), "instance=%s\n", activity_record(activity)->id);
	struct error error = ERROR_INIT;
	if (result->exit_status == 0 && strstr(result->output, expected)) {
		activity_commit(activity, change_installed, "installed", "found installed", NULL);
	} else if (paths_pin(activity, PIN_BOOTSTRAP | PIN_LASTING, &error) < 0) {
		activity_fail(activity, &error);
	} else {
		activity_commit(activity, change_started, "install-started", "", run_nixos_anywhere);
	}
}

void step_install(struct activity *activity)
{
	static const char *const remote[] = { "ccc-report", NULL };
	struct error error = ERROR_INIT;
	const struct settings *settings = activity_parts(activity)->settings;
	AUTO_FREE char *ssh = tools_find(settings, "ssh", &error); /* the wrapper's */
	AUTO_FREE char *installer = ssh ? tools_find(settings, "nixos-anywhere", &error) : NULL;
	/* once more: this may be another run than the one that ordered, with another file */
	if (!installer || tools_check_kexec(loop_system(activity_parts(activity)->loop), settings, &error) < 0) {
		activity_lacks(activity, &error);
		return;
	}
	const struct record *record = activity_record(activity);
	bool resumed = record->install_started_at != 0;
	if (paths_pin(activity, resumed ? pins_of_box(record) : PIN_BOOTSTRAP | PIN_LASTING, &error) < 0)
		activity_fail(activity, &error);
	else if (resumed)
		paths_ssh(activity, remote, 30000, on_looked);
	else
		activity_commit(activity, change_started, "install-started", "", run_nixos_anywhere);
}
