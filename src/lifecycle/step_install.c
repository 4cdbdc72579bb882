/*
 * install: nixos-anywhere, with both store paths built already, through an ssh that
 * pins our two host keys (it would check none by itself). It waits for ever when SSH
 * refuses it, so every phase has a deadline of ours, and its exit 0 only means that
 * SSH stopped answering: `verify` looks at what came up.
 */
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
#define PHASE_MS   (10 * INT64_C(60000))

static void run_nixos_anywhere(struct activity *activity);

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

/* A phase that does not end is ended: the next line of progress restarts the watch. */
static void on_phase_deadline(void *data)
{
	struct activity *activity = data;
	activity->phase = NULL;
	error_set(&activity->last, ERROR_FAILED, 0, "a phase of nixos-anywhere took longer than %lld s",
		  (long long)(PHASE_MS / 1000));
	child_stop(activity->child);
}

static void watch_phase(struct activity *activity)
{
	loop_cancel(activity->phase);
	activity->phase = loop_after(activity_parts(activity)->loop, PHASE_MS, on_phase_deadline, activity);
}

static void on_line(void *data, const char *line)
{
	struct activity *activity = data;
	const char *phase = nixos_anywhere_phase(line);
	if (!phase)
		return;
	watch_phase(activity);
	activity_progress(activity, "%s", phase);
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
	child_error("nixos-anywhere", result, &error);
	if (activity->last.kind != ERROR_NONE)
		error_wrap(&error, "%s", activity->last.message);
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
			.extra_files = extra,
		},
		&argv);
	connection_release(&connection);
	if (result < 0) {
		activity_fail(activity, &error);
		return;
	}
	activity->last = (struct error)ERROR_INIT;
	watch_phase(activity);
	activity_child(activity, &argv, wrapper, INSTALL_MS, on_line, on_installed);
}

/* A run that was killed may have come as far as the reboot: then there is nothing to install. */
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
	bool resumed = activity_record(activity)->install_started_at != 0;
	if (paths_pin(activity, resumed ? PIN_LASTING : PIN_BOOTSTRAP | PIN_LASTING, &error) < 0)
		activity_fail(activity, &error);
	else if (resumed)
		paths_ssh(activity, remote, 30000, on_looked);
	else
		activity_commit(activity, change_started, "install-started", "", run_nixos_anywhere);
}
