#include "commands/view.h"

#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/table.h"
#include "base/timestamp.h"
#include "instance/adoption.h"
#include "instance/status.h"
#include "system/clock.h"

json_t *view_json(const struct record *record, int64_t now)
{
	json_t *object = record_to_json(record);
	json_object_set_new(object, "status", json_string(status_of(record, now)));
	if (record->verified_at) {
		int64_t left = record->expires_at - now;
		json_object_set_new(object, "timeLeftSeconds", json_integer(left > 0 ? left : 0));
	}
	return object;
}

const char *view_user(const struct record *record)
{
	return *record->email ? record->email : "an unknown user";
}

void view_print_json(const json_t *value, struct text *ret)
{
	AUTO_FREE char *formatted = json_format(value, true);
	text_add_string(ret, formatted);
	text_add_string(ret, "\n");
}

int view_print_instance(struct session *session, const char *id, struct error *err)
{
	struct record record;
	if (session_record(session, id, &record, err) < 0)
		return -1;
	AUTO_JSON json_t *object = view_json(&record, clock_now(session->system));
	view_print_json(object, &session->output);
	record_release(&record);
	return 0;
}

void view_time_left(const struct record *record, int64_t now, char *ret, size_t size)
{
	int64_t left = record->expires_at - now;
	ret[0] = '\0';
	if (!record->verified_at || record->goal == GOAL_GONE || adoption_is_open(record))
		return;
	/* The handover has a grace beyond what was bought, which would be shown as more than that. Of an adopted
	 * machine it is not known what was. */
	if (!record->adopted_at && left > record->paid_seconds)
		left = record->paid_seconds;
	if (left <= 0)
		text_copy(ret, size, "none");
	else
		timestamp_format_span(left, ret, size);
}

void view_table(const struct record *records, size_t count, int64_t now, struct text *ret)
{
	static const char *const headings[] = { "ID", "STATUS", "EMAIL", "IP", "SIZE", "LOCATION", "EXPIRES", "LEFT" };
	struct table *table = table_new(ARRAY_LENGTH(headings), headings);
	for (size_t i = 0; i < count; i++) {
		const struct record *record = &records[i];
		char expires[TIMESTAMP_SIZE] = "-", left[48];
		if (record->expires_at)
			timestamp_format(record->expires_at, expires);
		view_time_left(record, now, left, sizeof(left));
		const char *cells[] = { record->id,
					status_of(record, now),
					*record->email ? record->email : "-",
					*record->server_ip ? record->server_ip : "-",
					*record->server_type ? record->server_type : "-",
					*record->location ? record->location : "-",
					expires,
					*left ? left : "-" };
		table_add_row(table, cells);
	}
	table_print(table, ret);
	table_free(table);
}
