/*
 * build: what evaluation found is to be built for this instance, by nix-build, beside
 * create and boot. The links to it are not durable: where a power cut took them, the box
 * is evaluated once more with the same parameters.
 */
#include "base/memory.h"
#include "base/text.h"
#include "fleet/box_needs.h"
#include "fleet/tools.h"
#include "lifecycle/paths.h"
#include "programs/nix_build.h"
#include "system/durable_file.h"

#define BUILD_MS (55 * INT64_C(60000))

struct built {
	char system[256], disko[256];
};

static int change_built(struct record *record, struct activity *activity, struct error *err)
{
	const struct built *built = activity->memory;
	(void)err;
	record->built_at = activity_now(activity);
	text_copy(record->system_path, sizeof(record->system_path), built->system);
	text_copy(record->disko_path, sizeof(record->disko_path), built->disko);
	return 0;
}

static void on_built(struct activity *activity, const struct child_result *result)
{
	struct error error = ERROR_INIT;
	struct built *built = activity->memory;
	if (result->exit_status != 0)
		child_error("nix-build", result, &error);
	else
		(void)nix_build_read_paths(result->output, built->system, sizeof(built->system), built->disko,
					   sizeof(built->disko), &error);
	if (error.kind != ERROR_NONE) {
		error_wrap(&error, "cannot build the box '%s'", activity_parts(activity)->settings->box);
		activity_fail(activity, &error);
		return;
	}
	activity_commit(activity, change_built, "built", built->system, NULL);
}

/* The box that is to be evaluated once more is of the form for which its server was ordered. */
static int check_box(struct activity *activity, struct error *err)
{
	struct system *system = loop_system(activity_parts(activity)->loop);
	const struct settings *settings = activity_parts(activity)->settings;
	struct box_needs needs;
	if (tools_check_box(system, settings, err) < 0 || box_needs_read(system, settings, &needs, err) < 0)
		return -1;
	if (needs.user_data != activity_record(activity)->takes_user_data)
		return error_set(err, ERROR_FAILED, 0,
				 "the box '%s' has its parameters from elsewhere than the one that this instance was "
				 "ordered with; set CCC_BOX to that one",
				 settings->box);
	return 0;
}

void step_build(struct activity *activity)
{
	struct error error = ERROR_INIT;
	const struct settings *settings = activity_parts(activity)->settings;
	AUTO_FREE char *derivation = activity_path(activity, PATH_DERIVATION);
	AUTO_FREE char *instance_file = activity_path(activity, PATH_INSTANCE_FILE);
	AUTO_FREE char *result = activity_path(activity, PATH_RESULT);
	AUTO_ARGUMENTS struct arguments argv = ARGUMENTS_INIT;
	if (file_is_there(loop_system(activity_parts(activity)->loop), derivation)) {
		nix_build_command(derivation, result, &argv);
	} else if (check_box(activity, &error) < 0) {
		activity_lacks(activity, &error);
		return;
	} else {
		nix_build_box_command(settings->box, instance_file, result, &argv);
	}
	activity->memory = memory_new(sizeof(struct built));
	activity_child(activity,
		       &(struct activity_program){ .argv = &argv, .deadline_ms = BUILD_MS, .done = on_built });
}
