#ifndef AUDIT_AUDIT_H
#define AUDIT_AUDIT_H
/*
 * fsck without hands: what is recorded against what is observed, as findings. Pure: no I/O,
 * no clock, no printing.
 *
 * Other processes go on while somebody looks, so the state is read twice, before and
 * after all else. What is only in one of the readings is in the middle of being done, and no
 * finding.
 */
#include "audit/finding.h"
#include "audit/observed.h"
#include "audit/past.h"
#include "instance/record.h"

struct audit_input { /* all borrowed */
	const char *fleet;
	int64_t anchor, ssh_key;   /* as registered; 0: never */
	const char *ssh_key_print; /* MD5 fingerprint of that key, or "" */
	int64_t isolation;         /* the firewall that cuts machines off; 0: not known */
	int64_t now;
	const struct record *earlier; /* the state before the look, */
	size_t earlier_count;
	const struct record *records; /* and after it */
	size_t record_count;
	int64_t commit;          /* the number of the state after it */
	const struct past *past; /* read between the two */
	const struct observed *observed;
};

/* What lacks this fleet's label: counted, and nothing else. */
struct foreign {
	size_t servers, primary_ips, ssh_keys, firewalls, snapshots;
};

/* Appends to *ret; the worst are not first: they come in the order of the table of kinds. */
void audit_compare(const struct audit_input *input, struct findings *ret, struct foreign *ret_foreign);

/* The operator's key was seen by recorded id and fleet label, or a server with the id, name, labels and
 * nonce of a record: so the token is of this fleet's project, also when the anchor is gone. */
bool audit_proves_project(const struct audit_input *input);

/* The number of the state, read after the history, against that: true, with the only finding that can be made then,
 * when it is an old copy. What its records say is of another time, and whatever was found by it might be false. */
bool audit_is_stale(const char *fleet, int64_t commit, const struct past *past, struct findings *ret);

/* Records in themselves and against each other; and against the history, where the two readings are the state before
 * and after that was read. They need nothing of Hetzner, so `health` asks them too. */
void audit_records(const struct record *records, size_t count, struct findings *ret);
void audit_history(const char *fleet, const struct record *earlier, size_t earlier_count, const struct record *records,
		   size_t count, const struct past *past, struct findings *ret);

/* Which files of the operator's key are missing and what mends that, as one sentence of advice; NULL: none is. */
const char *audit_operator_advice(bool private_half, bool public_half);

/* Below keys/ is another key than the registered one (MD5 fingerprints; one that is not known differs from none). */
bool audit_operator_differs(const char *print, const char *registered);
/* What is so then, and what a person can do. */
#define AUDIT_OPERATOR_DIFFERS "keys/operator.pub is MD5:%s, and registered is MD5:%s"
extern const char audit_operator_choice[];

const struct record *audit_find(const struct record *records, size_t count, const char *id); /* or NULL */
#endif
