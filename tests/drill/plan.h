#ifndef DRILL_PLAN_H
#define DRILL_PLAN_H
/*
 * What will happen in a run, as a list: people's commands and everything that goes
 * wrong. A run is its plan and its seed and nothing else, so a plan without some of its items
 * is a run too: that is how a failure is made short.
 */
#include "errand.h"
#include "host.h"

enum item_kind {
	ITEM_ERRAND,
	ITEM_REAPER_OFF, /* cron does nothing for `seconds` */
	ITEM_CLOCK,      /* the machine's clock is wrong by `amount` s for `seconds` */
	ITEM_NETWORK,    /* no way to the cloud and the machines for `seconds` */
	ITEM_SLOW,       /* requests take long for `seconds` */
	ITEM_DISK_FULL,  /* for `seconds` */
	ITEM_POWER_CUT,
	ITEM_KILL,     /* every ccc that runs is killed; the operator goes on at once, or leaves it to cron */
	ITEM_CLOUD,    /* a fault of the simulator: row `amount` of its table, with `number` */
	ITEM_REFUSALS, /* error `amount` from `route`, `number` times in a thousand, for `seconds` */
	ITEM_STOCK,    /* type `amount` is sold out for `seconds`; with `number` the catalogue says otherwise */
	ITEM_TOKEN,    /* the token is revoked for `seconds` */
	ITEM_HOST,     /* the next machine that boots has this trouble */
	ITEM_TAMPER,   /* somebody lays hands on a user's server: row `amount` */
	ITEM_AMENDS,   /* what was done to that server is undone */
	ITEM_BOX,      /* from now on the operator's box is the one that is the same for all */
	ITEM_COPY,     /* copies of the state and its history are made */
	ITEM_LOSS,     /* something of the fleet's own gets lost: row `amount` */
	ITEM_KINDS
};

struct item {
	enum item_kind kind;
	int64_t at_s;     /* from the begin of the run */
	int64_t after_ms; /* and so much later */
	int64_t seconds, amount, number;
	size_t route;
	struct errand errand;
	struct mishap mishap;
};

struct plan {
	uint64_t seed;
	int64_t pace; /* 1, or in a long life: how many hours are an hour */
	int64_t length_s;
	int64_t reap_every_s;
	unsigned switching;
	unsigned reaper_mishaps; /* in a thousand sweeps of cron that meet a mishap */
	struct item *items;
	size_t count;
};

struct plan *plan_draw(uint64_t seed);
struct plan *plan_without(const struct plan *plan, size_t first, size_t count); /* a copy that lacks these items */
void plan_free(struct plan *plan);

/* A line, without the newline. */
void plan_describe(const struct item *item, char *ret, size_t size);
#endif
