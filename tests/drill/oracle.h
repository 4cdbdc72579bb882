#ifndef DRILL_ORACLE_H
#define DRILL_ORACLE_H
/*
 * Who sees everything: the true time, every server and every bill, the state as it is
 * on the disk. It knows what was promised to whom, and says which promise (P1 to P8,
 * docs/promises.md) was broken, the moment that it is. It never looks at the product's memory.
 */
#include <stdbool.h>
#include <stdint.h>

#include "world.h"

struct child_order;

struct oracle *oracle_new(struct world *world);
void oracle_free(struct oracle *oracle);

/* The first violation, or NULL. */
const char *oracle_verdict(const struct oracle *oracle);
void oracle_violated(struct oracle *oracle, const char *promise, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Looks at the state: after a process ended, and whenever something irrevocable is asked for. */
void oracle_looks(struct oracle *oracle);

void oracle_sees_start(struct oracle *oracle, const struct child_order *order);
void oracle_sees_request(struct oracle *oracle, const char *method, const char *path, const char *bearer,
			 const char *body);
void oracle_sees_answer(struct oracle *oracle, const char *method, const char *path, int status);
/* What was held back is done now. */
void oracle_sees_late(struct oracle *oracle, const char *method, const char *path);
/* Something that was asked for earlier was done just now. */
void oracle_sees_effect(struct oracle *oracle);

/* A process of that name ended. */
void oracle_sees_end(struct oracle *oracle, const char *process);
/* A request will have its effect later than others that are sent after it. */
void oracle_sees_held_back(struct oracle *oracle, const char *method, const char *path);

/* Somebody laid hands on the server of this one behind our back: what then can't be done is no fault. */
void oracle_excuses(struct oracle *oracle, const char *instance);
bool oracle_has_record(const struct oracle *oracle, const char *instance); /* at the last look */
/* Machines that the state knows and does not end, as it is now. */
size_t oracle_claims(struct oracle *oracle);
/* What was seen and never said to be done may be gone. */
void oracle_sees_power_cut(struct oracle *oracle);
/* The user was told: the machine, and all that was paid so far. */
void oracle_hears_success(struct oracle *oracle, const char *instance);

/* `extend` came back with success for this payment. */
void oracle_expects_payment(struct oracle *oracle, const char *instance, const char *reference);
/* All that is not ours must stay as it is now. */
void oracle_remembers_strangers(struct oracle *oracle);

/* Everybody's time is over and every trouble too: what must be gone is gone, what was not ours is untouched. */
void oracle_judges_the_end(struct oracle *oracle);

/* Before a sweep with nothing wrong anywhere, and after it: what was plainly due must be gone, whatever
 * else could not be done (P8). */
void oracle_notes_what_is_due(struct oracle *oracle);
void oracle_judges_the_sweep(struct oracle *oracle);

/* When the last paid time is over, in ms; 0: nobody's. */
int64_t oracle_last_promise(const struct oracle *oracle);
/* Instances that lived, and their paid seconds (for the sum of what was drilled). */
void oracle_counts(const struct oracle *oracle, uint64_t *ret_instances, uint64_t *ret_seconds);
#endif
