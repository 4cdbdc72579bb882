#include "plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cloud_trouble.h"
#include "loss.h"
#include "owner.h"

#define STREAM_PLAN 100
#define USERS       10
#define LONG_LIVES  40 /* in a thousand: of weeks to months, in which hours are days and cron is lazier */
#define LONG_PAUSES 12
#define SHARED_BOX  300 /* in a thousand lives with the box that is the same for all, half of them from the begin */
#define LOST        150 /* in a thousand lives in which something of the fleet's own gets lost */
#define HOUR        INT64_C(3600)
#define DAY         (24 * HOUR)

static struct item *add(struct plan *plan, enum item_kind kind, int64_t at_s)
{
	plan->items = owner_world_reallocarray(plan->items, plan->count + 1, sizeof(*plan->items));
	struct item *item = &plan->items[plan->count++];
	memset(item, 0, sizeof(*item));
	item->kind = kind;
	item->at_s = at_s;
	return item;
}

static void add_errand(struct plan *plan, struct draw *draw, enum errand_kind kind, unsigned user, int64_t at_s)
{
	struct item *item = add(plan, ITEM_ERRAND, at_s);
	item->errand.kind = kind;
	item->errand.user = user;
	item->errand.hours = draw_between(draw, 1, 4) * plan->pace;
	snprintf(item->errand.reference, sizeof(item->errand.reference), "p%zu", plan->count);
	item->errand.keep = kind == ERRAND_PROVISION && draw_chance(draw, 150);
	if (draw_chance(draw, 300)) {
		item->mishap.kind = (enum mishap_kind)draw_between(draw, MISHAP_KILL, MISHAP_DRAWN);
		item->mishap.at = (unsigned)draw_between(draw, 1, kind == ERRAND_PROVISION ? 250 : 70);
	}
	if (kind != ERRAND_PROVISION && draw_chance(draw, 40))
		item->errand.project = 1;
}

/* The operator's connection breaks in the middle of it. */
static void draw_break(struct plan *plan, struct draw *draw, int64_t at_s)
{
	struct item *item = add(plan, ITEM_KILL, at_s + draw_between(draw, 1, 200));
	item->after_ms = draw_between(draw, 0, 999);
	item->amount = draw_between(draw, 0, 1);
}

/* The shop says the same payment once more. */
static void repeat(struct plan *plan, struct draw *draw, size_t index, int64_t at_s)
{
	struct errand again = plan->items[index].errand;
	struct item *item = add(plan, ITEM_ERRAND, at_s + draw_between(draw, 0, 600));
	item->errand = again;
}

/* Somebody says a payment that was said before: for his own machine, or for one that he has not. */
static void draw_used_payment(struct plan *plan, struct draw *draw, unsigned user)
{
	const struct item said = plan->items[draw_below(draw, plan->count)]; /* others are added now */
	int64_t at_s = said.at_s + draw_between(draw, 60, plan->length_s / 2);
	bool extends = draw_chance(draw, 500);
	if (!*said.errand.reference)
		return;
	add_errand(plan, draw, extends ? ERRAND_EXTEND : ERRAND_PROVISION, extends ? user : USERS + user, at_s);
	struct errand *errand = &plan->items[plan->count - 1].errand;
	errand->hours = said.errand.hours;
	memcpy(errand->reference, said.errand.reference, sizeof(errand->reference));
}

#define HANDOVER_S 300 /* about what it takes from the request to the machine, and the grace given then */

/* The payment comes just when a sweep is about to end the machine. */
static void draw_late_payer(struct plan *plan, struct draw *draw, unsigned user, int64_t paid_until_s)
{
	int64_t over_s = paid_until_s + HANDOVER_S;
	int64_t sweep_s = (over_s / plan->reap_every_s + 1) * plan->reap_every_s;
	add_errand(plan, draw, ERRAND_EXTEND, user, sweep_s);
	plan->items[plan->count - 1].after_ms = draw_between(draw, 0, 600);
}

/* Somebody complains about the machine; mostly it was a mistake. */
static void draw_suspension(struct plan *plan, struct draw *draw, unsigned user, int64_t at_s)
{
	add_errand(plan, draw, ERRAND_SUSPEND, user, at_s);
	if (draw_chance(draw, 700))
		add_errand(plan, draw, ERRAND_UNSUSPEND, user, at_s + draw_between(draw, 1, 2 * HOUR * plan->pace));
	if (draw_chance(draw, 200)) { /* and somebody has a look at it */
		struct item *item = add(plan, ITEM_TAMPER, at_s + draw_between(draw, -HOUR / 4, HOUR / 2 * plan->pace));
		cloud_trouble_draw(item, draw);
		item->errand.user = user;
	}
}

static void draw_keys(struct plan *plan, struct draw *draw, unsigned user, int64_t at_s)
{
	add_errand(plan, draw, ERRAND_ADD_KEY, user, at_s);
	if (draw_chance(draw, 500))
		add_errand(plan, draw, ERRAND_REMOVE_KEY, user, at_s + draw_between(draw, 1, HOUR * plan->pace));
}

/* A user comes, perhaps pays for more, perhaps leaves early; the operator may have to help. */
static void draw_user(struct plan *plan, struct draw *draw, unsigned user)
{
	int64_t at_s = draw_between(draw, 0, plan->length_s / 2);
	add_errand(plan, draw, ERRAND_PROVISION, user, at_s);
	size_t request = plan->count - 1;
	if (draw_chance(draw, 150))
		draw_break(plan, draw, at_s);
	if (draw_chance(draw, 50)) /* the shop says the request once more */
		repeat(plan, draw, request, at_s);
	if (draw_chance(draw, 50)) /* one server a user */
		add_errand(plan, draw, ERRAND_PROVISION, user, at_s + draw_between(draw, 0, 300));
	while (draw_chance(draw, 400)) {
		int64_t paid_s = at_s + draw_between(draw, 60, 5 * HOUR * plan->pace);
		add_errand(plan, draw, ERRAND_EXTEND, user, paid_s);
		if (draw_chance(draw, 250))
			repeat(plan, draw, plan->count - 1, paid_s);
	}
	if (draw_chance(draw, 300))
		draw_late_payer(plan, draw, user, at_s + plan->items[request].errand.hours * HOUR);
	if (draw_chance(draw, 150))
		add_errand(plan, draw, ERRAND_END, user, at_s + draw_between(draw, 60, 4 * HOUR * plan->pace));
	if (draw_chance(draw, 100))
		draw_used_payment(plan, draw, user);
	if (draw_chance(draw, 200))
		add_errand(plan, draw, ERRAND_RESUME, user, at_s + draw_between(draw, 60, HOUR * plan->pace));
	if (draw_chance(draw, 150)) /* a second key, which may be taken away again */
		draw_keys(plan, draw, user, at_s + draw_between(draw, 60, 3 * HOUR * plan->pace));
	if (draw_chance(draw, 80))
		draw_suspension(plan, draw, user, at_s + draw_between(draw, 60, 2 * HOUR * plan->pace));
}

/* The operator does what fsck proposes. */
static void draw_amends(struct plan *plan, struct draw *draw, unsigned user, int64_t at_s)
{
	struct item *item = add(plan, ITEM_AMENDS, at_s + draw_between(draw, 60, 2 * HOUR * plan->pace));
	item->errand.user = user;
}

static void draw_trouble(struct plan *plan, struct draw *draw)
{
	static const enum item_kind kinds[] = { ITEM_KILL,  ITEM_REAPER_OFF, ITEM_CLOCK,     ITEM_NETWORK,
						ITEM_SLOW,  ITEM_DISK_FULL,  ITEM_POWER_CUT, ITEM_CLOUD,
						ITEM_CLOUD, ITEM_CLOUD,      ITEM_CLOUD,     ITEM_CLOUD,
						ITEM_CLOUD, ITEM_REFUSALS,   ITEM_REFUSALS,  ITEM_STOCK,
						ITEM_TOKEN, ITEM_HOST,       ITEM_TAMPER };
	struct item *item = add(plan, kinds[draw_below(draw, sizeof(kinds) / sizeof(*kinds))],
				draw_between(draw, 0, plan->length_s));
	item->seconds = draw_between(draw, 10, draw_chance(draw, 500) ? 300 : 3 * HOUR);
	if (item->kind == ITEM_CLOCK)
		item->amount =
			draw_chance(draw, 300) ? draw_between(draw, -59, 59) : draw_between(draw, -2 * HOUR, 2 * HOUR);
	else if (item->kind == ITEM_HOST) {
		item->amount = draw_between(draw, 1, HOST_TROUBLES - 1);
		item->number = draw_between(draw, 1, 2);
	} else
		cloud_trouble_draw(item, draw);
	if (item->kind == ITEM_REAPER_OFF)
		item->seconds *= plan->pace;
	item->errand.user = (unsigned)draw_below(draw, USERS);
	if (item->kind == ITEM_TAMPER && cloud_trouble_takes_away(item) && draw_chance(draw, 500))
		draw_amends(plan, draw, item->errand.user, item->at_s);
}

/* Cron is dead for days or weeks, and nobody sees it. */
static void draw_dead_cron(struct plan *plan, struct draw *draw)
{
	struct item *item = add(plan, ITEM_REAPER_OFF, draw_between(draw, 0, plan->length_s / 2));
	item->seconds = draw_between(draw, DAY, 1 + plan->length_s / 2);
}

/* Records, files or what the fleet has at Hetzner get lost; the operator sees it after a while. What was on its
 * way from a machine that is no more has arrived by then. */
static void draw_loss(struct plan *plan, struct draw *draw)
{
	struct item *item = add(plan, ITEM_LOSS, draw_between(draw, plan->length_s / 8, plan->length_s));
	loss_draw(item, draw);
	item->errand.user = (unsigned)draw_below(draw, USERS);
	const struct item loss = *item; /* others are added now */
	if (loss_needs_copies(&loss))
		add(plan, ITEM_COPY, draw_between(draw, plan->length_s / 16, loss.at_s));
	int64_t at_s = loss.at_s + draw_between(draw, 2 * 60, draw_chance(draw, 500) ? HOUR / 2 : 3 * HOUR);
	if (loss_takes_state(&loss)) {
		add_errand(plan, draw, ERRAND_ADOPT, 0, at_s);
		if (draw_chance(draw, 500))
			add_errand(plan, draw, ERRAND_ADOPT, 0, at_s += draw_between(draw, 1, 300));
	}
	if (draw_chance(draw, 700))
		add_errand(plan, draw, ERRAND_FSCK, 0, at_s += draw_between(draw, 1, HOUR / 2));
	if (draw_chance(draw, 300))
		add_errand(plan, draw, ERRAND_FSCK_YES, 0, at_s + draw_between(draw, 1, 2 * HOUR));
}

/* What the product may rely on: what holds a create back, on its way and in lists, is less than ten minutes
 * in sum. A minute of them is left for what is on its way here. */
static void keep_settling(struct plan *plan)
{
	int64_t slow_s = 0, stale_s = 0;
	for (size_t i = 0; i < plan->count; i++) {
		int64_t item_s = cloud_trouble_stale_s(&plan->items[i]);
		stale_s = item_s > stale_s ? item_s : stale_s;
		if (plan->items[i].kind == ITEM_SLOW)
			slow_s = 90;
	}
	int64_t left_s = CLOUD_SETTLES_S - 60 - slow_s - stale_s;
	for (size_t i = 0; i < plan->count; i++)
		if (cloud_trouble_late_s(&plan->items[i]) > left_s)
			plan->items[i].number = left_s;
}

/* What comes after the end would trouble sweeps that are judged as if nothing were wrong. */
static void reach_the_last(struct plan *plan)
{
	for (size_t i = 0; i < plan->count; i++)
		if (plan->items[i].at_s + 2 > plan->length_s)
			plan->length_s = plan->items[i].at_s + 2;
}

struct plan *plan_draw(uint64_t seed)
{
	static const int64_t pauses_s[] = { 300, 900, 1800, HOUR };
	struct plan *plan = owner_world_calloc(1, sizeof(*plan));
	struct draw draw;
	draw_init(&draw, seed, STREAM_PLAN);
	plan->seed = seed;
	plan->pace = draw_chance(&draw, LONG_LIVES) ? draw_between(&draw, 24, 150) : 1;
	plan->length_s = draw_between(&draw, 4, 14) * HOUR * plan->pace;
	plan->reap_every_s = pauses_s[draw_below(&draw, 4)] * (plan->pace > 1 ? LONG_PAUSES : 1);
	plan->switching = draw_chance(&draw, 500) ? (unsigned)draw_between(&draw, 20, 400) : 0;
	plan->reaper_mishaps = draw_chance(&draw, 500) ? 60 : 0;
	for (unsigned user = 0; user < USERS; user++)
		draw_user(plan, &draw, user);
	if (draw_chance(&draw, 300))
		add_errand(plan, &draw, ERRAND_FSCK, 0, draw_between(&draw, 0, plan->length_s));
	for (uint64_t left = draw_below(&draw, 8); left > 0; left--)
		draw_trouble(plan, &draw);
	if (plan->pace > 1 && draw_chance(&draw, 700))
		draw_dead_cron(plan, &draw);
	if (draw_chance(&draw, LOST))
		draw_loss(plan, &draw);
	if (draw_chance(&draw, SHARED_BOX))
		add(plan, ITEM_BOX, draw_chance(&draw, 500) ? 0 : draw_between(&draw, 1, plan->length_s));
	keep_settling(plan);
	reach_the_last(plan);
	return plan;
}

struct plan *plan_without(const struct plan *plan, size_t first, size_t count)
{
	struct plan *shorter = owner_world_calloc(1, sizeof(*shorter));
	*shorter = *plan;
	shorter->items = owner_world_calloc(plan->count + 1, sizeof(*plan->items));
	shorter->count = 0;
	for (size_t i = 0; i < plan->count; i++)
		if (i < first || i >= first + count)
			shorter->items[shorter->count++] = plan->items[i];
	return shorter;
}

void plan_free(struct plan *plan)
{
	if (plan)
		free(plan->items);
	free(plan);
}

static int describe_errand(const struct item *item, char *ret, size_t size)
{
	const struct errand *errand = &item->errand;
	bool pays = errand->kind == ERRAND_PROVISION || errand->kind == ERRAND_EXTEND;
	char paid[64] = "";
	if (pays)
		snprintf(paid, sizeof(paid), ", %lld h, payment %s", (long long)errand->hours, errand->reference);
	char who[16] = "";
	if (errand_is_of_user(errand->kind))
		snprintf(who, sizeof(who), " user%u", errand->user);
	int length = snprintf(ret, size, "%s%s%s%s", errand_name(errand->kind), who, paid,
			      errand->project ? ", with another project's token" : "");
	if (item->mishap.kind && length > 0 && (size_t)length < size)
		length += snprintf(ret + length, size - (size_t)length, "; %s at effect %u",
				   mishap_name(item->mishap.kind), item->mishap.at);
	return length;
}

void plan_describe(const struct item *item, char *ret, size_t size)
{
	static const char *const lasting[ITEM_KINDS] = {
		[ITEM_REAPER_OFF] = "cron does nothing",
		[ITEM_NETWORK] = "there is no network",
		[ITEM_SLOW] = "the network is slow",
		[ITEM_DISK_FULL] = "the disk is full",
	};
	long long minutes = item->at_s / 60, seconds = item->seconds, amount = item->amount;
	int length =
		snprintf(ret, size, "%3lld:%02lld:%02lld  ", minutes / 60, minutes % 60, (long long)item->at_s % 60);
	ret += length;
	size -= (size_t)length;
	if (lasting[item->kind])
		snprintf(ret, size, "%s for %lld s", lasting[item->kind], seconds);
	else if (item->kind == ITEM_ERRAND)
		describe_errand(item, ret, size);
	else if (item->kind == ITEM_CLOCK)
		snprintf(ret, size, "the machine's clock is %lld s %s for %lld s", llabs(amount),
			 amount < 0 ? "behind" : "ahead", seconds);
	else if (item->kind == ITEM_POWER_CUT)
		snprintf(ret, size, "the power is cut");
	else if (item->kind == ITEM_KILL)
		snprintf(ret, size, "every ccc is killed, and %s goes on", amount ? "the operator" : "cron");
	else if (item->kind == ITEM_AMENDS)
		snprintf(ret, size, "the server of user%u is made as it should be again", item->errand.user);
	else if (item->kind == ITEM_BOX)
		snprintf(ret, size, "the operator takes the box that is the same for all");
	else if (item->kind == ITEM_COPY)
		snprintf(ret, size, "the state and its history are copied");
	else if (item->kind == ITEM_LOSS)
		loss_describe(item, ret, size);
	else if (item->kind == ITEM_HOST)
		snprintf(ret, size, "the next %lld that boots %s", (long long)item->number,
			 host_trouble_words((enum host_trouble)amount));
	else
		cloud_trouble_describe(item, ret, size);
}
