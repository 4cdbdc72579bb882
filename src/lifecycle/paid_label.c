#include "lifecycle/paid_label.h"

#include "base/timestamp.h"

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
