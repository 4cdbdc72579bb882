#include "core/bill.h"

#include "base/memory.h"
#include "base/timestamp.h"
#include "core/money.h"

#define AN_HOUR INT64_C(3600)

void bill_start(struct bill *bill, const struct bill_item *item)
{
	if (bill->count == bill->capacity) {
		bill->capacity = bill->capacity ? 2 * bill->capacity : 16;
		bill->items = memory_grow(bill->items, bill->capacity, sizeof(struct bill_item));
	}
	struct bill_item *copy = &bill->items[bill->count++];
	*copy = *item;
	copy->name = memory_copy_string(item->name);
	copy->end_ms = -1;
	if (bill->open_count == bill->open_capacity) {
		bill->open_capacity = bill->open_capacity ? 2 * bill->open_capacity : 16;
		bill->open = memory_grow(bill->open, bill->open_capacity, sizeof(size_t));
	}
	bill->open[bill->open_count++] = bill->count - 1;
}

void bill_end(struct bill *bill, const char *kind, int64_t id, int64_t now_ms)
{
	for (size_t i = 0; i < bill->open_count; i++) {
		struct bill_item *item = &bill->items[bill->open[i]];
		if (item->id == id && strcmp(item->kind, kind) == 0) {
			item->end_ms = now_ms;
			bill->open[i] = bill->open[--bill->open_count];
			return;
		}
	}
}

void bill_release(struct bill *bill)
{
	for (size_t i = 0; i < bill->count; i++)
		free(bill->items[i].name);
	free(bill->items);
	free(bill->open);
	*bill = (struct bill){ 0 };
}

int64_t bill_hours(const struct bill_item *item, int64_t now_ms)
{
	int64_t end = item->end_ms < 0 ? now_ms : item->end_ms;
	int64_t elapsed = end - item->start_ms;
	int64_t hours = (elapsed + AN_HOUR * 1000 - 1) / (AN_HOUR * 1000);

	return hours > 1 ? hours : 1;
}

/* The first second of the next calendar month. */
static int64_t next_month(int64_t seconds)
{
	time_t time = (time_t)seconds;
	struct tm date;

	gmtime_r(&time, &date);
	struct tm next = { .tm_year = date.tm_year, .tm_mon = date.tm_mon + 1, .tm_mday = 1 };
	return timegm(&next);
}

int64_t bill_amount(const struct bill_item *item, int64_t now_ms)
{
	int64_t hours = bill_hours(item, now_ms);
	int64_t start = item->start_ms / 1000;
	int64_t total = 0;

	/* An hour belongs to the month in which it starts. */
	while (hours > 0) {
		int64_t in_month = (next_month(start) - start + AN_HOUR - 1) / AN_HOUR;
		if (in_month > hours)
			in_month = hours;
		int64_t amount = in_month * item->hourly;
		total += amount < item->monthly ? amount : item->monthly;
		start += in_month * AN_HOUR;
		hours -= in_month;
	}
	return total;
}

static json_t *time_or_null(int64_t ms)
{
	char string[TIMESTAMP_SIZE];

	if (ms < 0)
		return json_null();
	timestamp_format(ms / 1000, string);
	return json_string(string);
}

json_t *bill_report(const struct bill *bill, int64_t now_ms)
{
	json_t *items = json_array();
	int64_t total = 0;
	json_int_t open = 0;

	for (size_t i = 0; i < bill->count; i++) {
		const struct bill_item *item = &bill->items[i];
		int64_t amount = bill_amount(item, now_ms);
		total += amount;
		open += item->end_ms < 0;
		json_array_append_new(
			items,
			json_pack("{s:s, s:I, s:I, s:s?, s:s?, s:s?, s:o, s:o, s:I, s:o, s:o, s:o}", "kind", item->kind,
				  "id", (json_int_t)item->id, "project", (json_int_t)item->project, "name", item->name,
				  "type", item->type, "location", item->location, "created",
				  time_or_null(item->start_ms), "deleted", time_or_null(item->end_ms), "hours",
				  (json_int_t)bill_hours(item, now_ms), "price_hourly", money_string(item->hourly),
				  "price_monthly", money_string(item->monthly), "amount", money_string(amount)));
	}
	return json_pack("{s:s, s:o, s:I, s:o}", "currency", "EUR", "total", money_string(total), "running", open,
			 "items", items);
}
