/*
 * evaluate: the box with this instance's parameters, by nix-instantiate, before anything
 * is paid for; `build` builds what came of it. Its requirements.json says whether they are
 * built in or go along in the user data, which then has to have room for them. The expiry in
 * them is an upper bound; the true one is written into the box once it is known (P4).
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "fleet/box_needs.h"
#include "fleet/tools.h"
#include "lifecycle/parameters.h"
#include "lifecycle/paths.h"
#include "lifecycle/user_data.h"
#include "programs/nix_error.h"
#include "programs/nix_instantiate.h"

#define EVALUATE_MS (15 * INT64_C(60000)) /* the first time it fetches nixpkgs */

struct evaluation {
	struct nix_error reason;
	bool takes_user_data; /* the box that is evaluated */
	char keys[];          /* those of the user that the box has then, as JSON */
};

static int change_evaluated(struct record *record, struct activity *activity, struct error *err)
{
	const struct evaluation *evaluation = activity->memory;
	json_t *keys = json_parse(evaluation->keys, strlen(evaluation->keys), err);
	if (!keys)
		return -1;
	json_decref(record->box_ssh_keys);
	record->box_ssh_keys = keys;
	record->evaluated_at = activity_now(activity);
	record->takes_user_data = evaluation->takes_user_data;
	return 0;
}

static void on_line(void *data, const char *line)
{
	struct activity *activity = data;
	struct evaluation *evaluation = activity->memory;
	nix_error_line(&evaluation->reason, line);
}

static void on_evaluated(struct activity *activity, const struct child_result *result)
{
	const struct evaluation *evaluation = activity->memory;
	struct error error = ERROR_INIT;
	if (result->exit_status == 0) {
		activity_commit(activity, change_evaluated, "evaluated", "", NULL);
		return;
	}
	if (*evaluation->reason.text && result->exit_status > 0)
		error_set(&error, ERROR_FAILED, 0, "%s", evaluation->reason.text);
	else
		child_error("nix-instantiate", result, &error);
	error_wrap(&error, "the box '%s' can't be evaluated", activity_parts(activity)->settings->box);
	activity_fail(activity, &error);
}

/* What the box gets now; the record may get other keys meanwhile. */
static void remember(struct activity *activity, const struct box_needs *needs)
{
	AUTO_FREE char *keys = json_format(activity_record(activity)->ssh_keys, false);
	size_t size = strlen(keys) + 1;
	struct evaluation *evaluation = memory_new(sizeof(*evaluation) + size);
	memcpy(evaluation->keys, keys, size);
	evaluation->takes_user_data = needs->user_data;
	activity->memory = evaluation;
}

/* Writes them down, and sees to it that they fit where they are to go. */
static int write_parameters(struct activity *activity, const struct box_needs *needs, struct error *err)
{
	AUTO_TEXT struct text data = TEXT_INIT(USER_DATA_MAXIMUM);
	if (parameters_write(activity, err) < 0)
		return -1;
	if (!needs->user_data)
		return 0;
	int result = parameters_user_data(activity, true, &data, err);
	memory_wipe(data.data, data.length);
	return result;
}

void step_evaluate(struct activity *activity)
{
	struct error error = ERROR_INIT;
	struct box_needs needs;
	const struct engine_parts *parts = activity_parts(activity);
	AUTO_FREE char *instance_file = activity_path(activity, PATH_INSTANCE_FILE);
	AUTO_FREE char *derivation = activity_path(activity, PATH_DERIVATION);
	AUTO_ARGUMENTS struct arguments argv = ARGUMENTS_INIT;
	if (tools_check_box(loop_system(parts->loop), parts->settings, &error) < 0 ||
	    box_needs_read(loop_system(parts->loop), parts->settings, &needs, &error) < 0) {
		activity_lacks(activity, &error);
		return;
	}
	if (write_parameters(activity, &needs, &error) < 0) {
		activity_fail(activity, &error);
		return;
	}
	remember(activity, &needs);
	nix_instantiate_command(parts->settings->box, instance_file, derivation, &argv);
	activity_child(activity, &(struct activity_program){
					 .argv = &argv,
					 .deadline_ms = EVALUATE_MS,
					 .on_line = on_line,
					 .done = on_evaluated,
				 });
}
