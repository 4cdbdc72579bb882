#ifndef DRILL_EVIDENCE_H
#define DRILL_EVIDENCE_H
/*
 * What must be found in the end, and what must not: the history tells of every server that
 * was ever made for us who had its address, and no secret lies where it does not belong (P5).
 */
#include "cloud_view.h"

struct evidence;

struct evidence *evidence_new(struct world *world);
void evidence_free(struct evidence *evidence);

/* A server that is ours: it is remembered, and its user data looked at, once. */
void evidence_sees_server(struct evidence *evidence, const struct server_view *server);

/* The machine is its user's from now on: it has the host key that was ordered (P6), and no private half of
 * a host key stays here (P5). */
void evidence_sees_handover(struct evidence *evidence, const char *id, int64_t server_id, const char *host_key);

/* Instance `id` is none of the product's any more: no history is asked for. */
void evidence_excuses(struct evidence *evidence, const char *id);
/* The history was lost: what it told of the servers made so far nobody can ask of it. */
void evidence_forgives(struct evidence *evidence);
/* But this one it tells again. */
void evidence_expects(struct evidence *evidence, const char *id, int64_t server_id);

void evidence_is_judged(struct evidence *evidence);
#endif
