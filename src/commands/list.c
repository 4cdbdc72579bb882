#include "commands/all.h"
#include "commands/view.h"
#include "system/clock.h"

static int run(struct session *session, struct error *err)
{
	struct snapshot snapshot;
	int64_t now = clock_now(session->system);
	if (store_read(session->store, &snapshot, err) < 0)
		return -1;
	session_warn_of_age(session);
	if (session->format == OUTPUT_JSON) {
		json_t *list = json_array();
		for (size_t i = 0; i < snapshot.count; i++)
			json_array_append_new(list, view_json(&snapshot.records[i], now));
		view_print_json(list, &session->output);
		json_decref(list);
	} else {
		view_table(snapshot.records, snapshot.count, now, &session->output);
	}
	snapshot_release(&snapshot);
	return 0;
}

const struct command command_list = {
	.name = "list",
	.summary = "show the instances that there are",
	.usage = "",
	.details = "Shows every instance of the state with its status and the time left. Asks nobody: the state alone "
		   "is read.",
	.needs = NEEDS_STATE,
	.run = run,
};
