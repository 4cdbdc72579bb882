#ifndef AUDIT_PAST_H
#define AUDIT_PAST_H
/*
 * What the history tells, added up: every instance that ever was, with its record as its
 * lines leave it. Ids come again after years, so one id may have several lives; a record
 * that was put back (the same nonce) goes on with its old one.
 */
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "instance/history_line.h"
#include "instance/record.h"

struct life {
	char instance[INSTANCE_ID_SIZE];
	json_t *facts;      /* members of the record, but for its revision */
	int64_t revision;   /* of the newest line */
	int64_t began_at;   /* time of the first line, */
	int64_t changed_at; /* and of the newest */
	int64_t sent_at;    /* when a server was asked for first; 0: never */
	bool ended;         /* the record left the state */
};

struct past {
	struct life *lives; /* in the order in which they began */
	size_t count;
	json_t *by_instance, *by_nonce; /* where in `lives` the newest is */
	int64_t commit;                 /* the newest of the state that it tells of; 0: none tells its number */
};

#define PAST_INIT { NULL, 0, NULL, NULL, 0 }

/* Takes the next line; lines come oldest first. `data` is a struct past *: it fits store_history(). */
void past_add(void *data, const struct history_line *line);
void past_release(struct past *past);

int64_t past_began_at(const struct past *past); /* what was before is not known; 0 when there are no lines */
const struct life *past_find_instance(const struct past *past, const char *instance); /* its newest life, or NULL */
const struct life *past_find_nonce(const struct past *past, const char *nonce);       /* the newest, or NULL */

const char *life_string(const struct life *life, const char *member); /* "" when missing */
int64_t life_integer(const struct life *life, const char *member);    /* 0 when missing */
int64_t life_time(const struct life *life, const char *member);       /* 0 when missing */

/* It did not end, and more is known of it than its request: one of which nothing but its own line is known was
 * never admitted, or asked for nothing yet. */
bool life_is_open(const struct life *life);

/* The record as the history knows it, with its revision; the caller releases it. */
int life_record(const struct life *life, struct record *ret, struct error *err);
#endif
