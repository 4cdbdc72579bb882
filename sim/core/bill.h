#ifndef SIM_CORE_BILL_H
#define SIM_CORE_BILL_H
/*
 * What the operator would pay: every started hour of each thing that exists, on or
 * off, and in a calendar month (UTC) never more than its monthly price.
 */
#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

struct bill_item {
	const char *kind; /* "server", "ipv4", "snapshot" */
	int64_t id;
	size_t project;
	char *name;
	const char *type, *location; /* of the catalogue */
	int64_t hourly, monthly;     /* 1e-8 EUR */
	int64_t start_ms, end_ms;    /* end -1: still there */
};

struct bill {
	struct bill_item *items;
	size_t count, capacity;
	size_t *open; /* the places of those that have not ended */
	size_t open_count, open_capacity;
};

/* Takes a copy; name is copied, kind, type and location must outlive the bill. */
void bill_start(struct bill *bill, const struct bill_item *item);
void bill_end(struct bill *bill, const char *kind, int64_t id, int64_t now_ms);
void bill_release(struct bill *bill);

int64_t bill_hours(const struct bill_item *item, int64_t now_ms);
int64_t bill_amount(const struct bill_item *item, int64_t now_ms);
json_t *bill_report(const struct bill *bill, int64_t now_ms);
#endif
