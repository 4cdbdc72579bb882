#ifndef DRILL_ORACLE_LOSS_H
#define DRILL_ORACLE_LOSS_H
/*
 * What the oracle holds the product to after records were lost: a fleet that is taken over
 * has its machines in records again, ends none without the operator's word, and nobody's
 * paid time is shorter than the labels said when the records went.
 */
#include <jansson.h>

#include "oracle.h"

struct known;
struct record;
struct server_view;

/* --- what happened ------------------------------------------------------------------------ */

/* The state is gone, and with `history` what would bring it back. */
void oracle_sees_loss(struct oracle *oracle, bool history);
void oracle_sees_record_lost(struct oracle *oracle, const char *id);
/* An old copy lies there as the state: nobody writes on it. */
void oracle_sees_old_state(struct oracle *oracle);
bool oracle_state_is_old(const struct oracle *oracle);
/* And it was taken away: the history has all that it lacked. */
void oracle_sees_old_state_away(struct oracle *oracle);
/* The history beside it is as old: what was paid since only the labels say. */
void oracle_sees_old_copies(struct oracle *oracle);
void oracle_sees_operator_key_lost(struct oracle *oracle);
/* The fleet's firewall was taken off all servers. */
void oracle_sees_firewall_lost(struct oracle *oracle);
/* Somebody set the expiry in its server's label. */
void oracle_sees_label_changed(struct oracle *oracle, const char *id);
/* A server of an instance that had ended was asked for, with its name and labels; it may come later. */
void oracle_sees_late_server(struct oracle *oracle, const char *id);
/* The server is as it should be again: what was excused is expected. */
void oracle_excuses_no_more(struct oracle *oracle, const char *id);

/* --- what is remembered when the state knows nothing ----------------------------------------- */

bool oracle_knows_records(const struct oracle *oracle); /* at the last look there were some */
const char *oracle_fleet(const struct oracle *oracle);
void oracle_tells_users(const struct oracle *oracle, void (*each)(void *data, const char *id, const char *email),
			void *data);
/* Of instances that ended with nothing left. */
void oracle_tells_ended(const struct oracle *oracle, void (*each)(void *data, const char *id), void *data);

struct forgotten {
	char id[8], name[16], nonce[64];
};
/* One of those for which a server was asked, rather one that never had any as far as anybody knows. False: there is
 * none. */
bool oracle_finds_forgotten(const struct oracle *oracle, struct forgotten *ret);

/* --- what must be so ---------------------------------------------------------------------------- */

/* `fsck --fix` was done with nothing wrong anywhere: each server of ours has its record again; with `folders`
 * each folder of the state directory has one too. */
void oracle_judges_the_taking_over(struct oracle *oracle, bool folders);
/* The end of all was asked for, and there was time: nothing is left. */
void oracle_judges_all_gone(struct oracle *oracle);
/* When the next of them does after now, in ms; 0: none will. */
int64_t oracle_next_expiry(const struct oracle *oracle);
/* When the last of the records expires, in ms; 0: none does. */
int64_t oracle_last_expiry(const struct oracle *oracle);

/* --- for the other parts of the oracle ----------------------------------------------------------- */

/* Called with each record that is new or changed, before its times are learned. */
void oracle_loss_learns(struct oracle *oracle, struct known *known, const struct record *record);
/* It has a record, or a server says that it is of this instance: then its files may still be wanted. */
bool oracle_may_have_files(const struct oracle *oracle, const char *id);
/* False: the state that lies there is an old copy, of which nothing is learned. */
bool oracle_loss_learns_from(struct oracle *oracle, const json_t *state);
/* Its record is missing through no fault of the product's. */
bool oracle_loss_excuses(const struct known *known);
/* After a power cut: what had come back may be lost again. */
void oracle_loss_falls_back(struct oracle *oracle);
/* False: a delete of it must not be, or is to be judged no further. */
bool oracle_loss_allows_delete(struct oracle *oracle, const struct known *known);
#endif
