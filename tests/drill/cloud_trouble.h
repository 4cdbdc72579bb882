#ifndef DRILL_CLOUD_TROUBLE_H
#define DRILL_CLOUD_TROUBLE_H
/*
 * What the cloud can be asked to do wrong, and what a person does there behind the
 * operator's back, as tables: each row in words and in the simulator's own documents
 * (docs/hetzner-sim.md). An item of the plan names a row and what was drawn for it.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "draw.h"

struct item;
struct server_view;
struct world;

/* ITEM_CLOUD, ITEM_REFUSALS, ITEM_STOCK, ITEM_TOKEN, ITEM_TAMPER: fills what the kind needs. */
void cloud_trouble_draw(struct item *item, struct draw *draw);

/* The most that a create may take from being sent to being in every list. Nobody promises less to the
 * product, and it believes no sooner that there is nothing (P1). Of an item: its share of that. */
#define CLOUD_SETTLES_S 600
int64_t cloud_trouble_late_s(const struct item *item); /* so much later a create takes effect, 0: none does */
int64_t
cloud_trouble_stale_s(const struct item *item); /* so long lists, and perhaps looks, don't show it; 0: at once */

/* What happens, in words: "the answer to the next create is lost". */
void cloud_trouble_describe(const struct item *item, char *ret, size_t size);

/* Lets it begin, and end after item->seconds where the simulator doesn't end it. */
void cloud_trouble_begin(struct world *world, const struct item *item);
/* No trouble any more. */
void cloud_trouble_heal(struct world *world);

/* Of an ITEM_TAMPER: does it to that server. */
void cloud_trouble_tamper(struct world *world, const struct item *item, int64_t server_id);
enum tampering {
	TAMPERING,           /* this */
	TAMPERING_COPIES,    /* a second server gets its labels */
	TAMPERING_SETS_BACK, /* its label says that it expired long ago */
};
enum tampering cloud_trouble_tampering(const struct item *item);
bool cloud_trouble_takes_away(const struct item *item); /* the product can't end that server any more */

/* Gives the server of that id the labels of the view, with this expiry. */
void cloud_trouble_relabel(struct world *world, const struct server_view *server, int64_t expires);
/* The name too, and it can be deleted again. */
void cloud_trouble_amend(struct world *world, const struct server_view *server, int64_t expires);
#endif
