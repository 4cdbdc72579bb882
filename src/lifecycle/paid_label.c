#include "lifecycle/paid_label.h"

#include "base/number.h"
#include "base/timestamp.h"

int64_t paid_label_read(const struct cloud_server *server)
{
	struct error ignored = ERROR_INIT;
	int64_t time;
	return number_parse(server->labels.expires, 1, TIMESTAMP_LAST, "label", &time, &ignored) < 0 ? 0 : time;
}

bool paid_label_is_news(const struct record *record, int64_t label)
{
	return label > record->expires_at && label > record->label_expires_at;
}

void paid_label_warn(struct activity *activity, int64_t label, const char *then)
{
	char when[TIMESTAMP_SIZE];
	timestamp_format(label, when);
	activity_warn(activity,
		      "its server's label says that it is paid until %s, which the record did not know: is the "
		      "state an old copy? %s",
		      when, then);
}
