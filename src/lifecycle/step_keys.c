/*
 * keys: the box is given the whole list of the record and says what it then takes. The
 * change is in the record already: a machine that can't be told loses nothing, and `reap`
 * tells it later.
 */
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "instance/status.h"
#include "lifecycle/box.h"

#define RETRY_MS 3000

static void tell_box(struct activity *activity);

/* The list as it was sent, which is the activity's memory. */
static json_t *sent(struct activity *activity)
{
	struct error impossible = ERROR_INIT;
	const char *list = activity->memory;
	return json_parse(list, strlen(list), &impossible);
}

static int change_told(struct record *record, struct activity *activity, struct error *err)
{
	(void)err;
	json_decref(record->box_ssh_keys);
	record->box_ssh_keys = sent(activity);
	return 0;
}

static void on_told(struct activity *activity, const struct child_result *result)
{
	AUTO_JSON json_t *keys = sent(activity);
	if (result->exit_status == 0 && box_read_keys(result->output, keys, &activity->last) == 0) {
		activity_commit(activity, change_told, "keys-told", "", tell_box);
		return;
	}
	if (result->exit_status != 0)
		child_error("ccc-set-keys", result, &activity->last);
	if (++activity->attempts < 3)
		activity_retry(activity, RETRY_MS, tell_box);
	else
		activity_fail(activity, &activity->last);
}

/* Called again after each commit: another change may have come in between. */
static void tell_box(struct activity *activity)
{
	const struct record *record = activity_record(activity);
	if (status_keys_are_told(record))
		return; /* the engine sees that the step is done */
	memory_free_pointer(&activity->memory);
	activity->memory = json_format(record->ssh_keys, false);
	box_set_keys(activity, record->ssh_keys, on_told);
}

void step_keys(struct activity *activity)
{
	tell_box(activity);
}
